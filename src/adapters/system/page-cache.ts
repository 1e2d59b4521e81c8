import { execFile } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import type { CacheOutcome, PageCache } from '../../ports/nodes/page-cache.ts';

const run = promisify(execFile);
const programTimeoutMs = 60_000;
const filesAtOnce = 100;
/** Of the bytes: a page that somebody reads meanwhile is no reason to give up, and a cached model is. */
const leftShare = 0.01;

export interface PageCacheOptions {
  /** Programs of coreutils and util-linux. */
  readonly dd?: string;
  readonly fincore?: string;
  /** Null: it is not written to. */
  readonly dropCachesFile?: string | null;
}

/**
 * The page cache of Linux, by programs that every distribution has: `dd iflag=nocache count=0` asks with
 * `posix_fadvise(POSIX_FADV_DONTNEED)` that one file be forgotten, which needs no privilege and leaves the caches of others
 * alone; where that does not help, root may drop all clean pages (`/proc/sys/vm/drop_caches`). `fincore` shows by `mincore`
 * what is left: what cannot be shown is refused.
 */
export function makePageCache(options: PageCacheOptions = {}): PageCache {
  const { dd = 'dd', fincore = 'fincore', dropCachesFile = '/proc/sys/vm/drop_caches' } = options;

  const cached = (files: readonly string[], signal: AbortSignal) => measureResidency(files, signal, fincore);

  return {
    async drop(files, signal) {
      try {
        for (const file of files) {
          await run(dd, [`if=${file}`, 'iflag=nocache', 'count=0', 'status=none'], {
            signal,
            timeout: programTimeoutMs,
          });
        }
        const advised = await cached(files, signal);
        if (isGone(advised)) return { how: 'dropped from the page cache by posix_fadvise' };
        if (dropCachesFile === null || !(await writes(dropCachesFile, '1'))) return { refused: notGone(advised) };
        const dropped = await cached(files, signal);
        return isGone(dropped) ? { how: 'dropped from the page cache with all others' } : { refused: notGone(dropped) };
      } catch (thrown) {
        return refusal(thrown, signal);
      }
    },

    async fill(files, signal) {
      try {
        for (const file of files) await readWhole(file, signal);
        const { bytes, resident } = await cached(files, signal);
        if (resident >= bytes * (1 - leftShare)) return { how: 'in the page cache' };
        return { refused: `only ${formatBytes(resident)} of ${formatBytes(bytes)} stay in the page cache` };
      } catch (thrown) {
        return refusal(thrown, signal);
      }
    },
  };
}

interface Cached {
  readonly bytes: number;
  readonly resident: number;
}

/** Returns how many bytes of the files are in the page cache. @param fincore of util-linux. @throws where it is missing or fails */
export async function measureResidency(
  files: readonly string[],
  signal: AbortSignal,
  fincore = 'fincore',
): Promise<Cached> {
  let [bytes, resident] = [0, 0];
  for (let at = 0; at < files.length; at += filesAtOnce) {
    const some = files.slice(at, at + filesAtOnce);
    const args = ['--json', '--bytes', '--output', 'res,size', '--', ...some];
    const { stdout } = await run(fincore, args, { signal, timeout: programTimeoutMs });
    for (const { res, size } of readFincore(stdout)) {
      resident += res;
      bytes += size;
    }
  }
  return { bytes, resident };
}

const isGone = ({ bytes, resident }: Cached): boolean => resident <= bytes * leftShare;
const notGone = ({ bytes, resident }: Cached): string =>
  `${formatBytes(resident)} of ${formatBytes(bytes)} stay in the page cache: something uses them, or their file system is memory`;

/** `{"fincore": [{"res": 4096, "size": 1234}]}`; older versions write the numbers as text. */
function readFincore(text: string): readonly { readonly res: number; readonly size: number }[] {
  const { fincore } = JSON.parse(text) as { readonly fincore: readonly Record<'res' | 'size', number | string>[] };
  return fincore.map(({ res, size }) => ({ res: Math.min(Number(res), Number(size)), size: Number(size) }));
}

function refusal(thrown: unknown, signal: AbortSignal): CacheOutcome {
  signal.throwIfAborted();
  const { code, path: program, syscall } = thrown as NodeJS.ErrnoException;
  if (code === 'ENOENT' && program !== undefined && syscall?.startsWith('spawn') === true) {
    return {
      refused: `the program ${program} is missing (packages coreutils and util-linux), which it takes to show it`,
    };
  }
  return { refused: thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown) };
}

async function writes(file: string, text: string): Promise<boolean> {
  return writeFile(file, text).then(
    () => true,
    () => false,
  );
}

/** Reads a file to its end, for the pages that this leaves in the page cache. */
export async function readWhole(file: string, signal: AbortSignal): Promise<void> {
  const buffer = Buffer.allocUnsafe(1 << 20);
  const handle = await open(file, 'r');
  try {
    for (;;) {
      signal.throwIfAborted();
      if ((await handle.read(buffer, 0, buffer.length, null)).bytesRead === 0) return;
    }
  } finally {
    await handle.close();
  }
}
