import { spawn } from 'node:child_process';

export type ProgramEnd =
  | { readonly kind: 'ended'; readonly exit: number | null; readonly out: Uint8Array; readonly err: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface ProgramBounds {
  readonly timeoutMs: number;
  readonly mostBytes: number;
  readonly signal: AbortSignal;
}

const mostErrorLength = 2000;

/**
 * Runs another program without a shell and waits no longer than told. A process that hangs in the kernel cannot be killed:
 * it is left behind, and nothing here waits for it.
 */
export function runBounded(
  file: string,
  args: readonly string[],
  { timeoutMs, mostBytes, signal }: ProgramBounds,
): Promise<ProgramEnd> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } });
    // Before all else: where no file handle is left, there are no pipes to listen to.
    child.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ENOENT' ? 'it is not there' : `it cannot be run (${error.code})`;
      settle(() => {
        resolve({ kind: 'failed', reason });
      });
    });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    let err = '';
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      act();
    };
    const leave = (reason: string): void => {
      if (child.pid !== undefined) {
        child.kill('SIGKILL');
        child.stdout.destroy();
        child.stderr.destroy();
        child.unref();
      }
      settle(() => {
        resolve({ kind: 'failed', reason });
      });
    };
    const abort = (): void => {
      // First: a promise keeps the first outcome that it is given.
      reject(signal.reason as Error);
      leave('it was interrupted');
    };
    const timer = setTimeout(() => {
      leave(`it gave no answer in ${timeoutMs / 1000} s`);
    }, timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    if (child.pid === undefined) return;
    child.stdout.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes > mostBytes) leave(`it printed more than ${mostBytes} bytes`);
      else chunks.push(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (err.length < mostErrorLength) err += text;
    });
    child.once('close', (exit) => {
      settle(() => {
        resolve({ kind: 'ended', exit, out: Buffer.concat(chunks), err: err.slice(0, mostErrorLength).trim() });
      });
    });
  });
}
