import {
  meanSizes,
  mixDimensions,
  quantileOfMix,
  type MixSummary,
  type RequestSizes,
} from '../../evidence/kinds/capacity/request-mix.ts';

/** One closed loop to run for the surface. */
export interface PlannedPoint {
  readonly sizes: RequestSizes;
  readonly concurrency: number;
}

const smallShare = 0.1;
const largeShare = 0.95;

/**
 * Returns the points that the surface of a mix is measured at: the mean sizes, and each dimension once small (its 10% quantile) and
 * once large (its 95% quantile) while the others stay, alone and with so many under way. A dimension that never varies has no
 * points of its own: nothing can be told of it.
 */
export function planSurface(summary: MixSummary, concurrency: number): readonly PlannedPoint[] {
  const centre = whole(meanSizes(summary));
  const designs = [centre];
  for (const name of mixDimensions) {
    const [small, large] = [quantileOfMix(summary[name], smallShare), quantileOfMix(summary[name], largeShare)];
    if (!(small < large)) continue;
    for (const size of [small, large]) {
      if (size !== centre[name]) designs.push(whole({ ...centre, [name]: size }));
    }
  }
  const levels = concurrency > 1 ? [1, concurrency] : [1];
  return designs.flatMap((sizes) => levels.map((level) => ({ sizes, concurrency: level })));
}

const whole = (sizes: RequestSizes): RequestSizes =>
  Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, Math.max(1, Math.round(size))]));
