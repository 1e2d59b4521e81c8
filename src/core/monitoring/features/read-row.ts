import type { ControlFeature, FeatureValue } from '../detectors/control-learners.ts';
import type { DecodedExchange, NamedValue } from './exchange.ts';
import { category, type ReadFeature } from './feature-list.ts';
import { readNumbers } from './number-features.ts';
import { shortName } from './short-name.ts';
import { nameValues, type RowValues } from './row-values.ts';
import { readText } from './text-features.ts';

/** What one exchange says. */
export interface FeatureRow extends RowValues {
  readonly features: readonly ControlFeature[];
  /** Why features are missing; null where none is. */
  readonly cut: string | null;
}

export const mostFeatures = 512;

/** The feature of the HTTP status; no reference has it, because an evaluation has no failed rows. */
export const statusFeature: ControlFeature = { name: 'status', group: 'status', kind: 'category' };

/**
 * The first row of an exchange as named features: the input and output tensors are their groups. A number that is NaN or
 * infinite, and a text that is missing, is null. Never throws. Time grows with the size of the row; the answer has at
 * most 512 features.
 */
export function readRow({ inputs, outputs, status }: DecodedExchange): FeatureRow {
  const to: FoundFeatures = { layout: layouts.newest, found: null, suffixes: [], values: [] };
  addFeatures(to, statusFeature.group, [category('', String(status))]);
  const taken = new Set<string>();
  for (const value of inputs) {
    taken.add(value.name);
    addFeatures(to, value.name, readValue(value, false));
  }
  for (const value of outputs) {
    const group = taken.has(value.name) ? `${value.name} (output)` : value.name;
    addFeatures(to, group, readValue(value, true));
  }
  const { features, places, kept, cut } = findLayout(to);
  const cells = kept === null ? to.values : kept.map((at) => to.values[at] ?? null);
  const read = { features, places, cells };
  let values: Record<string, FeatureValue> | null = null;
  return {
    features,
    cut,
    read,
    get values() {
      values ??= nameValues(read);
      return values;
    },
  };
}

/** All that was found, also what is there twice or beyond the most. */
interface FoundFeatures {
  /** What the row is expected to have. */
  readonly layout: Layout | undefined;
  /** Null while the row has what was expected. */
  found: ControlFeature[] | null;
  suffixes: string[];
  readonly values: FeatureValue[];
}

/** Joining and hashing names costs more than reading the numbers: a feature that is where the row before had it is that one. */
function addFeatures(to: FoundFeatures, longGroup: string, read: readonly ReadFeature[]): void {
  const { layout, values } = to;
  const group = shortName(longGroup);
  for (const { suffix, kind, value } of read) {
    const at = values.length;
    const before = layout?.found[at];
    const isSame = before?.kind === kind && before.group === group && layout?.suffixes[at] === suffix;
    if (!isSame && to.found === null) {
      to.found = layout?.found.slice(0, at) ?? [];
      to.suffixes = layout?.suffixes.slice(0, at) ?? [];
    }
    if (to.found !== null) {
      to.found.push(isSame ? before : { name: `${group}${suffix}`, group, kind });
      to.suffixes.push(suffix);
    }
    values.push(typeof value === 'string' ? shortName(value) : value);
  }
}

/** Which features rows of one form have. */
interface Layout {
  /** As they were found, and what stands behind the group in their names. */
  readonly found: readonly ControlFeature[];
  readonly suffixes: readonly string[];
  /** Without those that are there twice, and without those beyond the most. */
  readonly features: readonly ControlFeature[];
  readonly places: ReadonlyMap<string, number>;
  /** Where those that are kept were found; null for all. */
  readonly kept: readonly number[] | null;
  readonly cut: string | null;
}

/** The layout of the newest row: most rows have the form of the row before. */
const layouts: { newest: Layout | undefined } = { newest: undefined };

function findLayout({ layout, found, suffixes, values }: FoundFeatures): Layout {
  if (layout !== undefined && found === null && values.length === layout.found.length) return layout;
  const features = found ?? layout?.found.slice(0, values.length) ?? [];
  const places = new Map<string, number>();
  const kept: number[] = [];
  let count = 0;
  for (const [at, { name }] of features.entries()) {
    if (places.has(name)) continue;
    count += 1;
    if (kept.length >= mostFeatures) continue;
    places.set(name, kept.length);
    kept.push(at);
  }
  const isWhole = kept.length === features.length;
  const cut =
    count > kept.length ? `${count} features; only the first ${mostFeatures} in order of tensors are read` : null;
  layouts.newest = {
    ...{ found: features, suffixes: found === null ? (layout?.suffixes ?? []) : suffixes, places, cut },
    features: isWhole ? features : kept.flatMap((at) => features[at] ?? []),
    kept: isWhole ? null : kept,
  };
  return layouts.newest;
}

function readValue(value: NamedValue, isOutput: boolean): readonly ReadFeature[] {
  switch (value.kind) {
    case 'numbers':
      return readNumbers(value, isOutput);
    case 'texts':
      return readText(value.values[0] ?? null, isOutput);
    case 'category':
      return [category('', value.value)];
  }
}
