import type { Random } from '../../../statistics/random.ts';

/**
 * What requests take (`Arrival.workMs`): always the mean; exponential; or lognormal, whose standard deviation is
 * `variation` times the mean. Heavy tails of real requests are lognormal with a variation of 1 to 3.
 */
export type RequestSize =
  | { readonly kind: 'constant'; readonly mean: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  | { readonly kind: 'lognormal'; readonly mean: number; readonly variation: number };

export function makeSizeDrawer(size: RequestSize, random: Random): () => number {
  switch (size.kind) {
    case 'constant':
      return () => size.mean;
    case 'exponential':
      return () => drawExponential(random, size.mean);
    case 'lognormal': {
      // E = exp(mu + sigma^2 / 2), and the variation squared is exp(sigma^2) - 1.
      const variance = Math.log(1 + size.variation ** 2);
      const [mu, sigma] = [Math.log(size.mean) - variance / 2, Math.sqrt(variance)];
      return () => Math.exp(mu + sigma * drawNormal(random));
    }
  }
}

export function drawExponential(random: Random, mean: number): number {
  return -Math.log(1 - random.nextShare()) * mean;
}

/** Standard normal by Box and Muller (1958); the second of the pair is not used. */
function drawNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.nextShare()));
  return radius * Math.cos(2 * Math.PI * random.nextShare());
}
