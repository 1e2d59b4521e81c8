import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ServiceDemands } from '../../compatibility.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { argumentFloors, type ArgumentFloor } from '../../tables/arguments/argument-floors.ts';
import type { DeviceRule } from '../device-rules.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, fromLabelsOnly, notKnown } from '../finding.ts';
import { capabilityNumber, capabilityText, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { distribution } from '../service-facts.ts';
import { valueOf, type Arguments } from './arguments.ts';

/** Another choice that the row names stands in a variable of the image, or in an argument. */
const isReplaced = ({ unless = [] }: ArgumentFloor, args: Arguments, image: ImageFacts): boolean =>
  unless.some(({ name, value }) => image.env[name] === value || valueOf(args, [name]) === value);

/** What the contract writes for the argument, else what a variable or the default of a program says; undefined where nothing does. */
function statedValue(row: ArgumentFloor, args: Arguments, image: ImageFacts): string | undefined {
  const written = [row.argument, ...(row.also ?? [])]
    .map((name) => valueOf(args, [name]))
    .filter((one) => one !== undefined);
  const read = (row.variables ?? []).map((name) => image.env[name]).find((one) => one !== undefined && one !== '');
  return written.find((one) => row.values.includes(one)) ?? written[0] ?? read ?? defaultValue(row, image);
}

function defaultValue({ default: by, values }: ArgumentFloor, image: ImageFacts): string | undefined {
  const version = by === undefined ? null : versionOf(distribution(image, [by.program]));
  return by !== undefined && version !== null && rowOf([{ from: '0', to: by.to }], version) !== null
    ? values[0]
    : undefined;
}

/** Whether the argument is stated, with a value of the row where it takes one. */
function isStated(row: ArgumentFloor, args: Arguments, image: ImageFacts): boolean {
  const value = statedValue(row, args, image);
  return value !== undefined && (row.values.length === 0 || row.values.includes(value));
}

/** Whether the weights are in the precision of the row, or it speaks of every one; null where nobody read theirs. */
const isOfPrecision = ({ precision }: ArgumentFloor, model: ModelHardwareFacts | null): boolean | null =>
  precision === undefined ? true : (model?.precisions?.includes(precision) ?? null);

/** Rows whose engine is in the image, in a version of the row, and whose argument is stated with such a value. */
const rowsOf = (args: Arguments, image: ImageFacts, model: ModelHardwareFacts | null): readonly ArgumentFloor[] =>
  argumentFloors.filter((row) => {
    if (isOfPrecision(row, model) === false) return false;
    const version = versionOf(distribution(image, [row.engine]));
    if (version === null || rowOf([row], version) === null || isReplaced(row, args, image)) return false;
    return isStated(row, args, image);
  });

function runsOn({ least, most }: ArgumentFloor, capability: number): boolean {
  const lowest = capabilityNumber(least);
  const highest = capabilityNumber(most);
  return lowest !== null && capability >= lowest && (highest === null || capability <= highest);
}

const rangeText = ({ least, most }: ArgumentFloor): string =>
  most === undefined ? `from capability ${least} on` : `from capability ${least} to ${most}`;

/**
 * Kernels that the arguments of the contract choose. Null where no row speaks of them.
 *
 * | capability | answer |
 * |---|---|
 * | in the range of every row | native |
 * | outside of one | incompatible |
 * | outside of one for weights in a precision, and nobody read theirs | unknown |
 * | not known | unknown |
 */
export function argumentFloorRule({ args = [], image, model }: ServiceDemands): DeviceRule | null {
  const rows = image === null ? [] : rowsOf(args, image, model);
  const [first] = rows;
  if (first === undefined || image === null) return null;
  const refusing = (capability: number): ArgumentFloor | undefined => {
    const all = rows.filter((row) => !runsOn(row, capability));
    return all.find((row) => isOfPrecision(row, model) === true) ?? all[0];
  };
  const decide = (capability: number | null): Plain => {
    const row = capability === null ? null : refusing(capability);
    if (row === null) return 'unknown';
    return row === undefined ? 'native' : isOfPrecision(row, model) === true ? 'incompatible' : 'unknown';
  };
  return {
    facet: 'capability',
    decide: ({ capability }) => decide(capability),
    explain: ({ capability, fromLabels }, decided) => {
      if (capability === null)
        return notKnown('argument-floor', 'computeCapability', fromLabels ? fromLabelsOnly : undefined);
      const row = refusing(capability) ?? first;
      const text = [row.argument, row.values.join(' or ')].join(' ').trim();
      if (decided === 'unknown')
        return notKnown(
          'argument-floor',
          'model.precision',
          `${row.engine} has kernels of ${text} for ${row.precision} ${rangeText(row)}`,
        );
      const fix = row.default === undefined ? `code.args without ${text}` : `code.args with ${row.argument} float32`;
      return found({
        rule: 'argument-floor',
        compatibility: decided,
        message: `${row.engine} ${distribution(image, [row.engine])} has kernels for ${text} ${rangeText(row)}; the device is ${capabilityText(capability)}`,
        facts: { args: args.join(' '), computeCapability: capabilityText(capability) },
        source: row.source,
        fix: decided === 'native' ? undefined : fix,
      });
    },
  };
}
