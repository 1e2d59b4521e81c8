import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileOf, type ClusterPlace } from './place.ts';

/** Starts a program of the cluster that lives until it is stopped or the bubble ends. Its output is its log. */
export function startProgram(
  place: ClusterPlace,
  name: string,
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): void {
  const output = openSync(fileOf.log(place, name), 'a');
  const child = spawn(file, args, {
    cwd: place.folder,
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
  });
  closeSync(output);
  child.unref();
  child.once('error', (error) => writeFileSync(fileOf.log(place, name), `${error.message}\n`));
  writeFileSync(fileOf.process(place, name), String(child.pid ?? ''));
}

/** Ends a program and waits until it is gone; killed when it has not left after ten seconds. */
export async function stopProgram(
  place: ClusterPlace,
  name: string,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<void> {
  const pid = Number(readFileSync(fileOf.process(place, name), 'utf8'));
  if (!(await endProcess(pid, signal, 10_000)) && !(await endProcess(pid, 'SIGKILL', 10_000))) {
    throw new Error(`${name} (process ${pid}) does not end`);
  }
}

async function endProcess(pid: number, signal: NodeJS.Signals, limitMs: number): Promise<boolean> {
  const isGone = (): boolean =>
    !existsSync(`/proc/${pid}`) || /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  try {
    process.kill(pid, signal);
    for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 50) {
      if (isGone()) return true;
      await delay(50);
    }
    return false;
  } catch {
    return true;
  }
}

/** Waits until something holds. @throws Error with the last words of the program's log when it does not in time. */
export async function waitFor(
  place: ClusterPlace,
  name: string,
  holds: () => Promise<boolean>,
  limitMs = 120_000,
): Promise<void> {
  for (const giveUpAtMs = performance.now() + limitMs; performance.now() < giveUpAtMs; await delay(100)) {
    if (await holds().catch(() => false)) return;
  }
  const log = fileOf.log(place, name);
  const words = existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : 'it wrote no log';
  throw new Error(`${name} is not ready after ${limitMs / 1000} s: ${words}`);
}
