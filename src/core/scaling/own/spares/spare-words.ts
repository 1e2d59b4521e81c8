import type { SpareGround } from './spare-rule.ts';

/** What a decision says of spares. */
export interface ToldSpares {
  /** Parts of the sentence for people. */
  readonly words: readonly string[];
  readonly terms: Readonly<Record<string, number>>;
}

/**
 * Returns what a decision says of spares; nothing where it planned with none.
 *
 * | free | left to them | says |
 * |---|---|---|
 * | 2 | 1 | `1 left to spares, which start in 5 s` |
 * | 2 | 0 | `2 spares free: the next starts take 5 s` |
 * | 0 | - | `no spare free: starts take 40 s` |
 *
 * @param longMs start without a spare, milliseconds
 */
export function describeSpares(spares: SpareGround | null, left: number, longMs: number): ToldSpares {
  if (spares === null) return { words: [], terms: {} };
  const seconds = (timeMs: number): string => `${Math.round(timeMs / 1_000)} s`;
  const { free, found, startMs } = spares;
  const starts = free === 1 ? 'start takes' : 'starts take';
  const words =
    left > 0
      ? `${left} left to spares, which start in ${seconds(startMs)}`
      : free > 0
        ? `${free} ${free === 1 ? 'spare' : 'spares'} free: the next ${starts} ${seconds(startMs)}`
        : `no spare free: starts take ${seconds(longMs)}`;
  return {
    words: [words],
    terms: { sparesFree: free, sparesFound: found, spareStartMs: startMs, leftToSpares: left },
  };
}
