import type { Clock } from '../../ports/process/clock.ts';
import type { AnchorPlace } from '../../ports/records/anchors.ts';
import type { StoreReader } from '../../ports/records/store.ts';

/** How long the last anchor of a program that ends may take. */
const lastMs = 10_000;

/** Appends the head of the chain to a place, at its pace and where it moved, until `signal` is aborted, and once more then. */
export async function keepAnchored(
  {
    store,
    clock,
    place,
    everyMs,
    tell,
  }: {
    readonly store: Pick<StoreReader, 'chainHead'>;
    readonly clock: Clock;
    readonly place: Pick<AnchorPlace, 'append'>;
    readonly everyMs: number;
    /** Told what went wrong; it is tried again the next time. */
    readonly tell: (problem: unknown) => void;
  },
  signal: AbortSignal,
): Promise<void> {
  let anchored = 0;
  const anchor = async (until: AbortSignal): Promise<void> => {
    try {
      const head = await store.chainHead();
      if (head === null || head.seq === anchored) return;
      await place.append({ ...head, atMs: clock.nowMs() }, until);
      anchored = head.seq;
    } catch (thrown) {
      if (!signal.aborted || until !== signal) tell(thrown);
    }
  };
  while (!signal.aborted) {
    await anchor(signal);
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
  await anchor(AbortSignal.timeout(lastMs));
}
