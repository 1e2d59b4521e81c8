import type { DeviceState } from '../../../pool/device-state.ts';
import type { ServiceDemands } from '../../compatibility.ts';
import {
  containerHostSources,
  toolkitWithCgroups2,
  toolkitWithWslLibrary,
  wslLibraryFrom,
} from '../../tables/host/container-hosts.ts';
import { hostSources } from '../../tables/host-states.ts';
import type { Source } from '../../tables/source.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';

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
  'no-toolkit': {
    says: 'Docker is on the node and no NVIDIA container toolkit: no container with a device starts (could not select device driver with capabilities gpu)',
    source: containerHostSources.noToolkit,
    fix: 'install nvidia-container-toolkit on the node, nvidia-ctk runtime configure --runtime=docker, and restart Docker',
  },
  broken: {
    says: 'nvidia-container-cli does not work on the node, which has an older glibc than it needs, or no ldconfig where its settings look: no container with a device starts',
    source: containerHostSources.brokenToolkit,
    fix: 'the container toolkit for the distribution of the node (toolkit.version of the GPU Operator with centos7), and ldconfig = "@/sbin/ldconfig" in its settings',
  },
  closed: {
    says: 'the device files of the node are not for everybody, and the container toolkit asks the driver as a user without rights: no container with a device starts',
    source: containerHostSources.closedFiles,
    fix: 'user = "root:video" under [nvidia-container-cli] of /etc/nvidia-container-runtime/config.toml on the node, or NVreg_DeviceFileMode=0666',
  },
  'other-runtime': {
    says: 'containerd starts pods by another runtime than nvidia, so that only CDI or a runtime class hands a device in',
    source: containerHostSources.otherRuntime,
    fix: 'environments.NAME.runtimeClass in the contract (nvidia on K3s and with the GPU Operator), or nvidia-ctk runtime configure --runtime=containerd --set-as-default on the node, and restart containerd',
  },
  'untold-runtime': {
    says: 'containerd starts pods by another runtime than nvidia, and does not know that one, so that only CDI hands a device in',
    source: containerHostSources.otherRuntime,
    fix: 'nvidia-ctk runtime configure --runtime=containerd --set-as-default on the node, and restart containerd',
  },
  partial: {
    says: `the container toolkit is older than ${toolkitWithWslLibrary}, and hands in no libnvdxgdmal.so.1, which drivers of Windows from ${wslLibraryFrom} on need under WSL (error 500)`,
    source: containerHostSources.wslLibrary,
    fix: `NVIDIA container toolkit ${toolkitWithWslLibrary} or newer under WSL (Docker Desktop 4.31)`,
  },
};

/**
 * Whether a container keeps the devices that it was given.
 *
 * | devices of a container | answer |
 * |---|---|
 * | any, of a service without an image: it runs in no container | native |
 * | `kept`, or not read | native |
 * | `until-reload` | incompatible: the next daemon-reload of systemd takes them away |
 * | `withheld` | incompatible: its control group never allows them |
 * | `unsupported` | incompatible: the container runtime does not know control groups of version 2, and no container starts |
 * | `partial` | incompatible with a driver of 555 or newer, native with an older one, unknown where the driver is not known |
 * | `no-toolkit` | incompatible: Docker does not know devices |
 * | `broken`, `closed` | incompatible: the container toolkit does not start, or may not open the devices |
 * | `other-runtime`, of a service whose environment names a runtime class | native |
 * | `other-runtime`, `untold-runtime` | unknown: CDI hands devices in without the runtime of NVIDIA |
 */
export const containerDevicesRule = ({ image, runtimeClass }: ServiceDemands): DeviceRule => ({
  facet: 'containerDevices',
  decide: ({ state: { containerDevices }, branch }) => {
    if (image === null) return 'native';
    if (containerDevices === undefined || containerDevices === 'kept') return 'native';
    if (containerDevices === 'other-runtime') return runtimeClass === undefined ? 'unknown' : 'native';
    if (containerDevices === 'untold-runtime') return 'unknown';
    if (containerDevices !== 'partial') return 'incompatible';
    return branch === null ? 'unknown' : branch >= wslLibraryFrom ? 'incompatible' : 'native';
  },
  explain: ({ state: { containerDevices } }, decided) => {
    const row = containerDevices === undefined || containerDevices === 'kept' ? null : lost[containerDevices];
    if (decided === 'unknown' && containerDevices === 'partial')
      return notKnown('container-devices', 'driver', row?.says);
    return found({
      rule: 'container-devices',
      compatibility: decided,
      message:
        decided === 'native' || row === null
          ? `nothing takes devices away from a container (${containerDevices ?? 'not read'})`
          : row.says,
      facts: { containerDevices: containerDevices ?? null },
      source: row?.source ?? hostSources.untilReload,
      fix: decided === 'native' ? undefined : row?.fix,
    });
  },
});
