import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Fence } from '../../ports/records/store.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { sqliteBackend } from './sqlite/sqlite-store.ts';
import { sqlStore } from './store.ts';

const held = { service: 'digits', environment: 'prod', origin: 'given', sinceMs: 1 } as const;
let folder = '';
afterEach(() => rm(folder, { recursive: true, force: true }));

it('a transaction that hangs is rolled back, and what it would write later goes nowhere', async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-short-'));
  const backend = await sqliteBackend({ file: path.join(folder, 'store.sqlite'), clock: new FakeClock() });
  const store = await sqlStore(backend, 50);
  const fence: Fence | null = await store.leases.acquire({ lease: 'x', holder: 'me', ttlMs: 1e12, nowMs: 0 });
  if (fence === null) throw new Error('the lease of a new store is free');
  let later = (): Promise<void> => Promise.reject(new Error('it never began'));
  const hanging = store.transaction(fence, async (tx) => {
    await tx.setHeldService(held);
    later = async () => tx.setHeldService({ ...held, service: 'late' });
    await new Promise<never>(() => undefined);
  });
  await expect(hanging).rejects.toMatchObject({ code: 'transaction-too-long' });
  await expect(later()).rejects.toMatchObject({ code: 'transaction-over' });
  expect(await store.heldServices()).toEqual([]);
  await store.transaction(fence, (tx) => tx.setHeldService(held));
  expect(await store.heldServices()).toEqual([held]);
  await store.close();
});
