import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../../src/adapters/sql/postgres/postgres-store.ts';
import { openSqliteStore } from '../../../src/adapters/sql/sqlite/sqlite-store.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { digestOf } from '../../../src/core/units/digest.ts';
import type { AliasMove } from '../../../src/core/registry/model-version.ts';
import type { Store } from '../../../src/ports/records/store.ts';
import { aModel, fenceOf } from '../../../src/testing/builders/store-builders.ts';
import { missingPostgres, PostgresServer } from '../../peers/postgres-server.ts';
import { report, rounds, seed, seededRandom } from '../../rigs/seeded.ts';
import type { StoredEvent } from '../../../src/core/records/event.ts';

/**
 * Promotions by processes that are killed at random moments: while one reads, waits for the lease, writes, commits, or has
 * committed and not said so. Two are alive at a time, so that each kill falls into the work of another one as well.
 */
const kills = Math.max(100, rounds);
const { name, environment } = aModel();
const alias = 'candidate';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-promotions-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it(`the history of promotions survives ${kills} kills on SQLite`, async () => {
  const file = path.join(folder, 'store.sqlite');
  await surviveKills('SQLite', await openSqliteStore({ file, clock: systemClock, lockWaitMs: 20_000 }), [file], {});
});

describe.skipIf(missingPostgres !== null)(
  `on PostgreSQL${missingPostgres === null ? '' : `: skipped, ${missingPostgres}`}`,
  () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await PostgresServer.start();
    });
    afterAll(() => server?.remove());

    it(`the history of promotions survives ${kills} kills`, async () => {
      const url = server.url(await server.newDatabase());
      await surviveKills('PostgreSQL', await openPostgresStore({ url }), ['none'], { DATABASE_URL: url });
    });
  },
);

async function surviveKills(
  what: string,
  store: Store,
  place: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  await store.transaction(await fenceOf(store), async (tx) => {
    for (const version of [1, 2, 3]) await tx.addModelVersion(aModel(digestOf(version)));
  });
  const random = seededRandom(seed);
  const promoters: Promoter[] = [];
  const startedMs = performance.now();
  const begin = (): Promoter => {
    const promoter = new Promoter([...place, name, environment], env);
    promoters.push(promoter);
    return promoter;
  };
  let [older, newer] = [begin(), begin()];
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      // From the very first move on. Counted in moves: a busy disk takes none of them in so many milliseconds.
      await older.moved(Math.floor(random() * 3));
      await delay(random() * 60);
      await older.kill();
      [older, newer] = [newer, begin()];
    }
  } finally {
    await Promise.all([older.kill(), newer.kill()]);
  }
  const tookMs = performance.now() - startedMs;

  const history = (await store.aliasHistory(environment, name)).filter((move) => move.alias === alias);
  expectOneChain(history);
  expect((await store.aliases(environment, name))[alias] ?? null).toBe(history.at(-1)?.to ?? null);
  const acknowledged = promoters.flatMap((promoter) => promoter.moves());
  for (const promoter of promoters) expectInOrder(history, promoter.moves());
  // What was committed and not acknowledged: at most the one move that each kill cut off.
  const unanswered = history.length - acknowledged.length;
  expect(unanswered).toBeGreaterThanOrEqual(0);
  expect(unanswered).toBeLessThanOrEqual(promoters.length);
  expectToldOnce(await allEvents(store), history);
  expect(await store.check()).toEqual([]);
  // Nothing that was left behind by the dead is in the way of the next one.
  const after = begin();
  await after.moved(1);
  await after.kill();
  expect((await store.aliasHistory(environment, name)).length).toBeGreaterThan(history.length);
  await store.close();

  const refused = promoters.flatMap((promoter) => promoter.refusals());
  expect(new Set(refused).difference(new Set(['alias-moved']))).toEqual(new Set());
  expect(acknowledged.length).toBeGreaterThan(kills / 2);
  report(
    `promotions on ${what}: ${kills} kills in ${(tookMs / 1000).toFixed(1)} s; ${acknowledged.length} acknowledged moves, each once and in order; ` +
      `${unanswered} committed and not acknowledged; ${refused.length} refused because another had moved; ${history.length} moves in one chain, store sound`,
  );
}

/** Each move begins where the one before it ended. */
function expectOneChain(history: readonly AliasMove[]): void {
  const ends = [null, ...history.map(({ to }) => to)].slice(0, -1);
  expect(history.map(({ from }) => from)).toEqual(ends);
  expect(history.filter(({ from, to }) => from === to)).toEqual([]);
}

/** Each once, in the order in which it was acknowledged. */
function expectInOrder(history: readonly AliasMove[], acknowledged: readonly Acknowledged[]): void {
  const told = new Set(acknowledged.map(({ reason }) => reason));
  const kept = history.filter(({ reason }) => told.has(reason));
  expect(kept.map(({ reason, from, to }) => ({ reason, from, to }))).toEqual(acknowledged);
}

/** One event for each move, in its order, in one sequence without a gap. */
function expectToldOnce(events: readonly StoredEvent[], history: readonly AliasMove[]): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const told = events.filter(({ kind }) => kind === 'alias.moved').map(({ data }) => data['reason']);
  expect(told).toEqual(history.map(({ reason }) => reason));
}

async function allEvents(store: Store): Promise<readonly StoredEvent[]> {
  const all: StoredEvent[] = [];
  for (;;) {
    const page = await store.events({ afterSeq: all.at(-1)?.seq ?? 0 });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

interface Acknowledged {
  readonly reason: string;
  readonly from: number | null;
  readonly to: number | null;
}

/** One process of promoter.ts, and what it said in whole lines: what a kill cut off was not acknowledged. */
class Promoter {
  readonly #child: ChildProcess;
  #said = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [path.join(import.meta.dirname, 'promoter.ts'), ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
  }

  /** Resolves once it has opened the store, and has made at least so many moves. */
  moved(atLeast: number): Promise<void> {
    return this.#until(() => this.#lines().length > 0 && this.moves().length >= atLeast);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }

  moves(): readonly Acknowledged[] {
    return this.#lines().filter((line): line is Acknowledged & Line => 'reason' in line);
  }

  refusals(): readonly string[] {
    return this.#lines().flatMap(({ refused }) => (refused === undefined ? [] : [refused]));
  }

  #lines(): readonly Line[] {
    return this.#said
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  }

  async #until(holds: () => boolean): Promise<void> {
    const giveUpMs = performance.now() + 60_000;
    while (!holds()) {
      if (this.#child.exitCode !== null || performance.now() > giveUpMs) {
        throw new Error(`a promoter did not come so far: ${this.#said.slice(-500)}`);
      }
      await delay(2);
    }
  }
}

interface Line {
  readonly refused?: string;
}
