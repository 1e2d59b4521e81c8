import type { ImageFacts } from '../../../image/image-facts.ts';
import { containerHostSources } from '../../tables/host/container-hosts.ts';
import { hostSources } from '../../tables/host-states.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';

/**
 * The container runtime hands the driver's library of the node into a container. Without one, or beside a kernel module of another version, CUDA does not start.
 *
 * | library | `cuda-compat` in the image | answer |
 * |---|---|---|
 * | of the version of the kernel module, or not read | any | native |
 * | of another version: the driver was updated, and its old module is still loaded | any | incompatible: not even NVML starts |
 * | missing | none | incompatible |
 * | missing | there: it holds a `libcuda.so.1` | unknown |
 * | of a driver for Linux, in the Linux of a WSL | any | unknown: the loader may take it in the place of that of Windows |
 */
export function driverLibraryRule(image: ImageFacts | null): DeviceRule {
  const replaced = image !== null && image.compat !== null;
  return {
    facet: 'driverLibrary',
    decide: ({ state: { driverLibrary } }) => {
      if (driverLibrary === 'mismatch') return 'incompatible';
      if (driverLibrary === 'foreign') return 'unknown';
      if (driverLibrary !== 'missing') return 'native';
      return replaced ? 'unknown' : 'incompatible';
    },
    explain: ({ state: { driverLibrary }, driverText }, decided) => {
      if (driverLibrary === 'foreign') {
        return found({
          rule: 'driver-library',
          compatibility: decided,
          message:
            'the Linux of the WSL holds libraries of a driver for Linux, which may hide those of the driver of Windows',
          facts: { driverLibrary, driver: driverText },
          source: containerHostSources.foreignLibrary,
          fix: 'remove the packages of a driver inside WSL (nvidia-utils, libnvidia-compute): Windows brings it in /usr/lib/wsl/lib',
        });
      }
      if (decided === 'unknown') {
        return notKnown(
          'driver-library',
          'driverCuda',
          'the node has no libcuda.so.1, and cuda-compat of the image may do',
        );
      }
      const isMissing = driverLibrary === 'missing';
      return found({
        rule: 'driver-library',
        compatibility: decided,
        message:
          decided === 'native'
            ? `nothing speaks against the library of the driver (${driverLibrary ?? 'not read'})`
            : isMissing
              ? 'the node has no libcuda.so.1: a container gets none, and CUDA does not start (error 35)'
              : `the libraries of the driver are of another version than its kernel module (${driverText ?? 'not known'}): no container with a device starts`,
        facts: { driverLibrary: driverLibrary ?? null, driver: driverText },
        source: hostSources[isMissing ? 'withoutLibrary' : 'otherLibrary'],
        fix:
          decided === 'native'
            ? undefined
            : isMissing
              ? 'the package of the driver with libcuda.so.1 on the node (libcuda1, libnvidia-compute, nvidia-driver-cuda-libs)'
              : 'reboot the node, or load the kernel module of the new driver',
      });
    },
  };
}
