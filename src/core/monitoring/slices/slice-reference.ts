import type { ControlFeature } from '../detectors/control-learners.ts';
import { collectReference, type ReferenceCollector, type ReferenceSlice } from '../features/reference.ts';
import type { FeatureRow } from '../features/read-row.ts';
import { pickFollowed } from './slice-state.ts';

/** Values of a feature that are gathered, and those of which a reference has rows: the most common. */
const gatheredAtMost = 64;
const keptAtMost = 16;

/** Gathers evaluated rows by the values of features, so that slices of live rows have a reference. */
export function collectSlices(by: readonly string[]): {
  add(row: FeatureRow): void;
  slices(): readonly ReferenceSlice[];
} {
  const gathered = by.map((name) => ({ name, values: new Map<string, Gathered>() }));
  let followed: readonly ControlFeature[] | null = null;
  return {
    add(row) {
      followed ??= pickFollowed(row.features, by);
      for (const { name, values } of gathered) {
        const value = Object.hasOwn(row.values, name) ? row.values[name] : null;
        if (typeof value !== 'string' || (!values.has(value) && values.size >= gatheredAtMost)) continue;
        const found = values.get(value) ?? { rows: 0, collector: collectReference() };
        values.set(value, found);
        found.rows += 1;
        found.collector.add({ ...row, features: followed });
      }
    },
    slices: () => gathered.flatMap(({ name, values }) => mostCommon(values).map((value) => sliceOf(name, ...value))),
  };
}

interface Gathered {
  rows: number;
  readonly collector: ReferenceCollector;
}

const mostCommon = (values: ReadonlyMap<string, Gathered>): readonly (readonly [string, Gathered])[] =>
  [...values].sort(([a, x], [b, y]) => y.rows - x.rows || (a < b ? -1 : 1)).slice(0, keptAtMost);

function sliceOf(by: string, value: string, { rows, collector }: Gathered): ReferenceSlice {
  const { features } = collector.summary(rows);
  return { by, value, rows, features };
}
