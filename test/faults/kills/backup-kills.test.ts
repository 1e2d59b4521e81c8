import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFileBlobs } from '../../../src/adapters/files/blobs.ts';
import { makeProcessIdentity } from '../../../src/adapters/processes/process-table/process-identity.ts';
import { openSqliteStore } from '../../../src/adapters/sql/sqlite/sqlite-store.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import type { Store } from '../../../src/ports/records/store.ts';
import { fillStore } from '../../../src/testing/builders/filled-store.ts';
import { anEvent } from '../../../src/testing/builders/store-builders.ts';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';
import { report, rounds, seed, seededRandom } from '../../rigs/seeded.ts';

/** Backups and restores that are killed at random moments: what is there afterwards is whole, or is not there. */
const random = seededRandom(seed);
const kills = Math.max(8, Math.round(rounds / 2));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-backup-kills-'));
  const contract = ['apiVersion: plimsoll.dev/v1', 'service: digits', 'code: { command: [plimsoll, serve-model] }'];
  await writeFile(
    path.join(folder, 'plimsoll.yaml'),
    [...contract, 'model: { name: digits, version: "1" }', ''].join('\n'),
  );
  await opened(async (store) => {
    const blobs = makeFileBlobs({
      ...{ folder: path.join(folder, '.plimsoll', 'blobs'), identity: makeProcessIdentity() },
      ...{ clock: systemClock, random: systemRandom },
    });
    await fillStore(store, blobs);
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function opened<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const file = path.join(folder, '.plimsoll', 'store.sqlite');
  const store = await openSqliteStore({ file, clock: systemClock });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Null where it was killed, at this moment. */
async function run(args: readonly string[], moment: Promise<unknown> | null = null): Promise<number | null> {
  const child = spawn(process.execPath, [ownProgram, 'store', ...args], { cwd: folder, stdio: 'ignore' });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  if (moment !== null) {
    await Promise.race([ended, moment]);
    child.kill('SIGKILL');
  }
  return (await ended)[0];
}

/** Some time after the backup was begun. */
async function whileMaking(target: string): Promise<void> {
  while (!(await readdir(folder)).some((name) => name.startsWith(target))) await delay(2);
  await delay(random() * 150);
}

async function timed(args: readonly string[]): Promise<number> {
  const startMs = performance.now();
  expect(await run(args)).toBe(0);
  return performance.now() - startMs;
}

it(`${kills} backups killed leave none that looks whole, and ${kills} restores one of two stores`, async () => {
  await timed(['backup', 'less']);
  await opened(async (store) => {
    const [lease, holder] = ['control-plane/digits/prod', 'more'];
    const fence = await store.leases.acquire({ lease, holder, ttlMs: 1, nowMs: Date.now(), isDead: () => true });
    await store.transaction(fence ?? { lease, token: 0 }, async (tx) => {
      for (let count = 0; count < 5_000; count += 1) await tx.appendEvent(anEvent(`more.${count}`));
    });
  });
  await timed(['backup', 'more']);
  let unfinished = 0;
  for (let round = 0; round < kills; round += 1) {
    const target = `killed-${round}`;
    const status = await run(['backup', target], whileMaking(target));
    if (status === null) unfinished += 1;
    if (existsSync(path.join(folder, target))) expect(await run(['verify', target])).toBe(0);
    else expect(status).toBeNull();
  }
  const parts = (await readdir(folder)).filter((name) => name.endsWith('.part'));

  const restoreMs = await timed(['restore', 'more', '--replace']);
  const seen = { less: 0, more: 0 };
  for (let round = 0; round < kills; round += 1) {
    // Half the time or so is the start of the program.
    const moment = delay(restoreMs * (0.5 + random() * 0.6));
    await run(['restore', round % 2 === 0 ? 'more' : 'less', '--replace'], moment);
    await opened(async (store) => {
      expect(await store.check()).toEqual([]);
      const count = (await store.events({ afterSeq: 400 })).length;
      expect([50, 5_050]).toContain(count);
      seen[count === 50 ? 'less' : 'more'] += 1;
    });
  }
  expect(await run(['restore', 'less', '--replace'])).toBe(0);
  expect(await run(['verify'])).toBe(0);
  report(
    `backup killed ${kills} times: ${unfinished} unfinished, ${parts.length} .part folders, none taken for a backup; ` +
      `restore killed ${kills} times: ${seen.less} times the smaller store, ${seen.more} times the larger, always whole`,
  );
});
