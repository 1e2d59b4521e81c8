import { expect, it } from 'vitest';
import { emptyReplays, type ReplayState } from '../../../core/monitoring/replay/replay-state.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

const at = (rotateAtMs: number): ReplayState => ({ ...emptyReplays, seen: ['0a1b2c3d'], rotateAtMs });

/** The part of the store's contract that tells what is remembered of the golden replays of a service. */
export function storeReplayContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  it('the golden replays of a service are what was set last, and of this service and environment alone', () =>
    writing(async (store, write) => {
      expect(await store.replayState('digits', 'prod')).toBeNull();
      await write((tx) => tx.setReplayState('digits', 'prod', at(1)));
      await write((tx) => tx.setReplayState('digits', 'dev', at(2)));
      await write((tx) => tx.setReplayState('digits', 'prod', at(3)));
      expect(await store.replayState('digits', 'prod')).toEqual(at(3));
      expect(await store.replayState('digits', 'dev')).toEqual(at(2));
      expect(await store.replayState('other', 'prod')).toBeNull();
    }));
}
