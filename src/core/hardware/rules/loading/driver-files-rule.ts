import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import { containerHostSources } from '../../tables/host/container-hosts.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { isWsl } from '../product-traits.ts';
import type { UnitFacts } from '../unit-facts.ts';

/**
 * Libraries of a driver inside the image, in folders that the loader searches. Null where it holds none, or nobody looked.
 *
 * | node | library of the image | answer |
 * |---|---|---|
 * | WSL, not by CDI | any | incompatible: the container runtime finds a file in its way |
 * | any other | of a newer driver than that of the node | incompatible: the loader takes it, and it does not match the kernel module |
 * | any other | of the same or an older one | native: the loader takes that of the node |
 * | driver not known | of a known version | unknown |
 */
export function driverFilesRule({ driverFiles }: ImageFacts): DeviceRule | null {
  const files = Object.entries(driverFiles ?? {}).map(([path, text]) => ({ path, text, version: versionOf(text) }));
  const [first] = files;
  if (first === undefined) return null;
  const newest = files
    .filter(({ version }) => version !== null)
    .toSorted((one, other) => compareVersions(other.version ?? [], one.version ?? []))[0];
  const inTheWay = (unit: UnitFacts): boolean =>
    isWsl(unit) && unit.state.containerRuntime !== 'cdi' && unit.state.containerRuntime !== 'jit-cdi';
  const decide = (unit: UnitFacts): Plain => {
    if (inTheWay(unit)) return 'incompatible';
    if (newest === undefined) return 'native';
    if (unit.driver === null) return 'unknown';
    return compareVersions(newest.version ?? [], unit.driver) > 0 ? 'incompatible' : 'native';
  };
  return {
    facet: 'driverFiles',
    decide,
    explain: (unit, decided) => {
      const blocked = inTheWay(unit);
      const { path, text } = blocked ? first : (newest ?? first);
      if (decided === 'unknown') return notKnown('driver-files', 'driver', `the image holds ${path} of driver ${text}`);
      return found({
        rule: 'driver-files',
        compatibility: decided,
        message:
          decided === 'native'
            ? `the image holds ${path}, and the loader takes that of the node`
            : blocked
              ? `the image holds ${path}, which is in the way of the container runtime under WSL (file exists)`
              : `the image holds ${path} of driver ${text}, and the node has ${unit.driverText}: the loader takes the newer one, which does not match the kernel module`,
        facts: { driver: unit.driverText, [path]: text },
        source: blocked ? containerHostSources.wslFiles : containerHostSources.driverFiles,
        fix:
          decided === 'native'
            ? undefined
            : 'an image without libraries of a driver: build it without --gpus and without the NVIDIA runtime as default',
      });
    },
  };
}
