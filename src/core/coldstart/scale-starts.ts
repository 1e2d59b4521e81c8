import type { StartDistribution } from './start-distribution.ts';

/** Starts that take `factor` times as long, and fail as often. Factor above 0. */
export function scaleStarts(starts: StartDistribution, factor: number): StartDistribution {
  return { ...starts, timesMs: starts.timesMs.map((timeMs) => timeMs * factor) };
}
