import { hostSources } from '../../tables/host-states.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';

/**
 * Whether a container keeps the devices that it was given.
 *
 * | devices of a container | answer |
 * |---|---|
 * | `kept`, or not read | native |
 * | `until-reload` | incompatible: the next daemon-reload of systemd takes them away |
 * | `withheld` | incompatible: its control group never allows them |
 */
export const containerDevicesRule: DeviceRule = {
  facet: 'containerDevices',
  decide: ({ state: { containerDevices } }) =>
    containerDevices === undefined || containerDevices === 'kept' ? 'native' : 'incompatible',
  explain: ({ state: { containerDevices } }, decided) =>
    found({
      rule: 'container-devices',
      compatibility: decided,
      message:
        decided === 'native'
          ? `nothing takes devices away from a container (${containerDevices ?? 'not read'})`
          : containerDevices === 'withheld'
            ? 'the container runtime allows no device in the control group of a container (no-cgroups = true): NVML says Unknown Error'
            : 'systemd was not told of the devices of a container, and takes them away at its next daemon-reload: NVML then says Unknown Error',
      facts: { containerDevices: containerDevices ?? null },
      source: containerDevices === 'withheld' ? hostSources.withheld : hostSources.untilReload,
      fix:
        decided === 'native'
          ? undefined
          : containerDevices === 'withheld'
            ? 'no-cgroups = false in /etc/nvidia-container-runtime/config.toml on the node'
            : 'nvidia-ctk system create-dev-char-symlinks --create-all on the node, or the mode cdi of the container runtime',
    }),
};
