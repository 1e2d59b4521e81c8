import type { Clock } from '../../ports/process/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { appendAnchor } from './anchor-file.ts';

/** How much an attacker can take back unseen: what was recorded since the last anchor. */
const anchorEveryMs = 60_000;

/** Appends the head of the chain to a file each minute where it moved, until `signal` is aborted, and once more then. */
export async function keepAnchored(
  {
    store,
    clock,
    file,
    tell,
  }: {
    readonly store: Pick<StoreReader, 'chainHead'>;
    readonly clock: Clock;
    readonly file: string;
    /** Told what went wrong; it is tried again a minute later. */
    readonly tell: (problem: unknown) => void;
  },
  signal: AbortSignal,
): Promise<void> {
  let anchored = 0;
  const anchor = async (): Promise<void> => {
    try {
      const head = await store.chainHead();
      if (head === null || head.seq === anchored) return;
      await appendAnchor(file, { ...head, atMs: clock.nowMs() });
      anchored = head.seq;
    } catch (thrown) {
      tell(thrown);
    }
  };
  while (!signal.aborted) {
    await anchor();
    await clock.sleep(anchorEveryMs, signal).catch(() => undefined);
  }
  await anchor();
}
