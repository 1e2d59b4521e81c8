import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { nodeAddress, realNode, type ClusterPlace } from './place.ts';

/** Folders of the machine that kubelet, containerd and the network plugins use whatever they are told. */
const sharedFolders = [
  '/run/containerd',
  '/run/netns',
  '/var/lib/cni',
  '/var/lib/kubelet',
  '/var/log/pods',
  '/var/log/containers',
];
/** What the kubelet wants of the kernel. Files of these values are shown to it in the place of the machine's own. */
const kernelSettings: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};
const cgroups = '/sys/fs/cgroup';

/** The command that runs another one in namespaces of its own. All that it starts and mounts ends with it, and with us. */
export function bubbleCommand(command: readonly string[]): readonly string[] {
  const own = ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--kill-child=KILL', '--mount-proc'];
  // A shell as process 1 takes up whatever loses its parent.
  const withUs = ['setpriv', '--pdeathsig', 'KILL'];
  return [...withUs, 'unshare', ...own, '--propagation', 'private', 'bash', '-c', '"$@" & wait $!', 'bash', ...command];
}

/** Inside of a bubble: mounts, network and control groups, without a change to the machine around it. */
export function furnishBubble(place: ClusterPlace): void {
  run('mount', '--make-rshared', '/');
  for (const folder of sharedFolders) {
    mkdirSync(folder, { recursive: true });
    run('mount', '-t', 'tmpfs', '-o', 'mode=755', 'plimsoll', folder);
    run('mount', '--make-shared', folder);
  }
  for (const [name, value] of Object.entries(kernelSettings)) showKernelSetting(place, name, value);
  run('ip', 'link', 'set', 'lo', 'up');
  run('ip', 'addr', 'add', `${nodeAddress}/32`, 'dev', 'lo');
  run('hostname', realNode);
  makeCgroups(place.cgroup);
}

function showKernelSetting(place: ClusterPlace, name: string, value: string): void {
  const file = path.join(place.folder, 'kernel', name.replaceAll('/', '-'));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${value}\n`);
  run('mount', '--bind', file, path.join('/proc/sys', name));
}

/** Folders of the control groups that hold the pods; in the second version there is one tree, else one for each controller. */
function cgroupFolders(cgroup: string): readonly string[] {
  if (existsSync(path.join(cgroups, 'cgroup.controllers'))) return [path.join(cgroups, cgroup)];
  return readdirSync(cgroups).map((controller) => path.join(cgroups, controller, cgroup));
}

/** @param cgroup from the root of a tree; what is above it is there already. */
export function makeCgroups(cgroup: string): void {
  for (const folder of cgroupFolders(cgroup)) {
    if (folder.startsWith(path.join(cgroups, 'unified'))) continue;
    mkdirSync(folder, { recursive: true });
    for (const name of ['cpuset.cpus', 'cpuset.mems']) {
      const [own, above] = [path.join(folder, name), path.join(path.dirname(folder), name)];
      if (existsSync(own) && existsSync(above)) writeFileSync(own, readFileSync(above));
    }
  }
}

/** After a bubble has ended: the control groups are all that is left of it. */
export function removeCgroups(place: ClusterPlace): void {
  for (const folder of cgroupFolders(place.cgroup)) if (existsSync(folder)) removeFolders(folder);
}

function removeFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeFolders(path.join(folder, entry.name));
  }
  try {
    rmdirSync(folder);
  } catch {
    // A process in it is still ending; an empty group costs nothing.
  }
}

function run(program: string, ...args: readonly string[]): void {
  const done = spawnSync(program, args, { encoding: 'utf8' });
  if (done.status !== 0)
    throw new Error(`${[program, ...args].join(' ')}: ${(done.stderr || String(done.error)).trim()}`);
}
