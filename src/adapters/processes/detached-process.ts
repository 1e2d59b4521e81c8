import { spawn } from 'node:child_process';
import { closeSync, fchownSync, openSync } from 'node:fs';
import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { ProcessEnd } from '../../core/rollout/deployment/restart.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { ProcessTable } from './process-table/process-table.ts';

/** A process that outlives the one that started it: its own session, output to files. */
export interface DetachedProcess {
  readonly pid: number;
  /** Null when it ended before its start time could be read. */
  readonly identity: string | null;
  /** Resolves once, when it is gone; never when the watching was ended first. */
  readonly ended: Promise<ProcessEnd>;
}

export interface DetachedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Appended to. */
  readonly stdout: string;
  readonly stderr: string;
  /** Whom the two files are to belong to: a program may open its own output again, as /dev/stderr. The caller unless given. */
  readonly outputOwner?: { readonly uid: number; readonly gid: number };
}

/** @throws PlimsollError `program-missing` (input), `spawn-failed` (unavailable). */
export function spawnDetached(command: DetachedCommand, table: ProcessTable): Promise<DetachedProcess> {
  const stdout = openSync(command.stdout, 'a', 0o600);
  const stderr = openSync(command.stderr, 'a', 0o600);
  return new Promise((resolve, reject) => {
    try {
      const { outputOwner } = command;
      if (outputOwner !== undefined) {
        for (const file of [stdout, stderr]) fchownSync(file, outputOwner.uid, outputOwner.gid);
      }
      const child = spawn(command.file, [...command.args], {
        cwd: command.folder,
        env: { ...command.env },
        detached: true,
        stdio: ['ignore', stdout, stderr],
      });
      const ended = new Promise<ProcessEnd>((done) => {
        child.once('exit', (status, signal) => {
          done(signal === null ? { kind: 'exit', status: status ?? 0 } : { kind: 'signal', signal });
        });
      });
      child.once('error', (error) => reject(spawnError(command, error)));
      child.once('spawn', () => {
        const pid = child.pid ?? 0;
        child.unref();
        resolve({ pid, identity: table.identity(pid), ended });
      });
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
  });
}

/** A process that somebody else started. Nobody tells us when it ends, so its identity is looked at again and again. */
export function adoptProcess(
  identity: string,
  pid: number,
  table: ProcessTable,
  clock: Clock,
  pollMs: number,
  closed: AbortSignal,
): DetachedProcess {
  const ended = new Promise<ProcessEnd>((done) => {
    const look = async (): Promise<void> => {
      while (table.identity(pid) === identity) await clock.sleep(pollMs, closed);
      done({ kind: 'unknown' });
    };
    look().catch(() => undefined);
  });
  return { pid, identity, ended };
}

/** False when it is gone. Its identity is checked first, so that the signal reaches no other process. */
export function signalProcess(
  process_: Pick<DetachedProcess, 'pid' | 'identity'>,
  signal: 'SIGTERM' | 'SIGKILL',
  table: ProcessTable,
): boolean {
  if (process_.identity === null || table.identity(process_.pid) !== process_.identity) return false;
  return sendSignal(process_.pid, signal);
}

/** True when it was gone before the time was up. Waits no longer than it must, so that nothing is held open. */
export async function endedWithin(
  process_: Pick<DetachedProcess, 'ended'>,
  timeoutMs: number,
  clock: Clock,
  cutShort: AbortSignal,
): Promise<boolean> {
  const over = new AbortController();
  const waiting = clock.sleep(timeoutMs, AbortSignal.any([over.signal, cutShort])).then(
    () => false,
    () => false,
  );
  const ended = await Promise.race([process_.ended.then(() => true), waiting]);
  over.abort();
  return ended;
}

/** SIGTERM, and SIGKILL when that was not enough in time; resolves when it is gone. */
export async function endProcess(
  process_: DetachedProcess,
  drainTimeoutMs: number,
  table: ProcessTable,
  clock: Clock,
  forced: AbortSignal = new AbortController().signal,
): Promise<void> {
  if (!forced.aborted) signalProcess(process_, 'SIGTERM', table);
  if (!(await endedWithin(process_, drainTimeoutMs, clock, forced))) signalProcess(process_, 'SIGKILL', table);
  await process_.ended;
}

/** Kills what carries these marks: children of a process that is gone, as the end of a container would. */
export function killMarked(marks: Readonly<Record<string, string>>, table: ProcessTable): number {
  const left = table.marked(marks);
  for (const { pid } of left) sendSignal(pid, 'SIGKILL');
  return left.length;
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function spawnError(command: DetachedCommand, error: NodeJS.ErrnoException): PlimsollError {
  const missing = error.code === 'ENOENT';
  return new PlimsollError({
    code: missing ? 'program-missing' : 'spawn-failed',
    category: missing ? 'input' : 'unavailable',
    message: missing
      ? `there is no program \`${command.file}\` in PATH or in ${command.folder}`
      : `cannot start \`${command.file}\`: ${error.code ?? error.message}`,
    next: missing
      ? 'install it, or name another one in `code.command`'
      : nextStep(adapterSteps, 'program-missing+spawn-failed'),
    cause: error,
  });
}
