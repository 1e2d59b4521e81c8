import { mixDimensions, type RequestSizes } from '../../evidence/kinds/capacity/request-mix.ts';
import { seededRandom, type Random } from '../../statistics/random.ts';
import type { WrittenMix } from './read-mix-text.ts';
import { sizeAtShare } from './size-distribution.ts';

/** Requests that a mix is made of: enough for its 99% quantile. */
export const mixRequests = 1_024;
const seed = 1;

/**
 * Returns the sizes of so many requests of a written mix, whole numbers from 1 on: the quantiles of each dimension at evenly
 * spaced shares, in a random order that is always the same. So the mean and the quantiles are those of the text, without the
 * noise of drawing.
 */
export function drawMix(mix: WrittenMix, requests = mixRequests): readonly RequestSizes[] {
  const random = seededRandom(seed);
  const drawn: Partial<Record<keyof RequestSizes, number>>[] = Array.from({ length: requests }, () => ({}));
  for (const dimension of mixDimensions) {
    const distribution = mix[dimension];
    if (distribution === undefined) continue;
    const sizes = Array.from({ length: requests }, (_, at) => sizeAtShare(distribution, (at + 0.5) / requests));
    shuffle(sizes, random);
    for (const [at, request] of drawn.entries()) request[dimension] = Math.max(1, Math.round(sizes[at] ?? NaN));
  }
  return drawn;
}

/** Returns so many of the recorded requests, evenly spaced over all of them and in their order; all where there are fewer. */
export function thinRequests(recorded: readonly RequestSizes[], requests = mixRequests): readonly RequestSizes[] {
  if (recorded.length <= requests) return recorded;
  return Array.from({ length: requests }, (_, at) => {
    const found = recorded[Math.floor(((at + 0.5) * recorded.length) / requests)];
    if (found === undefined) throw new RangeError('a place among the recorded requests');
    return found;
  });
}

/** Fisher and Yates, in place. */
function shuffle(values: number[], random: Random): void {
  for (let at = values.length - 1; at > 0; at -= 1) {
    const other = random.nextBelow(at + 1);
    const kept = values[at] ?? NaN;
    values[at] = values[other] ?? NaN;
    values[other] = kept;
  }
}
