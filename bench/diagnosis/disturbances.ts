import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';

/** Something that was started, and is stopped at the end of a run. */
export type Stop = () => Promise<void>;

/**
 * Starts programs of the bench with priority over what else runs on this machine, where that is allowed (nice(1) goes on without):
 * faults then come of the bench alone.
 */
export const preferred = ['nice', '-n', '-10'] as const;

/** Ends a program that this one started and that outlived it, as after SIGKILL. */
const endWithParent = 'const parent = process.ppid; const look = () => process.ppid === parent || process.exit();';
const busyProgram = `${endWithParent} for (;;) { for (let at = 0; at < 1e6; at += 1); look(); }`;

/** Busy programs on one core. @param procs of the control group in which they compete; null: of none. */
export function startHogs(count: number, core: number, procs: string | null): Stop {
  const hogs = Array.from({ length: count }, () =>
    spawn('taskset', ['-c', String(core), ...preferred, process.execPath, '-e', busyProgram], { stdio: 'ignore' }),
  );
  if (procs !== null) for (const { pid } of hogs) writeFileSync(procs, String(pid));
  return () => stopAll(hogs);
}

/** Forgets what the page cache holds of a file, so many times a second, by posix_fadvise(2). */
export function startDropping(file: string, everyMs: number): Stop {
  const program = `
    ${endWithParent}
    const koffi = require('koffi');
    const advise = koffi.load(null).func('int posix_fadvise(int fd, int64 offset, int64 len, int advice)');
    const fd = require('node:fs').openSync(${JSON.stringify(file)}, 'r');
    setInterval(() => { look(); advise(fd, 0, 0, 4); }, ${everyMs});`;
  const child = spawn(process.execPath, ['-e', program], { cwd: import.meta.dirname, stdio: 'ignore' });
  return () => stopAll([child]);
}

/** Passes bytes on after a delay, both ways: the network. */
export async function startDelayingProxy(
  toPort: number,
  delayMs: number,
): Promise<{ readonly port: number; stop: Stop }> {
  const server = createServer((client) => {
    const replica = connect(toPort, '127.0.0.1');
    client.setNoDelay(true);
    replica.setNoDelay(true);
    for (const [from, to] of [
      [client, replica],
      [replica, client],
    ] as const) {
      from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), delayMs));
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  return { port: await listen(server), stop: () => close(server) };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function close(server: Server): Promise<void> {
  server.close();
  return Promise.resolve();
}

export async function stopAll(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const over = once(child, 'exit');
      child.kill('SIGKILL');
      await over;
    }),
  );
}
