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

const isCalled = ({ beside }: EngineFloor, image: ImageFacts): boolean =>
  beside === undefined || distribution(image, beside) !== null;

/** Rows of the engines that the image holds, by their versions. */
function floorsOf(image: ImageFacts): readonly Floor[] {
  return [...new Set(engineFloors.map(({ engine }) => engine))].flatMap((engine) => {
    const text = distribution(image, [engine]) ?? image.components[engine]?.version ?? null;
    const version = versionOf(text);
    if (text === null || version === null) return [];
    const rows = engineFloors.filter((row) => row.engine === engine && isCalled(row, image));
    const row = rowOf(rows, version);
    const capability = capabilityNumber(row?.capability);
    return row === null || capability === null ? [] : [{ row, text, capability }];
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
            message: `${highest.row.engine} ${highest.text} runs from capability ${highest.row.capability} on; the device is ${capabilityText(capability)}`,
            facts: { [highest.row.engine]: highest.text, computeCapability: capabilityText(capability) },
            source: highest.row.source,
            fix:
              decided === 'native'
                ? undefined
                : `a device from capability ${highest.row.capability} on, or another engine`,
          }),
  };
}
