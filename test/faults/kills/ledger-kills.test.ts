import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LedgerRow } from '../../../src/core/cost/ledger/row.ts';
import { countLost, lastAccountMs, readAccount, readRecorded, type RecordedFacts } from '../../rigs/ledger-account.ts';
import { Load } from '../../rigs/load.ts';
import { killNow } from '../../rigs/running-up.ts';
import { report, rounds, seed, seededRandom } from '../../rigs/seeded.ts';
import { tinyModel } from '../../rigs/tiny-model.ts';
import { World } from '../../rigs/world.ts';

/** kill -9 of the control plane while a replica serves on one core of the machine, and nobody holds the others. */
const kills = Math.max(2, Math.ceil(rounds / 7));
const model = tinyModel(1);
const random = seededRandom(seed);
let world: World;
let load: Load;

beforeAll(async () => {
  world = await World.open({ replicas: 1 });
  await world.release(model);
  load = new Load(world.gatewayUrl, [model], 2);
});
afterAll(async () => {
  await load.end();
  await world.close();
});

const sumOf = (rows: readonly LedgerRow[]): number => rows.reduce((sum, { computeMs }) => sum + computeMs, 0);

it(`the account of device time after ${kills} kills: no fact is lost, it adds up, and only free cores have a gap`, async () => {
  const file = path.join(world.stateFolder, 'store.sqlite');
  await world.until('the first account is there', () => lastAccountMs(file) !== null);
  const fromMs = lastAccountMs(file) ?? 0;
  let known: RecordedFacts = new Map();
  for (let round = 0; round < kills; round += 1) {
    // A control plane makes its first account some ten seconds after its start.
    await delay(random() * 15_000);
    known = new Map([...known, ...readRecorded(file)]);
    await killNow(world.programPid('control-plane') ?? 0);
    await world.until('a control plane answers again', async () => (await world.tryView()) !== null);
  }
  const killedMs = Date.now();
  await world.until('work is accounted after the last kill', () => (lastAccountMs(file) ?? 0) > killedMs);
  const toMs = lastAccountMs(file) ?? 0;
  expect(countLost(known, readRecorded(file))).toBe(0);
  const { rows, rebuilt } = await readAccount(file, fromMs, toMs);
  const again = await readAccount(file, fromMs, toMs);
  expect(again.rows).toEqual(rows);
  expect(rebuilt.identical).toBe(true);
  expect(sumOf(rows) % (toMs - fromMs)).toBe(0);
  const held = rows.filter(({ claim }) => claim !== null);
  expect(sumOf(held)).toBe(toMs - fromMs);
  expect(new Set(held.map(({ state }) => state))).toEqual(new Set(['serving', 'idle']));
  const gaps = rows.filter(({ state }) => state === 'unattributable');
  const free = availableParallelism() > 1 ? ['control-plane-down null'] : [];
  expect([...new Set(gaps.map(({ reason, claim }) => `${reason} ${claim}`))]).toEqual(free);
  report(
    `control plane killed ${kills} times: ${known.size} facts all there; of ${((toMs - fromMs) / 1_000).toFixed(0)} s the ` +
      `replica's core has no gap, and free cores ${(sumOf(gaps) / 1_000).toFixed(0)} core-seconds`,
  );
});
