import { readQuantileName, type StreamLimits } from '../../contract/objective/capacity-objective.ts';
import type { TokenCounts } from '../../evidence/kinds/capacity/capacity-measurements.ts';
import { interTokenMs, type StreamedAnswer } from './streamed-answer.ts';

/** Returns whether a quantile is of token streams, and not of whole answers. */
export const isOfStreams = (name: string): boolean => (readQuantileName(name)?.part ?? 'latency') !== 'latency';

/**
 * Returns what the quantile of this name is taken of, in increasing order: one value for each request, `Infinity` for one that failed;
 * null where nothing was streamed. Of `goodput` it is how many times its limits an answer took, at its worst: 1 is just inside.
 * Worked: a first token after 150 ms of 300, and 44 ms between tokens of 40: 1.1, and the answer is not good.
 */
export function streamValues(
  name: string,
  streamed: readonly StreamedAnswer[] | null,
  failed: number,
): Float64Array | null {
  const read = readQuantileName(name);
  if (read === null || streamed === null) return null;
  const values = streamed.map((answer) => {
    switch (read.part) {
      case 'latency':
        return answer.lastTokenMs;
      case 'ttft':
        return answer.ttftMs;
      case 'interToken':
        return interTokenMs(answer);
      case 'goodput':
        return worstShare(answer, read.limits);
    }
  });
  return Float64Array.from([...values, ...Array.from({ length: failed }, () => Infinity)]).sort();
}

function worstShare(answer: StreamedAnswer, { latencyMs, ttftMs, interTokenMs: betweenMs }: StreamLimits): number {
  return Math.max(
    answer.lastTokenMs / (latencyMs ?? Infinity),
    answer.ttftMs / (ttftMs ?? Infinity),
    interTokenMs(answer) / (betweenMs ?? Infinity),
  );
}

/** Returns the tokens of the answers together; a count that one of them lacks is not known of all. */
export function countTokens(streamed: readonly StreamedAnswer[]): TokenCounts {
  const sumOf = (counts: readonly (number | null)[]): number | null =>
    counts.reduce(
      (sum, count) => (sum === null || count === null ? null : sum + count),
      counts.length === 0 ? null : 0,
    );
  return {
    in: sumOf(streamed.map(({ tokensIn }) => tokensIn)),
    out: streamed.reduce((sum, { tokensOut }) => sum + tokensOut, 0),
    cached: sumOf(streamed.map(({ cachedTokens }) => cachedTokens)),
  };
}
