import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeDurably } from '../../files/write-durably.ts';
import { systemRandom } from '../../system/random.ts';
import { makeOrdersToken, readOrdersToken } from './orders-token.ts';

let stateFolder: string;
beforeEach(async () => (stateFolder = await mkdtemp(path.join(tmpdir(), 'plimsoll-orders-'))));
afterEach(() => rm(stateFolder, { recursive: true, force: true }));

it('keeps a token for its owner alone, another one for each start, and none where none was made', async () => {
  expect(await readOrdersToken(stateFolder, 'r-1')).toBeNull();
  const machine = { stateFolder, random: systemRandom, writeDurably };
  const first = await makeOrdersToken(machine, 'r-1');
  expect(await readOrdersToken(stateFolder, 'r-1')).toBe(first);
  const file = path.join(stateFolder, 'run', 'replicas', 'r-1', 'orders.token');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await makeOrdersToken(machine, 'r-1')).not.toBe(first);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
});
