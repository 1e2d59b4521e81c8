import type { ImageFacts } from '../../../image/image-facts.ts';
import { capabilities } from '../../tables/capabilities.ts';
import { compatDropsDevice } from '../../tables/forward-compatibility.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';
import { capabilityNumber, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { isInStandardFolder, loadsCompat } from '../service-facts.ts';
import type { UnitFacts } from '../unit-facts.ts';

const lastBranches = new Map(
  capabilities.map(({ capability, lastDriverBranch }) => [capabilityNumber(capability), lastDriverBranch]),
);

/**
 * A `cuda-compat` package brings the library of a newer driver, which drops what that driver dropped. Null where the image holds none, or its version was not read.
 *
 * | branch of the package | who loads it | answer |
 * |---|---|---|
 * | drives the device | any | native |
 * | dropped it | the image, or the container runtime on an older driver | incompatible: no device is found (error 100) |
 * | dropped it | perhaps the image, whose search paths were not read | unknown |
 * | dropped it | nobody | native |
 */
export function compatDeviceRule(image: ImageFacts): DeviceRule | null {
  const { compat } = image;
  const packaged = versionOf(compat?.version)?.[0];
  if (compat === null || packaged === undefined) return null;
  const byImage = loadsCompat(image);
  const decide = ({ capability, branch }: UnitFacts): Plain => {
    const last = lastBranches.get(capability) ?? null;
    if (last === null || packaged <= last) return 'native';
    const byRuntime = isInStandardFolder(image) && branch !== null && packaged > branch;
    if (byImage === true || byRuntime) return 'incompatible';
    return byImage === null || branch === null ? 'unknown' : 'native';
  };
  return {
    facet: 'support',
    decide,
    explain: ({ capability, driverText }, decided) =>
      decided === 'unknown'
        ? notKnown(
            'compat-device',
            byImage === null ? 'image.searchPaths' : 'driver',
            `cuda-compat ${compat.version} no longer knows the device`,
          )
        : found({
            rule: 'compat-device',
            compatibility: decided,
            message:
              decided === 'native'
                ? `cuda-compat ${compat.version} is in nobody's way`
                : `cuda-compat ${compat.version} of the image goes before the driver, and R${lastBranches.get(capability)} is the last branch that drives the device: CUDA finds none (error 100)`,
            facts: { compat: compat.version, driver: driverText },
            source: compatDropsDevice,
            fix: decided === 'native' ? undefined : 'an image without cuda-compat, or of an older CUDA',
          }),
  };
}
