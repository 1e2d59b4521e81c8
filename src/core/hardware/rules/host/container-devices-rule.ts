import type { DeviceState } from '../../../pool/device-state.ts';
import { containerHostSources, toolkitWithCgroups2 } from '../../tables/host/container-hosts.ts';
import { hostSources } from '../../tables/host-states.ts';
import type { Source } from '../../tables/source.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';

const lost: Readonly<
  Record<
    Exclude<NonNullable<DeviceState['containerDevices']>, 'kept'>,
    { readonly says: string; readonly source: Source; readonly fix: string }
  >
> = {
  withheld: {
    says: 'the container runtime allows no device in the control group of a container (no-cgroups = true): NVML says Unknown Error',
    source: hostSources.withheld,
    fix: 'no-cgroups = false in /etc/nvidia-container-runtime/config.toml on the node',
  },
  'until-reload': {
    says: 'systemd was not told of the devices of a container, and takes them away at its next daemon-reload: NVML then says Unknown Error',
    source: hostSources.untilReload,
    fix: 'nvidia-ctk system create-dev-char-symlinks --create-all on the node, or the mode cdi of the container runtime',
  },
  unsupported: {
    says: `the container toolkit is older than ${toolkitWithCgroups2} and does not know control groups of version 2: no container with a device starts`,
    source: containerHostSources.cgroups2,
    fix: `NVIDIA container toolkit ${toolkitWithCgroups2} or newer on the node`,
  },
};

/**
 * Whether a container keeps the devices that it was given.
 *
 * | devices of a container | answer |
 * |---|---|
 * | `kept`, or not read | native |
 * | `until-reload` | incompatible: the next daemon-reload of systemd takes them away |
 * | `withheld` | incompatible: its control group never allows them |
 * | `unsupported` | incompatible: the container runtime does not know control groups of version 2, and no container starts |
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
        containerDevices === undefined || containerDevices === 'kept'
          ? `nothing takes devices away from a container (${containerDevices ?? 'not read'})`
          : lost[containerDevices].says,
      facts: { containerDevices: containerDevices ?? null },
      source:
        containerDevices === undefined || containerDevices === 'kept'
          ? hostSources.untilReload
          : lost[containerDevices].source,
      fix: containerDevices === undefined || containerDevices === 'kept' ? undefined : lost[containerDevices].fix,
    }),
};
