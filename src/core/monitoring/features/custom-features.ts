import type { FeatureProgram } from '../../contract/contract.ts';
import type { ControlFeature, FeatureValue } from '../detectors/control-learners.ts';
import type { DecodedExchange, NamedValue } from './exchange.ts';
import { mostFeatures, type FeatureRow } from './read-row.ts';
import { shortName } from './short-name.ts';

/**
 * The group of features that a service computes by programs of its own. A row that lacks such a feature says nothing of it:
 * the program failed, and nobody knows the value. A null is a value that is missing.
 */
export const customGroup = '(custom)';

/** Numbers of one tensor that a program is given; a larger tensor is null. */
const mostNumbers = 65_536;

/** What programs gave for one exchange, by feature; a feature whose program failed is absent. */
export type CustomValues = Readonly<Record<string, FeatureValue>>;

export function customFeatures(programs: readonly FeatureProgram[]): readonly ControlFeature[] {
  return programs.flatMap(({ gives }) =>
    Object.entries(gives).map(([name, kind]): ControlFeature => ({
      name,
      group: customGroup,
      kind: kind === 'number' ? 'numeric' : 'category',
    })),
  );
}

/** One line of JSON for a program: `{"inputs":{"amount":3},"outputs":{"class":[0.1,0.9]},"status":200}`, of the first row. */
export function exchangeLine({ inputs, outputs, status }: DecodedExchange): string {
  const values = (named: readonly NamedValue[]) => Object.fromEntries(named.map((value) => [value.name, shown(value)]));
  return JSON.stringify({ inputs: values(inputs), outputs: values(outputs), status });
}

function shown(value: NamedValue): unknown {
  if (value.kind === 'category') return value.value;
  if (value.kind === 'texts') return value.values[0] ?? null;
  const size = value.shape.slice(1).reduce((product, side) => product * side, 1);
  if (size > mostNumbers) return null;
  const numbers = Array.from({ length: Math.min(size, value.data.length) }, (_, at) => value.data[at] ?? null);
  return numbers.length === 1 ? numbers[0] : numbers;
}

/** The values of one line that a program printed, or what is wrong with the line. A value of another kind is missing. */
export function readCustomValues(
  { gives }: Pick<FeatureProgram, 'gives'>,
  line: string,
): { readonly values: CustomValues } | { readonly because: string } {
  const answer = parseObject(line);
  if (answer === null) return { because: `it printed \`${line.slice(0, 40)}\`, which is no JSON object` };
  return {
    values: Object.fromEntries(
      Object.entries(gives).map(([name, kind]) => [
        name,
        Object.hasOwn(answer, name) ? valueOf(answer[name], kind) : null,
      ]),
    ),
  };
}

function valueOf(value: unknown, kind: 'number' | 'category'): FeatureValue {
  if (kind === 'number') return typeof value === 'number' && Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return shortName(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}

/** The row with the features of programs. A feature that `readRow` has by the same name stays as it is. */
export function withCustomFeatures(
  row: FeatureRow,
  programs: readonly FeatureProgram[],
  custom: CustomValues,
): FeatureRow {
  if (programs.length === 0) return row;
  const more = customFeatures(programs).filter(({ name }) => !Object.hasOwn(row.values, name));
  const kept = row.features.slice(0, mostFeatures - more.length);
  const values = Object.create(null) as Record<string, FeatureValue>;
  for (const { name } of kept) values[name] = row.values[name] ?? null;
  for (const { name } of more) if (Object.hasOwn(custom, name)) values[name] = custom[name] ?? null;
  return { values, features: [...kept, ...more], cut: row.cut };
}
