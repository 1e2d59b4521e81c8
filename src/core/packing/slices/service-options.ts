import type { MigBoard, MigProfile } from '../../hardware/tables/mig-profiles.ts';
import { countComputeSlices, isNestedChain, listLayouts, type GpuLayout } from './layouts.ts';
import type { OperatingPoint, SlicedService } from './operating-points.ts';

/** What one service can use, as whole numbers: rates are millionths of a request per second, so that sums are exact. */
export interface ServiceOptions {
  readonly id: string;
  readonly rateMillionths: number;
  /** What one instance of each profile carries inside the objective; 0 where it has no point inside. */
  readonly carriedMillionths: readonly number[];
  /** The point that carries it; null where there is none. */
  readonly points: readonly (OperatingPoint | null)[];
}

/** The question in whole numbers: profiles from the smallest to the largest, layouts of a GPU, and what services can use. */
export interface SliceChoice {
  readonly profiles: readonly MigProfile[];
  /** Compute slices of one instance of each profile. */
  readonly computeSlices: readonly number[];
  /** Whether a smaller instance fits wherever a larger one stands. */
  readonly nested: boolean;
  readonly layouts: readonly GpuLayout[];
  readonly services: readonly ServiceOptions[];
}

/**
 * Returns the question in whole numbers. Of the points of a profile inside the objective only the one with the highest
 * throughput counts: all of them take the same room. Of equal ones the point with the lowest latency counts.
 * @param services without problems (`findSliceProblems`)
 */
export function makeSliceChoice(services: readonly SlicedService[], board: MigBoard): SliceChoice {
  const inside = services.map((service) => findBestPoints(service));
  const profiles = board.profiles
    .filter(({ profile }) => inside.some((best) => best.has(profile)))
    .sort((a, b) => a.size - b.size || countComputeSlices(a) - countComputeSlices(b));
  return {
    profiles,
    computeSlices: profiles.map(countComputeSlices),
    nested: isNestedChain(profiles),
    layouts: listLayouts(board, profiles),
    services: services.map(({ id, ratePerSecond }, index) => {
      const points = profiles.map(({ profile }) => inside[index]?.get(profile) ?? null);
      return {
        id,
        rateMillionths: inMillionths(ratePerSecond),
        carriedMillionths: points.map((point) => (point === null ? 0 : inMillionths(point.throughputPerSecond))),
        points,
      };
    }),
  };
}

const inMillionths = (perSecond: number): number => Math.round(perSecond * 1e6);

function findBestPoints({ points, latencyMs }: SlicedService): ReadonlyMap<string, OperatingPoint> {
  const best = new Map<string, OperatingPoint>();
  for (const point of points) {
    if (point.latencyMs > latencyMs) continue;
    const other = best.get(point.profile);
    if (other === undefined || isBetter(point, other)) best.set(point.profile, point);
  }
  return best;
}

const isBetter = (point: OperatingPoint, other: OperatingPoint): boolean =>
  point.throughputPerSecond !== other.throughputPerSecond
    ? point.throughputPerSecond > other.throughputPerSecond
    : point.latencyMs < other.latencyMs;
