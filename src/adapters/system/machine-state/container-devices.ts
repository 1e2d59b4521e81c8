import { access, lstat } from 'node:fs/promises';
import path from 'node:path';
import { toolkitWithCgroups2, toolkitWithWslLibrary } from '../../../core/hardware/tables/host/container-hosts.ts';
import type { DeviceState } from '../../../core/pool/device-state.ts';
import { compareVersions } from '../../../core/units/quantity/quantity-version-range.ts';
import { readVersion } from '../../../core/units/version.ts';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { NodeRoots } from '../node/node-roots.ts';

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
}

/**
 * | mode of the container runtime | no-cgroups | links in /dev/char | control groups | |
 * |---|---|---|---|---|
 * | cdi, jit-cdi, csv | any | any | any | kept |
 * | any, of a toolkit before 1.8.0 | any | any | version 2, of root | unsupported |
 * | legacy | true, of root | any | any | withheld |
 * | legacy | true, of another user | any | any | undefined: such containers have no groups of devices |
 * | legacy | false | there | any | kept |
 * | legacy | false | not there | of systemd, and no kubelet | until-reload |
 * | legacy | false | not there | any other | undefined |
 * | not known | any | any | any | undefined |
 *
 * Under WSL a toolkit before 1.14.4 is `partial` where this table says `kept` or nothing.
 */
export function containerDevicesOf(grant: ContainerGrant): DeviceState['containerDevices'] | undefined {
  const answer = grantOf(grant);
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
  if (mode === undefined || noCgroups === undefined) return undefined;
  if (mode !== 'legacy' && mode !== 'unchecked') return 'kept';
  if (noCgroups) return isRoot ? 'withheld' : undefined;
  if (hasLinks) return 'kept';
  return bySystemd && isSecond && !hasKubelet ? 'until-reload' : undefined;
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** What this machine shows of it, beside what the container runtime tells. */
export async function readContainerDevices(
  { proc, sys, dev }: NodeRoots,
  runtime: Pick<ContainerGrant, 'mode' | 'version' | 'noCgroups' | 'isRoot'>,
  kubeletFolder: string,
): Promise<DeviceState['containerDevices'] | undefined> {
  const link = await lstat(path.join(dev, 'char/195:255')).catch(() => null);
  const first = textOf(await readKernelFile(path.join(proc, '1/comm')));
  const release = textOf(await readKernelFile(path.join(proc, 'sys/kernel/osrelease')));
  const second = await isThere(path.join(sys, 'fs/cgroup/cgroup.controllers'));
  return containerDevicesOf({
    ...runtime,
    hasLinks: link !== null,
    isSecond: second,
    bySystemd: first === 'systemd',
    hasKubelet: await isThere(kubeletFolder),
    isWsl: /microsoft/i.test(release ?? ''),
  });
}
