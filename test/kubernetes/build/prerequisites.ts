import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { goVersion } from './binaries.ts';

const cniFolders = ['/usr/lib/cni', '/opt/cni/bin'];
const cniPlugins = ['bridge', 'host-local', 'loopback'];

/** Folder of the network plugins, or null. */
export function findCniFolder(): string | null {
  return cniFolders.find((folder) => cniPlugins.every((name) => existsSync(path.join(folder, name)))) ?? null;
}

/** Why no cluster can be started or built here, each with the next step; empty when nothing is missing. */
export function missingForCluster(): string[] {
  const missing: string[] = [];
  if (process.platform !== 'linux' || process.arch !== 'x64') missing.push('it needs Linux on x64');
  if (process.getuid?.() !== 0) missing.push('it needs root: start it with sudo, in a virtual machine or a container');
  for (const program of ['unshare', 'setpriv', 'mount', 'ip', 'tar', 'runc']) {
    if (findOnPath(program) === null)
      missing.push(`${program} is missing: apt-get install util-linux iproute2 tar runc`);
  }
  if (findCniFolder() === null) {
    missing.push('the network plugins are missing: apt-get install containernetworking-plugins');
  }
  if (missing.length === 0 && !canUnshare()) missing.push('this machine does not allow new namespaces (unshare)');
  if (goVersion() === '') missing.push('Go is missing, which builds the programs of the cluster');
  return missing;
}

export function findOnPath(program: string): string | null {
  const folders = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`.split(':');
  return folders.map((folder) => path.join(folder, program)).find((file) => existsSync(file)) ?? null;
}

function canUnshare(): boolean {
  const tried = spawnSync('unshare', ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', 'true']);
  return tried.status === 0;
}
