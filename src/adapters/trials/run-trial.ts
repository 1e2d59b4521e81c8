import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { PreflightCheck } from '../../core/pool/preflight/preflight.ts';
import { formatDuration } from '../../core/units/quantity/quantity-duration.ts';
import type { TrialBounds } from '../../ports/nodes/node-trials.ts';
import { readTrialLine, type CudaDevice } from './trial-line.ts';

/** What a process said until it ended, was killed, or was left behind. */
export interface TrialEnd {
  readonly checks: readonly PreflightCheck[];
  readonly devices: readonly CudaDevice[];
  /** Why it could not say all; null where it did. */
  readonly failure: string | null;
}

/** Lines that are read of one process. */
const mostLines = 20_000;

/**
 * Runs a program of trials in a process of its own. The check in which it hung, crashed or was out of time fails with that reason: a
 * driver that does not come back is a fault. A process that hangs in the kernel cannot be killed; it is left behind, and nothing waits
 * for it.
 */
export function runTrial(
  worker: string,
  args: readonly string[],
  { timeoutMs, signal }: TrialBounds,
): Promise<TrialEnd> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', worker, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    const checks: PreflightCheck[] = [];
    const devices: CudaDevice[] = [];
    let underWay: Pick<PreflightCheck, 'kind' | 'of'> | null = null;
    let failure: string | null = null;
    let lines = 0;
    let isOver = false;
    const end = (why: string | null): void => {
      // A process that was left behind may still end.
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      if (why !== null && underWay !== null) checks.push({ ...underWay, verdict: 'fail', reason: why });
      resolve({ checks, devices, failure: failure ?? why });
    };
    const leave = (why: string): void => {
      if (child.pid !== undefined) {
        child.kill('SIGKILL');
        child.stdout.destroy();
        child.unref();
      }
      end(why);
    };
    const abort = (): void => {
      // First: a promise keeps the first outcome that it is given.
      reject(signal.reason as Error);
      leave('it was interrupted');
    };
    const timer = setTimeout(() => {
      leave(`no answer within ${formatDuration(timeoutMs)}`);
    }, timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    child.once('error', (error: NodeJS.ErrnoException) => {
      end(`it cannot be run (${error.code ?? error.message})`);
    });
    // Where no file handle is left, there is no pipe to listen to.
    if (child.pid === undefined) return;
    const reader = createInterface({ input: child.stdout });
    reader.on('line', (text) => {
      lines += 1;
      if (lines > mostLines) {
        leave(`it printed more than ${mostLines} lines`);
        return;
      }
      const line = readTrialLine(text);
      if (line === null) return;
      if ('begins' in line) underWay = line.begins;
      else if ('device' in line) devices.push(line.device);
      else if ('failed' in line) failure = line.failed;
      else {
        checks.push(line.check);
        underWay = null;
      }
    });
    child.once('close', (exit, killed) => {
      const why =
        exit === 0 ? null : killed === null ? `the process ended with ${exit}` : `the process ended by ${killed}`;
      if (exit === 0) underWay = null;
      // The last lines may still be under way to the reader.
      setImmediate(() => {
        end(why);
      });
    });
  });
}
