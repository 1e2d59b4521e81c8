import type { ComparisonMeasurement, MetricMeasurement } from './measurements.ts';

/** Hits among the rows that count (2: does not count). */
export function proportionOf(hits: Uint8Array): NonNullable<MetricMeasurement['proportion']> {
  let successes = 0;
  let rows = 0;
  for (const hit of hits) {
    if (hit === 2) continue;
    rows += 1;
    successes += hit;
  }
  return { successes, rows };
}

export function pairedCounts(
  candidate: Uint8Array,
  baseline: Uint8Array,
): NonNullable<ComparisonMeasurement['paired']> {
  const counts = [0, 0, 0, 0];
  candidate.forEach((hit, row) => {
    const other = baseline[row] as number;
    if (hit !== 2 && other !== 2) (counts[2 * hit + other] as number) += 1;
  });
  const [neither = 0, onlyBaseline = 0, onlyCandidate = 0, both = 0] = counts;
  return { both, onlyCandidate, onlyBaseline, neither };
}
