import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../system/clock.ts';
import type { SqlBackend } from './backend.ts';
import { migrate, released } from './migrate.ts';
import type { Migration } from './migration.ts';
import { table } from './migrations/table.ts';
import { schemaVersion } from './schema-version.ts';
import { openSqliteStore, sqliteBackend } from './sqlite/sqlite-store.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-readable-'));
});
afterEach(() => rm(folder, { recursive: true }));

const fileOf = (): string => path.join(folder, 'store.sqlite');
/** A step of a later version. */
const later = (version: number, readableFrom?: number): Migration => ({
  version,
  name: `later-${version}`,
  ...(readableFrom === undefined ? {} : { readableFrom }),
  up: (db) => table(db, `later_${version}`, { id: 'text' }, ['id']).execute(),
});
async function migrateBy(...steps: readonly Migration[]): Promise<void> {
  const backend: SqlBackend = await sqliteBackend({ file: fileOf(), clock: systemClock });
  await migrate(backend, [...released, ...steps]);
  await backend.close();
}
const [next, afterNext] = [schemaVersion + 1, schemaVersion + 2];

describe('a store that a newer version brought up to date', () => {
  it.each([
    ['one step that only adds', [later(next, schemaVersion)]],
    ['one step that older versions can read too', [later(next, schemaVersion - 1)]],
    ['two steps that only add', [later(next, schemaVersion), later(afterNext, schemaVersion)]],
  ])('is opened and written to after %s, and the newer version goes on with it', async (_what, steps) => {
    await migrateBy(...steps);
    const store = await openSqliteStore({ file: fileOf(), clock: systemClock });
    const lease = { lease: 'control-plane', holder: 'older', ttlMs: 1_000, nowMs: 0 };
    const fence = await store.leases.acquire({ ...lease, isDead: () => Promise.resolve(false) });
    if (fence === null) throw new Error('the lease of a new store is held');
    await store.transaction(fence, (tx) =>
      tx.setHeldService({ service: 'digits', environment: 'prod', origin: 'released', sinceMs: 1 }),
    );
    await store.close();
    await migrateBy(...steps);
    const again = await openSqliteStore({ file: fileOf(), clock: systemClock });
    expect(await again.heldServices()).toMatchObject([{ service: 'digits' }]);
    await again.close();
  });

  it.each([
    ['one step that changes what is there', [later(next)]],
    ['one step that only the versions before this one do not know', [later(next, next)]],
    ['a step that changes before one that adds', [later(next), later(afterNext, schemaVersion)]],
    ['a step that adds before one that changes', [later(next, schemaVersion), later(afterNext)]],
  ])('is refused after %s', async (_what, steps) => {
    await migrateBy(...steps);
    await expect(openSqliteStore({ file: fileOf(), clock: systemClock })).rejects.toMatchObject({
      code: 'store-newer',
      next: expect.stringContaining('docs/stores.md') as string,
    });
  });
});
