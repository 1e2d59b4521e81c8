import { open } from 'node:fs/promises';
import type { PreflightCheck } from '../../core/pool/preflight/preflight.ts';
import type { TrialBounds, TriedFile } from '../../ports/nodes/node-trials.ts';
import type { PageCache } from '../../ports/nodes/page-cache.ts';

/** Read of each file at most. */
const mostBytes = 256 * 1024 * 1024;
const chunkBytes = 4 * 1024 * 1024;

/**
 * Reads the beginning of files: first from the disk, where the page cache can be shown to have forgotten them, then from memory.
 * A file that cannot be read fails; a cache that cannot be emptied makes the cold read unknown. What the time does not reach is unknown.
 */
export async function tryStorage(
  files: readonly TriedFile[],
  cache: Pick<PageCache, 'drop'>,
  { timeoutMs, signal }: TrialBounds,
): Promise<readonly PreflightCheck[]> {
  const until = performance.now() + timeoutMs;
  const checks: PreflightCheck[] = [];
  for (const { location: file, shown: of } of files) {
    const tell = (kind: 'storage-cold' | 'storage-cached', read: Reading): void => {
      checks.push(
        'bytesPerSecond' in read
          ? { kind, of, verdict: 'pass', reason: null, bytesPerSecond: read.bytesPerSecond }
          : {
              kind,
              of,
              verdict: 'failed' in read ? 'fail' : 'unknown',
              reason: 'failed' in read ? read.failed : read.unknown,
            },
      );
    };
    signal.throwIfAborted();
    if (performance.now() >= until) {
      tell('storage-cold', { unknown: 'no time was left for it' });
      continue;
    }
    const dropped = await cache.drop([file], signal);
    if ('refused' in dropped) tell('storage-cold', { unknown: dropped.refused });
    const first = await readBeginning(file, until, signal);
    if ('how' in dropped || 'failed' in first) tell('storage-cold', first);
    if ('failed' in first) continue;
    tell('storage-cached', await readBeginning(file, until, signal));
  }
  return checks;
}

type Reading = { readonly bytesPerSecond: number } | { readonly failed: string } | { readonly unknown: string };

async function readBeginning(file: string, until: number, signal: AbortSignal): Promise<Reading> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  try {
    const handle = await open(file, 'r');
    try {
      const begun = performance.now();
      let bytes = 0;
      while (bytes < mostBytes) {
        signal.throwIfAborted();
        if (performance.now() >= until && bytes > 0) break;
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, bytes);
        if (bytesRead === 0) break;
        bytes += bytesRead;
      }
      if (bytes === 0) return { unknown: 'it is empty' };
      return { bytesPerSecond: Math.round((bytes / Math.max(performance.now() - begun, 1e-3)) * 1000) };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    signal.throwIfAborted();
    const error = thrown as NodeJS.ErrnoException;
    return { failed: `it cannot be read (${error.code ?? error.message})` };
  }
}
