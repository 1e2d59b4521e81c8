/** What somebody who writes to the store itself can do, and what finds it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../adapters/sql/sqlite/sqlite-store.ts';
import type { ChainAnchor } from '../../core/records/audit/verify-chain.ts';
import type { Store } from '../../ports/records/store.ts';
import { anEvent, fenceOf } from '../../testing/builders/store-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import { appendAnchor, readAnchors } from './anchor-file.ts';
import { keepAnchored } from './keep-anchored.ts';

let folder: string;
let store: Store;
let file: string;
let anchor: string;
let tick = 0;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-chain-'));
  file = path.join(folder, 'store.sqlite');
  anchor = path.join(folder, 'anchors');
  store = await openSqliteStore({ file, clock: new FakeClock() });
  await record(5);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function record(count: number): Promise<void> {
  const fence = await fenceOf(store);
  for (let at = 0; at < count; at += 1)
    await store.transaction(fence, (tx) => tx.appendEvent(anEvent('release.created', (tick += 1))));
}

/** As somebody who has the file of the store. */
function tamper(statement: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec(statement);
  } finally {
    database.close();
  }
}

const verify = (...args: string[]) => runCommandLine(['history', 'verify', ...args], { store, cwd: folder });
const fileAt = (at: string) => ({ append: (of: ChainAnchor) => appendAnchor(at, of) });
const keepHead = () => runCommandLine(['history', 'anchor', '--anchor', 'anchors'], { store, cwd: folder });

describe('plimsoll history verify', () => {
  it('holds for what was recorded', async () => {
    await keepHead();
    expect(await verify('--anchor', 'anchors')).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^the chain holds: 5 events, up to event 5 \([0-9a-f]{12}\)\n {2}1 anchors/) as string,
    });
  });

  it.each([
    ['a changed event', "update events set event_by = 'eve' where seq = 3", 'event 3 does not follow event 2'],
    ['a removed event', 'delete from events where seq = 3', 'event 3 was removed'],
    [
      'a removed event with its seal',
      'delete from events where seq = 3; delete from event_chain where seq = 3',
      'event 4 does not follow event 2',
    ],
    [
      'events in another order',
      'update events set seq = 99 where seq = 3; update events set seq = 3 where seq = 4; update events set seq = 4 where seq = 99',
      'event 3 does not follow event 2',
    ],
    ['a seal that was removed', 'delete from event_chain where seq = 3', 'event 3 has no seal'],
  ])('finds %s', async (_what, statement, problem) => {
    tamper(statement);
    expect(await verify()).toMatchObject({ exit: 1, out: expect.stringContaining(problem) as string });
  });

  it('finds an end that was cut off by the anchor, and says that without one nobody can', async () => {
    await keepHead();
    tamper('delete from events where seq > 3; delete from event_chain where seq > 3; update counters set value = 3');
    expect(await verify()).toMatchObject({ exit: 0, out: expect.stringContaining('without --anchor PLACE') as string });
    const found = await verify('--anchor', 'anchors');
    expect(found).toMatchObject({ exit: 1, out: expect.stringContaining('the end was cut off') as string });
    // What is recorded since then takes the numbers again, with other hashes.
    await record(4);
    expect(await verify('--anchor', 'anchors')).toMatchObject({
      exit: 1,
      out: expect.stringContaining('made anew') as string,
    });
  });

  it('seals what an older version recorded, and says that it was late', async () => {
    tamper(
      "insert into events select 6, service, environment, kind, summary, event_by, at_ms, data_json from events where seq = 3; update counters set value = 6 where series = 'events'",
    );
    expect(await verify()).toMatchObject({ exit: 0, out: expect.stringContaining('1 are not sealed yet') as string });
    await record(1);
    const found = await verify();
    expect(found).toMatchObject({ exit: 0, out: expect.stringContaining('7 events') as string });
    expect(found.out).toContain('1 were sealed after they were recorded');
  });

  it.each([
    ['is missing', async () => undefined, 'cannot be read'],
    ['was edited', async () => writeFile(anchor, '5 sha256:00 now\n'), 'anchors:1: this line is no anchor'],
  ])('verifies nothing where the anchor %s', async (_what, prepare, problem) => {
    await prepare();
    expect(await verify('--anchor', 'anchors')).toMatchObject({
      exit: 2,
      err: expect.stringContaining(problem) as string,
    });
  });
});

describe('anchors', () => {
  it('are appended, and a line that was cut off does not hide the others', async () => {
    await keepHead();
    await record(1);
    await keepHead();
    await writeFile(anchor, `${await readFile(anchor, 'utf8')}7 sha256:cut`);
    expect((await readAnchors(anchor)).map(({ seq }) => seq)).toEqual([5, 6]);
  });

  it('are written by the control plane where the head moved, and once more at its end', async () => {
    const clock = new FakeClock();
    const ending = new AbortController();
    const problems: unknown[] = [];
    const kept = keepAnchored(
      { store, clock, place: fileAt(anchor), everyMs: 60_000, tell: (problem) => void problems.push(problem) },
      ending.signal,
    );
    await expect
      .poll(() => readFile(anchor, 'utf8').catch(() => ''), { timeout: 30_000 })
      .toMatch(/^5 sha256:\S+ \S+\n$/);
    await record(2);
    ending.abort();
    await kept;
    expect((await readAnchors(anchor)).map(({ seq }) => seq)).toEqual([5, 7]);
    expect(problems).toEqual([]);
  });

  it('say what is wrong where the file cannot be written', async () => {
    const nowhere = path.join(folder, 'none', 'anchors');
    const head = await store.chainHead();
    if (head === null) throw new Error('no head');
    await expect(appendAnchor(nowhere, { ...head, atMs: 0 })).rejects.toMatchObject({ code: 'anchor-unwritable' });
  });
});
