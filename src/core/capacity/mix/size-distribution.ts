import { normalQuantile } from '../../statistics/distributions/normal.ts';

/**
 * How the size of requests is spread in one dimension.
 *
 * | written | requests |
 * |---|---|
 * | `512` | all of this size |
 * | `uniform(1,64)` | evenly from one to the other |
 * | `exp(300)` | exponential, with this mean |
 * | `lognormal(512,0.8)` | lognormal, with this mean and this standard deviation over the mean |
 * | `choice(64:0.7,512:0.3)` | these sizes, with these shares |
 */
export type SizeDistribution =
  | { readonly kind: 'constant'; readonly size: number }
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  | { readonly kind: 'lognormal'; readonly mean: number; readonly variation: number }
  /** Shares sum to 1; sizes increase. */
  | { readonly kind: 'choice'; readonly sizes: readonly { readonly size: number; readonly share: number }[] };

/** Returns the size that this share of the requests does not exceed, for a share in (0, 1). */
export function sizeAtShare(distribution: SizeDistribution, share: number): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.size;
    case 'uniform':
      return distribution.from + share * (distribution.to - distribution.from);
    case 'exponential':
      return -Math.log1p(-share) * distribution.mean;
    case 'lognormal': {
      // The mean is exp(mu + sigma^2 / 2), and the variation squared is exp(sigma^2) - 1.
      const variance = Math.log1p(distribution.variation ** 2);
      const mu = Math.log(distribution.mean) - variance / 2;
      return Math.exp(mu + Math.sqrt(variance) * normalQuantile(share));
    }
    case 'choice': {
      let sum = 0;
      for (const { size, share: each } of distribution.sizes) {
        sum += each;
        if (share <= sum) return size;
      }
      return distribution.sizes.at(-1)?.size ?? NaN;
    }
  }
}
