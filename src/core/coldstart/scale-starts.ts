import type { StartDistribution } from './start-distribution.ts';

/** The last one of each distribution: a policy asks for the same one each turn. */
const scaled = new WeakMap<StartDistribution, { readonly factor: number; readonly starts: StartDistribution }>();

/** Starts that take `factor` times as long, and fail as often. Factor above 0. */
export function scaleStarts(starts: StartDistribution, factor: number): StartDistribution {
  const known = scaled.get(starts);
  if (known?.factor === factor) return known.starts;
  const made = { ...starts, timesMs: starts.timesMs.map((timeMs) => timeMs * factor) };
  scaled.set(starts, { factor, starts: made });
  return made;
}
