import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const listening = '0A';

/** Inodes of the sockets that listen on a TCP port of this machine, from /proc/net/tcp; none where there is no /proc. */
export function listenerInodes(port: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readOrEmpty(table).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      const localPort = Number.parseInt(local?.split(':')[1] ?? '', 16);
      if (state === listening && localPort === port && inode !== undefined) inodes.add(inode);
    }
  }
  return inodes;
}

/** True when the process has one of these sockets open; false also when we may not look. */
export function holdsSocket(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const target = linkOrEmpty(`/proc/${pid}/fd/${fd}`);
      return target.startsWith('socket:[') && inodes.has(target.slice('socket:['.length, -1));
    });
  } catch {
    return false;
  }
}

/** Who listens on a port, for an error message; null when nobody does or /proc does not tell us. */
export function portHolder(port: number): { readonly pid: number; readonly command: string } | null {
  const inodes = listenerInodes(port);
  if (inodes.size === 0) return null;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const pid = pids.map(Number).find((candidate) => holdsSocket(candidate, inodes));
  if (pid === undefined) return null;
  return { pid, command: readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim().slice(0, 200) };
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function linkOrEmpty(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
