import { access, constants } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ablation } from '../../../ports/nodes/ablation.ts';
import { measureResidency, readWhole } from '../page-cache.ts';
import { openHeldPages } from './hold-pages.ts';

/** Between two readings of files that cannot be held: what drops pages has little time to. */
const pauseMs = 20;
const settleMs = 100;
const firstReadingAtMostMs = 3_000;
/** After they were let go: what drops pages has so long to drop them again. */
const coldAgainAtMostMs = 3_000;
const coldLookMs = 50;
/** Of the bytes of the files, over what was there before. */
const coldAgainShare = 0.1;

/**
 * Prepares keeping files in the page cache: they are read and held there while the experiment is applied, and what cannot be held is
 * read again and again. It drops nothing, so that a service whose files would stay there by themselves shows no effect. After it has
 * let go it waits until as much is gone as before, for some seconds at most: pages that are still there would make the measurement
 * without the change look like the one with it. Nothing has to be undone on the node.
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
  const resident = (): Promise<number | null> =>
    measureResidency(files, AbortSignal.timeout(coldAgainAtMostMs)).then(
      (cached) => cached.resident / Math.max(1, cached.bytes),
      () => null,
    );
  let [stop, before]: [AbortController | null, number | null] = [null, null];
  let keeping: Promise<void> = Promise.resolve();
  const pages = await openHeldPages();
  const hold = async (until: AbortSignal): Promise<boolean> => {
    if (pages === null) return false;
    for (const file of files) if (!(await pages.hold(file, until))) return false;
    return true;
  };
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
      before ??= await resident();
      stop = new AbortController();
      const firstReading = AbortSignal.any([stop.signal, AbortSignal.timeout(firstReadingAtMostMs)]);
      // Files that are larger than that are kept warm by and by.
      await fill(firstReading).catch(() => undefined);
      const isHeld = await hold(firstReading).catch(() => false);
      if (!isHeld) keeping = keep(stop.signal).catch(() => undefined);
    },
    undo: async () => {
      if (stop === null) return;
      stop.abort();
      stop = null;
      await keeping;
      pages?.release();
      if (before === null) return;
      const untilMs = performance.now() + coldAgainAtMostMs;
      for (;;) {
        const now = await resident();
        if (now === null || now <= before + coldAgainShare) return;
        if (performance.now() >= untilMs) {
          // Nothing drops them. It is not waited for again.
          before = now;
          return;
        }
        await delay(coldLookMs);
      }
    },
  };
}
