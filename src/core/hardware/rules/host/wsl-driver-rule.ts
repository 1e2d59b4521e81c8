import { containerHostSources, wslDriverFrom } from '../../tables/host/container-hosts.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';
import { isWsl } from '../product-traits.ts';

/**
 * Whether the driver of Windows brings libraries for a Linux of WSL.
 *
 * | the node | driver | answer |
 * |---|---|---|
 * | is no WSL | any | native |
 * | is one | of 465 or newer, or not known | native |
 * | is one | older | unknown: previews for developers bring them, and drivers for everybody do not |
 */
export const wslDriverRule: DeviceRule = {
  facet: 'wslDriver',
  decide: (unit) => (isWsl(unit) && unit.branch !== null && unit.branch < wslDriverFrom ? 'unknown' : 'native'),
  explain: (unit, decided) => {
    const { driverText, state } = unit;
    return found({
      rule: 'wsl-driver',
      compatibility: decided,
      message:
        decided === 'native'
          ? isWsl(unit)
            ? `drivers of Windows from ${wslDriverFrom} on bring libraries for WSL`
            : 'the node is not known to be a WSL'
          : `driver ${driverText} of Windows brings libraries for WSL only where it is a preview for developers`,
      facts: { driver: driverText, host: state.host ?? null },
      source: containerHostSources.wslDriver,
      fix: decided === 'native' ? undefined : `a driver of ${wslDriverFrom} or newer in Windows`,
    });
  },
};
