import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { storeContract } from '../../../testing/store-contract.ts';
import { systemClock } from '../../system/clock.ts';
import { openSqliteStore } from './sqlite-store.ts';

storeContract('sqlite', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-store-'));
  return {
    store: await openSqliteStore({ file: path.join(folder, 'state', 'store.sqlite'), clock: systemClock }),
    close: () => rm(folder, { recursive: true, force: true }),
  };
});
