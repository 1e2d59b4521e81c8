import { scaledDown } from '../../apportion.ts';
import type { PlacedFact } from '../record/place-facts.ts';
import type { Span } from '../span.ts';

export type PlacedUse = Extract<PlacedFact, { readonly kind: 'use-measured' }>;

/** A time in which a claim used a device evenly, as far as anybody measured. */
export interface UseSpan extends Span {
  /** Thousandths of one core or one accelerator, rounded down. */
  readonly milli: number;
}

/** More is no machine: what is added up stays exact. */
const milliAtMost = 1_000_000_000;

/**
 * Returns what was measured of one claim on one device, in order and without overlap: where two measurements cover one time, the
 * earlier one stands. Each is spread evenly over its own time.
 */
export function readUses(measured: readonly PlacedUse[]): readonly UseSpan[] {
  const spans: UseSpan[] = [];
  const inOrder = measured.toSorted((a, b) => a.fromMs - b.fromMs || a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  for (const { fromMs, atMs, usedMs } of inOrder) {
    if (fromMs >= atMs) continue;
    const begin = Math.max(fromMs, spans.at(-1)?.toMs ?? fromMs);
    if (begin >= atMs) continue;
    const milli = Math.min(milliAtMost, scaledDown(usedMs, 1_000, atMs - fromMs));
    spans.push({ fromMs: begin, toMs: atMs, milli });
  }
  return spans;
}
