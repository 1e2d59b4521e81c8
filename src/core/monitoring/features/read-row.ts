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
export function readRow(exchange: DecodedExchange): FeatureRow {
  const values = new Map<string, FeatureValue>([[statusFeature.name, String(exchange.status)]]);
  const features: ControlFeature[] = [statusFeature];
  let found = 1;
  for (const { group, read } of groupsOf(exchange)) {
    for (const { suffix, kind, value } of read) {
      const name = `${group}${suffix}`;
      if (values.has(name)) continue;
      found += 1;
      if (features.length >= mostFeatures) continue;
      features.push({ name, group, kind });
      values.set(name, typeof value === 'string' ? shortName(value) : value);
    }
  }
  const cut =
    found > features.length ? `${found} features; only the first ${mostFeatures} in order of tensors are read` : null;
  return { values: Object.fromEntries(values), features, cut };
}

interface FeatureGroup {
  readonly group: string;
  readonly read: readonly ReadFeature[];
}

function* groupsOf({ inputs, outputs }: DecodedExchange): Generator<FeatureGroup> {
  const taken = new Set<string>(inputs.map(({ name }) => name));
  for (const value of inputs) yield { group: shortName(value.name), read: readValue(value, false) };
  for (const value of outputs) {
    const name = taken.has(value.name) ? `${value.name} (output)` : value.name;
    yield { group: shortName(name), read: readValue(value, true) };
  }
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
