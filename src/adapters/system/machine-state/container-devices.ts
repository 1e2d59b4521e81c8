import { access, lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import { toolkitWithCgroups2, toolkitWithWslLibrary } from '../../../core/hardware/tables/host/container-hosts.ts';
import type { DeviceState } from '../../../core/pool/device-state.ts';
import { compareVersions } from '../../../core/units/quantity/quantity-version-range.ts';
import { readVersion } from '../../../core/units/version.ts';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { NodeRoots } from '../node/node-roots.ts';
import { readKubeletGrant, type KubeletGrant } from './kubelet-grant.ts';
import { readPodRuntime, type PodRuntime } from './pod-runtime.ts';

/** What decides whether a container keeps the devices that it was given. */
export interface ContainerGrant {
  readonly mode: DeviceState['containerRuntime'] | undefined;
  /** Of the container toolkit; null where it was not read. */
  readonly version: string | null;
  /** `no-cgroups` of the container runtime; undefined where it was not read. */
  readonly noCgroups: boolean | undefined;
  /** Whoever asks is root, and so are the containers that they start. */
  readonly isRoot: boolean;
  /** /dev/char has a link to the device of the driver (195:255). */
  readonly hasLinks: boolean;
  /** Control groups are of version 2. */
  readonly isSecond: boolean;
  /** systemd is the first process. */
  readonly bySystemd: boolean;
  /** A kubelet runs here: its device plugin may name the devices itself. */
  readonly hasKubelet: boolean;
  /** The machine is a WSL. */
  readonly isWsl: boolean;
  /** What is wrong with the container toolkit; null where nothing is known to be. */
  readonly defect: 'missing' | 'broken' | null;
  /** This process sees the machine itself, and Docker listens on it. */
  readonly hasDocker: boolean;
  /** Whether a specification of CDI for devices of NVIDIA is there; null where that was not read. */
  readonly hasCdi: boolean | null;
  /** Whether the toolkit names the user as whom it asks the driver; undefined where it was not read. */
  readonly hasUser: boolean | undefined;
  /** Whether the device files of the driver are for everybody; null where that was not read. */
  readonly isOpen: boolean | null;
  /** What its device plugin names, and null where that was not read. */
  readonly kubeletGrant: KubeletGrant | null;
  /** systemd holds the control groups of pods. */
  readonly isSliced: boolean;
  /** By which runtime containerd starts pods; null where nothing tells that it is not that of NVIDIA. */
  readonly podRuntime: PodRuntime | null;
}

/**
 * | mode of the container runtime | no-cgroups | links in /dev/char | control groups | |
 * |---|---|---|---|---|
 * | cdi, jit-cdi, csv | any | any | any | kept |
 * | any, of a toolkit before 1.8.0 | any | any | version 2, of root | unsupported |
 * | legacy, or not known, of a toolkit that does not load | any | any | any | broken |
 * | legacy, without a user, of root, beside device files that are not for everybody | any | any | any | closed |
 * | legacy | true, of root | any | any | withheld |
 * | legacy | true, of another user | any | any | undefined: such containers have no groups of devices |
 * | legacy | false | there | any | kept |
 * | legacy | false | not there | of systemd, and no kubelet | until-reload |
 * | legacy | false | not there | of systemd, as those of pods, whose device plugin names no devices | until-reload |
 * | legacy | false | not there | any other | undefined |
 * | not known | any | any | any | undefined |
 *
 * Under WSL a toolkit before 1.14.4 is `partial` where this table says `kept` or nothing. Where Docker is on the machine, and neither a toolkit nor a
 * specification of CDI nor a kubelet, the answer is `no-toolkit`. Beside a kubelet whose containerd starts pods by another runtime than that of NVIDIA it
 * is `other-runtime` or `untold-runtime`, where neither a specification of CDI nor its device plugin names devices, and the table says nothing worse.
 */
export function containerDevicesOf(grant: ContainerGrant): DeviceState['containerDevices'] | undefined {
  const { defect, hasDocker, hasCdi, hasKubelet, podRuntime, kubeletGrant } = grant;
  if (defect === 'missing') return hasDocker && hasCdi === false && !hasKubelet ? 'no-toolkit' : undefined;
  const answer = grantOf(grant);
  const mayGetNone = hasKubelet && hasCdi !== true && kubeletGrant !== 'named';
  if (mayGetNone && podRuntime !== null && (answer === undefined || answer === 'kept')) return podRuntime;
  const isPartial = grant.isWsl && isBefore(grant.version, toolkitWithWslLibrary);
  return isPartial && (answer === undefined || answer === 'kept') ? 'partial' : answer;
}

function isBefore(version: string | null, first: string): boolean {
  const numbers = version === null ? null : readVersion(version);
  return numbers !== null && compareVersions(numbers, readVersion(first) ?? []) < 0;
}

function grantOf(grant: ContainerGrant): DeviceState['containerDevices'] | undefined {
  const { mode, version, noCgroups, isRoot, hasLinks, isSecond, bySystemd, hasKubelet } = grant;
  // It knows the mode legacy alone, and has no program that tells its settings.
  if (isBefore(version, toolkitWithCgroups2) && isSecond) {
    return isRoot ? 'unsupported' : undefined;
  }
  const isLegacy = mode === 'legacy' || mode === 'unchecked';
  if (grant.defect === 'broken' && (isLegacy || mode === undefined)) return 'broken';
  if (mode === undefined || noCgroups === undefined) return undefined;
  if (!isLegacy) return 'kept';
  if (isRoot && grant.hasUser === false && grant.isOpen === false) return 'closed';
  if (noCgroups) return isRoot ? 'withheld' : undefined;
  if (hasLinks) return 'kept';
  const isUntold = hasKubelet ? grant.isSliced && grant.kubeletGrant === 'unnamed' : true;
  return bySystemd && isSecond && isUntold ? 'until-reload' : undefined;
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Places of the machine beside those of the kernel; a test names its own. */
export interface ContainerPlaces {
  readonly kubelet: string;
  readonly docker: string;
  readonly containerd: readonly string[];
}

/** Where kubelet, Docker and containerd keep their files: the last of K3s and RKE2, which bring their own, before that of the distribution. */
export const containerPlaces: ContainerPlaces = {
  kubelet: '/var/lib/kubelet',
  docker: '/var/run/docker.sock',
  containerd: [
    '/var/lib/rancher/k3s/agent/etc/containerd',
    '/var/lib/rancher/rke2/agent/etc/containerd',
    '/etc/containerd',
  ],
};

/** What this machine shows of it, beside what the container runtime tells. */
export async function readContainerDevices(
  roots: NodeRoots,
  runtime: Pick<ContainerGrant, 'mode' | 'version' | 'noCgroups' | 'isRoot' | 'defect' | 'hasUser' | 'hasCdi'>,
  { kubelet, docker, containerd }: ContainerPlaces,
  isOwn: boolean,
): Promise<DeviceState['containerDevices'] | undefined> {
  const { proc, sys, dev } = roots;
  const link = await lstat(path.join(dev, 'char/195:255')).catch(() => null);
  const first = textOf(await readKernelFile(path.join(proc, '1/comm')));
  const release = textOf(await readKernelFile(path.join(proc, 'sys/kernel/osrelease')));
  const second = await isThere(path.join(sys, 'fs/cgroup/cgroup.controllers'));
  return containerDevicesOf({
    ...runtime,
    hasLinks: link !== null,
    isSecond: second,
    bySystemd: first === 'systemd',
    hasKubelet: await isThere(kubelet),
    isWsl: /microsoft/i.test(release ?? ''),
    hasDocker: isOwn && (await isThere(docker)),
    isOpen: await readIsOpen(roots),
    kubeletGrant: await readKubeletGrant(kubelet),
    isSliced: await isThere(path.join(sys, 'fs/cgroup/kubepods.slice')),
    podRuntime: await readPodRuntime(containerd, runtime.defect !== 'missing'),
  });
}

const forOthers = 0o006;

/**
 * Whether everybody may open the device files of the driver. Where the driver modifies them, whoever starts a container gives them the mode that it was
 * told (`NVreg_DeviceFileMode`); else they keep the one that they have.
 */
async function readIsOpen({ proc, dev }: NodeRoots): Promise<boolean | null> {
  const params = textOf(await readKernelFile(path.join(proc, 'driver/nvidia/params')));
  const told = (name: string): number | null => {
    const text = new RegExp(`^${name}: (\\d{1,9})$`, 'm').exec(params ?? '')?.[1];
    return text === undefined ? null : Number(text);
  };
  const [modifies, mode] = [told('ModifyDeviceFiles'), told('DeviceFileMode')];
  const stats = modifies === 0 ? await stat(path.join(dev, 'nvidiactl')).catch(() => null) : null;
  const counts = modifies === 0 ? (stats?.mode ?? null) : modifies === 1 ? mode : null;
  return counts === null ? null : (counts & forOthers) === forOthers;
}
