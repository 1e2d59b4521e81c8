import type { ControlFeature, FeatureValue } from '../detectors/control-learners.ts';
import type { DecodedExchange, NamedValue } from './exchange.ts';
import { category, type ReadFeature } from './feature-list.ts';
import { readNumbers } from './number-features.ts';
import { shortName } from './short-name.ts';
import { readText } from './text-features.ts';

/** What one exchange says. */
export interface FeatureRow {
  readonly values: Readonly<Record<string, FeatureValue>>;
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
  const found: FoundFeatures = { values: beginValues(), features: [statusFeature], count: 1 };
  found.values[statusFeature.name] = String(status);
  const taken = new Set<string>();
  for (const value of inputs) {
    taken.add(value.name);
    addFeatures(found, value.name, readValue(value, false));
  }
  for (const value of outputs) {
    const group = taken.has(value.name) ? `${value.name} (output)` : value.name;
    addFeatures(found, group, readValue(value, true));
  }
  const { values, features, count } = found;
  const cut =
    count > features.length ? `${count} features; only the first ${mostFeatures} in order of tensors are read` : null;
  return { values, features, cut };
}

interface FoundFeatures {
  readonly values: Record<string, FeatureValue>;
  readonly features: ControlFeature[];
  count: number;
}

/** Without a prototype, so that a feature may have any name. */
const beginValues = (): Record<string, FeatureValue> => Object.create(null) as Record<string, FeatureValue>;

function addFeatures(to: FoundFeatures, longGroup: string, read: readonly ReadFeature[]): void {
  const group = shortName(longGroup);
  for (const { suffix, kind, value } of read) {
    const feature = nameFeature(group, suffix, kind);
    if (feature.name in to.values) continue;
    to.count += 1;
    if (to.features.length >= mostFeatures) continue;
    to.features.push(feature);
    to.values[feature.name] = typeof value === 'string' ? shortName(value) : value;
  }
}

/**
 * One object for each feature, however many rows have it: joining and hashing names cost more than reading the numbers. A
 * client that sends ever new names empties the table, and learns nothing by it.
 */
const knownFeatures = new Map<string, Map<string, ControlFeature>>();
const mostKnown = 4_096;
let knownCount = 0;

function nameFeature(group: string, suffix: string, kind: ControlFeature['kind']): ControlFeature {
  const found = knownFeatures.get(group)?.get(suffix);
  if (found?.kind === kind) return found;
  if (knownCount >= mostKnown) {
    knownFeatures.clear();
    knownCount = 0;
  }
  const feature: ControlFeature = { name: `${group}${suffix}`, group, kind };
  const ofGroup = knownFeatures.get(group) ?? new Map<string, ControlFeature>();
  knownFeatures.set(group, ofGroup.set(suffix, feature));
  knownCount += 1;
  return feature;
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
