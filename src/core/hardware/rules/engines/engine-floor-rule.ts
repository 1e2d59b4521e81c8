import type { ImageFacts } from '../../../image/image-facts.ts';
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

const isCalled = ({ beside, variable }: EngineFloor, image: ImageFacts): boolean =>
  (beside === undefined || distribution(image, beside) !== null) &&
  (variable === undefined || image.env[variable.name] === variable.value);

/** Rows of the engines that the image holds, by their versions; several may speak of one engine. */
function floorsOf(image: ImageFacts): readonly Floor[] {
  return engineFloors.flatMap((row) => {
    const text = distribution(image, [row.engine]) ?? image.components[row.engine]?.version ?? null;
    const version = versionOf(text);
    const capability = capabilityNumber(row.capability);
    if (text === null || version === null || capability === null) return [];
    return isCalled(row, image) && rowOf([row], version) !== null ? [{ row, text, capability }] : [];
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
export function engineFloorRule(image: ImageFacts): DeviceRule | null {
  const floors = floorsOf(image).toSorted((a, b) => b.capability - a.capability);
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
