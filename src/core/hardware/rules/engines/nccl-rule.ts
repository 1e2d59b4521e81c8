import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import { ncclFloors, type NcclFloor } from '../../tables/engines/nccl-floors.ts';
import { ncclOf, type DeviceRule } from '../device-rules.ts';
import { found, fromLabelsOnly, notKnown } from '../finding.ts';
import { capabilityNumber, capabilityText, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';

/**
 * Whether the NCCL of the image works over several boards of a device's capability. Null where the image holds none, or one that is new
 * enough for every row.
 *
 * | NCCL | capability | answer |
 * |---|---|---|
 * | older than a row asks for | of the row or later | incompatible |
 * | older than a row asks for | not known | unknown |
 * | any other | | native |
 */
export function ncclRule(image: ImageFacts): DeviceRule | null {
  const text = ncclOf(image);
  const version = versionOf(text);
  if (text === null || version === null) return null;
  const rows = ncclFloors.filter((row) => compareVersions(version, versionOf(row.version) ?? []) < 0);
  const [first] = rows;
  if (first === undefined) return null;
  const rowOf = (capability: number): NcclFloor | undefined =>
    rows.find((row) => capability >= (capabilityNumber(row.capability) ?? 0));
  const decide = (capability: number | null): Plain =>
    capability === null ? 'unknown' : rowOf(capability) === undefined ? 'native' : 'incompatible';
  return {
    facet: 'capability',
    decide: ({ capability }) => decide(capability),
    explain: ({ capability, fromLabels }, decided) => {
      if (capability === null) return notKnown('nccl', 'computeCapability', fromLabels ? fromLabelsOnly : undefined);
      const row = rowOf(capability) ?? first;
      return found({
        rule: 'nccl',
        compatibility: decided,
        message: `several boards of capability ${row.capability} or later need NCCL ${row.version}; the image brings ${text}, and the device is ${capabilityText(capability)}`,
        facts: { nccl: text, computeCapability: capabilityText(capability) },
        source: row.source,
        fix: decided === 'native' ? undefined : `NCCL ${row.version} or newer in the image`,
      });
    },
  };
}
