/**
 * A process of its own that uses a SQLite store, for tests of two at once and of kills:
 * `node store-process.ts FILE open | append HOLDER | contend HOLDER COUNT`. Prints one line for each thing that it did.
 */
import { systemClock } from '../../../adapters/system/clock.ts';
import { openSqliteStore } from '../../../adapters/sql/sqlite/sqlite-store.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Store } from '../../../ports/records/store.ts';
import { anEvent } from '../../builders/store-builders.ts';

const [file = '', mode = '', holder = '', count = '0'] = process.argv.slice(2);
const lease = 'control-plane/digits/prod';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Appends until it is killed; a line is printed only after its event was committed. */
async function appendForEver(store: Store): Promise<void> {
  const fence = await store.leases.acquire({ lease, holder, ttlMs: 60_000, nowMs: 0, isDead: () => true });
  if (fence === null) throw new Error('no lease');
  for (let n = 1; ; n += 1) {
    const { seq } = await store.transaction(fence, async (tx) => {
      await tx.appendEvent(anEvent('first.of-two', 1, { holder, n }));
      return tx.appendEvent(anEvent('second.of-two', 1, { holder, n }));
    });
    say(`${seq}`);
  }
}

/** Takes the lease again and again from whoever has it (as if its ttl had passed), and writes with each token it gets. */
async function contend(store: Store): Promise<void> {
  for (let n = 0; n < Number(count); n += 1) {
    const fence = await store.leases.acquire({ lease, holder, ttlMs: 1, nowMs: 0, isDead: () => true });
    if (fence === null) continue;
    await systemClock.sleep(n % 3);
    await store
      .transaction(fence, (tx) => tx.appendEvent(anEvent('written.with', 1, { holder, token: fence.token })))
      .then(
        () => say(`written ${fence.token}`),
        (thrown: unknown) => say(thrown instanceof PlimsollError ? thrown.code : String(thrown)),
      );
  }
}

const store = await openSqliteStore({ file, clock: systemClock, lockWaitMs: 20_000 });
say('open');
if (mode === 'append') await appendForEver(store);
if (mode === 'contend') await contend(store);
await store.close();
