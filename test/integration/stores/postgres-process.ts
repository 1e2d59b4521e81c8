/**
 * A process of its own on a store in PostgreSQL: `DATABASE_URL=... node postgres-process.ts open | append HOLDER | hold`.
 * Prints a line for each thing that it did, after it was committed.
 */
import { flushCompileCache } from 'node:module';
import { openPostgresStore } from '../../../src/adapters/sql/postgres/postgres-store.ts';
import { PlimsollError } from '../../../src/core/units/errors.ts';
import type { Fence, Store } from '../../../src/ports/records/store.ts';
import { anEvent } from '../../../src/testing/builders/store-builders.ts';

const [mode = '', holder = ''] = process.argv.slice(2);
const lease = 'control-plane/digits/prod';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const store = await openPostgresStore({ url: process.env['DATABASE_URL'] ?? '' });
say('open');
// Who is killed writes no cache at its end. The next process starts faster with it.
flushCompileCache();
if (mode === 'append') await appendForEver(store);
if (mode === 'control') await actWhileHeld(store);
await store.close();

async function appendForEver(on: Store): Promise<void> {
  const fence = await on.leases.acquire({ lease, holder, ttlMs: 60_000, nowMs: 0, isDead: () => true });
  if (fence === null) throw new Error('no lease');
  for (let n = 1; ; n += 1) {
    const [first, second] = [anEvent('first.of-two', 1, { holder, n }), anEvent('second.of-two', 1, { holder, n })];
    try {
      const { seq } = await on.transaction(fence, async (tx) => {
        await tx.appendEvent(first);
        return tx.appendEvent(second);
      });
      say(`${seq}`);
    } catch (thrown) {
      if (!(thrown instanceof PlimsollError)) throw thrown;
      say(`failed ${thrown.code}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** As a control plane does: takes the lease when it is free or has run out, renews it, acts only while it holds it. */
async function actWhileHeld(on: Store): Promise<void> {
  const ttlMs = 2_000;
  let fence: Fence | null = null;
  for (;;) {
    try {
      fence ??= await on.leases.acquire({ lease, holder, ttlMs, nowMs: Date.now() });
      if (fence !== null) {
        const held = fence;
        const { seq } = await on.transaction(held, (tx) =>
          tx.appendEvent(anEvent('acted', Date.now(), { holder, token: held.token })),
        );
        const lease_ = await on.leases.current(lease);
        if (lease_ !== null) await on.leases.renew({ ...lease_, ...held, holder }, { ttlMs, nowMs: Date.now() });
        say(`acted ${held.token} ${seq}`);
      }
    } catch (thrown) {
      if (!(thrown instanceof PlimsollError)) throw thrown;
      say(`refused ${thrown.code}`);
      if (thrown.code === 'lease-lost') fence = null;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
