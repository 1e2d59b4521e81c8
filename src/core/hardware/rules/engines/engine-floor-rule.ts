import type { ImageFacts } from '../../../image/image-facts.ts';
import { valueOf, type Arguments } from '../arguments/arguments.ts';
import { engineFloors, type EngineFloor } from '../../tables/engines/engine-floors.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, fromLabelsOnly, notKnown } from '../finding.ts';
import { capabilityNumber, capabilityText, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { distribution } from '../service-facts.ts';
import { rowOf } from './published-runtimes.ts';

interface Floor {
  readonly row: EngineFloor;
  readonly text: string;
  readonly capability: number;
}

const isCalled = ({ beside, variable, setBy }: EngineFloor, image: ImageFacts, args: Arguments): boolean =>
  (setBy === undefined || valueOf(args, [setBy]) === undefined) &&
  (beside === undefined || distribution(image, beside) !== null) &&
  (variable === undefined || image.env[variable.name] === variable.value);

const versionText = ({ engine, versionIn = [] }: EngineFloor, image: ImageFacts): string | null =>
  distribution(image, [engine]) ??
  image.components[engine]?.version ??
  versionIn.map((name) => image.env[name]).find((text) => text !== undefined) ??
  null;

/** Rows of the engines that the image holds, by their versions; several may speak of one engine. */
function floorsOf(image: ImageFacts, args: Arguments): readonly Floor[] {
  return engineFloors.flatMap((row) => {
    const text = versionText(row, image);
    const version = versionOf(text);
    const capability = capabilityNumber(row.capability);
    if (text === null || version === null || capability === null) return [];
    return isCalled(row, image, args) && rowOf([row], version) !== null ? [{ row, text, capability }] : [];
  });
}

/**
 * The lowest capability that an engine of the image runs on. Null where no row names an engine of the image in its version.
 *
 * | capability | answer |
 * |---|---|
 * | at least that of every row | native |
 * | below one | incompatible |
 * | not known | unknown |
 */
export function engineFloorRule(image: ImageFacts, args: Arguments): DeviceRule | null {
  const floors = floorsOf(image, args).toSorted((a, b) => b.capability - a.capability);
  const [highest] = floors;
  if (highest === undefined) return null;
  const decide = (capability: number | null): Plain =>
    capability === null ? 'unknown' : capability >= highest.capability ? 'native' : 'incompatible';
  return {
    facet: 'capability',
    decide: ({ capability }) => decide(capability),
    explain: ({ capability, fromLabels }, decided) =>
      capability === null
        ? notKnown('engine-floor', 'computeCapability', fromLabels ? fromLabelsOnly : undefined)
        : found({
            rule: 'engine-floor',
            compatibility: decided,
            message: `${highest.row.engine} ${highest.text}${variableOf(highest.row)} runs from capability ${highest.row.capability} on; the device is ${capabilityText(capability)}`,
            facts: { [highest.row.engine]: highest.text, computeCapability: capabilityText(capability) },
            source: highest.row.source,
            fix:
              decided === 'native'
                ? undefined
                : `a device from capability ${highest.row.capability} on, or ${highest.row.variable === undefined ? 'another engine' : `an image without ${highest.row.variable.name}`}`,
          }),
  };
}

const variableOf = ({ variable }: EngineFloor): string =>
  variable === undefined ? '' : ` with ${variable.name}=${variable.value}`;
