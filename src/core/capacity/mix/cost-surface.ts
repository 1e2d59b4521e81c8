import {
  meanSizes,
  mixDimensions,
  type MixDimension,
  type MixSummary,
  type RequestSizes,
  type SurfacePoint,
} from '../../evidence/kinds/capacity/request-mix.ts';
import { fitNonNegative } from '../../statistics/fitting/non-negative-least-squares.ts';

/** What one thing costs: alone in each request, and once for all requests that are under way together. */
interface Cost {
  readonly eachMs: number;
  readonly sharedMs: number;
}

/**
 * What a request costs a replica, in milliseconds of the replica's time, with so many requests c under way:
 *
 * `each + shared / c + sum over dimensions of size * (each + shared / c)`
 *
 * The shared part is the overhead of a batch, or the weights that are read once for all sequences of a step.
 */
export interface CostSurface {
  readonly request: Cost;
  /** Of the dimensions that vary over the points: of others nothing can be told, and their cost is in that of the request. */
  readonly units: Readonly<Partial<Record<MixDimension, Cost>>>;
  /** Mean and largest relative error of a point that was foretold from all other points. Null with too few points. */
  readonly errorShare: number | null;
  readonly worstErrorShare: number | null;
  readonly points: number;
}

/** A point that is left out can be foretold only where the others decide every coefficient. */
const pointsForError = 3;

/**
 * Returns the surface through the points: non-negative least squares of relative errors; null of fewer than two points.
 * Its error is told by leaving out one point after the other.
 */
export function fitCostSurface(points: readonly SurfacePoint[]): CostSurface | null {
  if (points.length < 2) return null;
  const dimensions = mixDimensions.filter((name) => new Set(points.map(({ sizes }) => sizes[name])).size > 1);
  const errors = points.length < pointsForError ? [] : leftOutErrors(points, dimensions);
  const { request, units } = fit(points, dimensions);
  return {
    request,
    units,
    errorShare: errors.length === 0 ? null : errors.reduce((sum, each) => sum + each, 0) / errors.length,
    worstErrorShare: errors.length === 0 ? null : Math.max(...errors),
    points: points.length,
  };
}

/** Returns milliseconds of a replica's time for a request of these sizes, with so many under way. */
export function costMs(
  { request, units }: Pick<CostSurface, 'request' | 'units'>,
  sizes: RequestSizes,
  concurrency: number,
): number {
  const at = ({ eachMs, sharedMs }: Cost): number => eachMs + sharedMs / concurrency;
  return mixDimensions.reduce((sum, name) => {
    const unit = units[name];
    return unit === undefined ? sum : sum + (sizes[name] ?? 0) * at(unit);
  }, at(request));
}

/**
 * Returns what a request of one mix costs over what a request of another costs, with so many under way. The surface is
 * linear, so that the mean cost is the cost of the mean sizes. Worked: 10 ms and 1 ms a token; 40 tokens against 20 are 50 over
 * 30, and a replica sustains about 0.6 of the rate.
 */
export function costRatio(
  surface: Pick<CostSurface, 'request' | 'units'>,
  { of, over, concurrency }: { readonly of: MixSummary; readonly over: MixSummary; readonly concurrency: number },
): number {
  return costMs(surface, meanSizes(of), concurrency) / costMs(surface, meanSizes(over), concurrency);
}

function leftOutErrors(points: readonly SurfacePoint[], dimensions: readonly MixDimension[]): readonly number[] {
  return points.map((point, at) => {
    const surface = fit(points.toSpliced(at, 1), dimensions);
    const measuredMs = 1_000 / point.perSecond;
    return Math.abs(costMs(surface, point.sizes, point.concurrency) - measuredMs) / measuredMs;
  });
}

function fit(
  points: readonly SurfacePoint[],
  dimensions: readonly MixDimension[],
): Pick<CostSurface, 'request' | 'units'> {
  // Each row is divided by what was measured, so that a slow point counts no more than a fast one.
  const rows = points.map(({ sizes, concurrency, perSecond }) =>
    [1, ...dimensions.map((name) => sizes[name] ?? 0)].flatMap((size) => [
      (size * perSecond) / 1_000,
      (size * perSecond) / 1_000 / concurrency,
    ]),
  );
  const { coefficients } = fitNonNegative(
    rows,
    points.map(() => 1),
  );
  const cost = (at: number): Cost => ({ eachMs: coefficients[2 * at] ?? 0, sharedMs: coefficients[2 * at + 1] ?? 0 });
  return { request: cost(0), units: Object.fromEntries(dimensions.map((name, at) => [name, cost(at + 1)])) };
}
