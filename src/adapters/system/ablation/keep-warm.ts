import { access, constants } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ablation } from '../../../ports/nodes/ablation.ts';
import { readWhole } from '../page-cache.ts';

/** Between two readings of the files: what drops pages has little time to. */
const pauseMs = 20;
const settleMs = 100;
const firstReadingAtMostMs = 3_000;

/**
 * Prepares keeping files in the page cache: they are read again and again while the experiment is applied. It drops nothing, so
 * that a service whose files would stay there by themselves shows no effect. Whether pages stay is not asked: that is the effect.
 * Nothing has to be undone on the node.
 */
export async function prepareWarmPageCache(
  files: readonly string[],
  signal: AbortSignal,
): Promise<Ablation | { readonly refused: string }> {
  if (files.length === 0) return { refused: 'the files that the replica reads are not known' };
  signal.throwIfAborted();
  for (const file of files) {
    const isReadable = await access(file, constants.R_OK).then(
      () => true,
      () => false,
    );
    if (!isReadable) return { refused: `${file} cannot be read` };
  }
  const fill = async (until: AbortSignal): Promise<void> => {
    for (const file of files) await readWhole(file, until);
  };
  let stop: AbortController | null = null;
  let keeping: Promise<void> = Promise.resolve();
  const keep = async (until: AbortSignal): Promise<void> => {
    while (!until.aborted) {
      await fill(until);
      await delay(pauseMs, undefined, { signal: until });
    }
  };
  return {
    restoration: null,
    settleMs,
    apply: async () => {
      if (stop !== null) return;
      stop = new AbortController();
      const firstReading = AbortSignal.any([stop.signal, AbortSignal.timeout(firstReadingAtMostMs)]);
      // Files that are larger than that are kept warm by and by.
      await fill(firstReading).catch(() => undefined);
      keeping = keep(stop.signal).catch(() => undefined);
    },
    undo: async () => {
      stop?.abort();
      stop = null;
      await keeping;
    },
  };
}
