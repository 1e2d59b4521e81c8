import { containerHostSources } from '../../tables/host/container-hosts.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';

/**
 * CUDA starts behind NVSwitches once the Fabric Manager set them up. Boards before Hopper tell no state of the fabric, so that the switches and the
 * process are asked.
 *
 * | NVSwitches | fabric, as the driver tells it | answer |
 * |---|---|---|
 * | none, managed, or not read | any | native |
 * | unmanaged: no Fabric Manager runs | completed | native: somebody set it up before |
 * | unmanaged | any other | incompatible |
 */
export const nvSwitchesRule: DeviceRule = {
  facet: 'nvSwitches',
  decide: ({ state: { nvSwitches, fabric } }) =>
    nvSwitches === 'unmanaged' && fabric !== 'completed' ? 'incompatible' : 'native',
  explain: ({ state: { nvSwitches } }, decided) =>
    found({
      rule: 'nvswitches',
      compatibility: decided,
      message:
        decided === 'incompatible'
          ? 'the node has NVSwitches, and no Fabric Manager runs: CUDA does not start (error 802)'
          : `nothing speaks against the NVSwitches (${nvSwitches ?? 'not read'})`,
      facts: { nvSwitches: nvSwitches ?? null },
      source: containerHostSources.nvSwitches,
      fix: decided === 'incompatible' ? 'start nvidia-fabricmanager of the version of the driver' : undefined,
    }),
};
