/** Stores that earlier versions wrote, opened by this one: see test/fixtures/stores/README.md. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../../src/adapters/sql/postgres/postgres-store.ts';
import { openSqliteStore } from '../../../src/adapters/sql/sqlite/sqlite-store.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import type { Store } from '../../../src/ports/records/store.ts';
import { Load } from '../../rigs/load.ts';
import { inferBody, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { findStores, readExpected, readHistory, readRecorded, storesFolder } from './old-stores/fixture.ts';
import type { ExpectedStore, Recorded, RecordedEvent } from './old-stores/fixture.ts';
import { missingPostgres, PostgresServer } from '../../peers/postgres-server.ts';
import { UserProject } from '../../user-project.ts';

const models = [tinyModel(1), tinyModel(2), tinyModel(3)];
const stores = findStores();

it('there are stores of at least one version', () => {
  expect(stores).toContain('0.1.0/sqlite-killed');
});

describe.each(stores)('the store %s', (name) => {
  const expected = readExpected(name);
  const isSkipped = expected.kind === 'postgresql' && missingPostgres !== null;
  describe.skipIf(isSkipped)(isSkipped ? `skipped: ${missingPostgres}` : 'opened by this version', () => {
    let opened: OpenedStore;
    let before: Recorded;
    let eventsBefore: readonly RecordedEvent[];
    const live = expected.journaledRelease ?? expected.recorded.deployment.live;

    beforeAll(async () => {
      opened = await OpenedStore.open(name, expected);
    });
    afterAll(async () => opened?.remove());

    it('reads as it did with the version that made it', async () => {
      before = await readRecorded(opened.project);
      eventsBefore = (await readHistory(opened.project)).events;
      expectAllOf(expected.recorded, before);
      expect(before.deployment).toMatchObject(pick(expected.recorded.deployment, 'live', 'phase'));
      expect(before.aliases).toEqual(expected.recorded.aliases);
      expect(before.aliasMoves).toBe(expected.recorded.aliasMoves);
      expect(before.releases).toHaveLength(expected.recorded.releases.length);
    });

    it('serves its live release, after what was left in the journal', async () => {
      await opened.project.up();
      await opened.untilLive(live);
      expect(await opened.answeringRelease()).toBe(live);
    });

    it('shows of evidence that nobody knows what that release went out on', async () => {
      await opened.untilAllUnknown();
    });

    it('is rolled back under load, and no request fails', async () => {
      // The journaled rollback was one of the model, and has left no other model that is not barred.
      const axis = expected.journaledRelease === null ? 'model' : 'code';
      const load = new Load(opened.project.gatewayUrl, models);
      try {
        await opened.until('requests are answered', () => load.answered > 50);
        await opened.project.passing('rollback', `--${axis}`, '--reason', 'tried on an old store');
        await opened.untilLive(live + 1);
        const sofar = load.answered;
        await opened.until('requests are answered afterwards', () => load.answered > sofar + 50);
      } finally {
        await load.end();
      }
      expect(load.failures).toEqual([]);
      expect(await opened.answeringRelease()).toBe(live + 1);
      await opened.untilAllUnknown();
    });

    it('takes further records, its events go on in one sequence, and all of it is readable afterwards', async () => {
      await opened.project.passing('model', 'alias', 'tiny', 'stable', '1', '--reason', 'tried on an old store');
      expect(await opened.project.stop()).toEqual({ status: 0, left: 0 });
      const after = await readRecorded(opened.project);
      expectAllOf(expected.recorded, after);
      expect(after.deployment).toMatchObject({ live: live + 1, phase: 'live' });
      expect(after.releases.map(({ number }) => number)).toEqual(numbersUpTo(live + 1));
      expect(after.bars.length).toBe(before.bars.length + (expected.journaledRelease === null ? 1 : 2));
      expect(after.aliases).toEqual({ ...before.aliases, stable: 1 });
      expect(after.aliasMoves).toBe(before.aliasMoves + 1);

      const { events } = await readHistory(opened.project);
      expect(events.map(({ seq }) => seq)).toEqual(numbersUpTo(events.length));
      expect(events.slice(0, eventsBefore.length)).toEqual(eventsBefore);
      const carriedOver = events.filter(({ kind }) => kind === 'rollback.carried-over');
      expect(carriedOver).toHaveLength(expected.journaledRelease === null ? 0 : 1);
      expect(await opened.check()).toEqual([]);
    });
  });
});

/** Each record of the old store is there as it was; there may be more of them, and each may say more. */
function expectAllOf(old: Recorded, present: Recorded): void {
  const keys = ['number', 'pair', 'unprovenPair', 'cause', 'waivers', 'createdAtMs', 'createdBy'];
  const identities = old.releases.map(({ code, model, ...release }) => ({
    ...pick(release, ...keys),
    code: pick(code, 'digest'),
    model: pick(model, 'name', 'version', 'digest'),
  }));
  expect(present.releases.slice(0, old.releases.length)).toMatchObject(identities);
  expect(present.bars).toEqual(expect.arrayContaining(old.bars.map((bar) => expect.objectContaining(bar))));
  expect(present.modelVersions).toEqual(old.modelVersions);
  for (const [kind, count] of Object.entries(old.eventsByKind)) {
    expect(present.eventsByKind[kind], kind).toBeGreaterThanOrEqual(count);
  }
  expect(present.events).toBeGreaterThanOrEqual(old.events);
}

/** A copy of a committed store with its project, in a temporary folder; PostgreSQL's in a server of its own. */
class OpenedStore {
  readonly project: UserProject;
  readonly #server: PostgresServer | null;
  readonly #url: string | null;

  private constructor(project: UserProject, server: PostgresServer | null, url: string | null) {
    this.project = project;
    this.#server = server;
    this.#url = url;
  }

  static async open(name: string, { kind }: ExpectedStore): Promise<OpenedStore> {
    const folder = path.join(storesFolder, name);
    const server = kind === 'postgresql' ? await PostgresServer.start() : null;
    const url = server === null ? null : await restore(server, path.join(folder, 'postgres.sql'));
    const project = new UserProject({ files: {}, env: url === null ? {} : { DATABASE_URL: url } });
    cpSync(path.join(folder, 'project'), project.folder, { recursive: true });
    mkdirSync(project.stateFolder);
    const archive = path.join(folder, 'state.tar.gz');
    const { status, stderr } = spawnSync('tar', ['-xzf', archive, '-C', project.stateFolder], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`tar ended with ${status}: ${stderr}`);
    return new OpenedStore(project, server, url);
  }

  /** This release is live, and requests reach it. */
  async untilLive(release: number): Promise<void> {
    await this.until(`release ${release} is live`, async () => {
      const { deployment, replicas } = await this.project.view();
      const isServing = replicas.some((each) => each.admitted && each.state === 'ready' && each.release === release);
      return deployment?.live === release && deployment.phase === 'live' && isServing;
    });
    await this.until('the gateway has a table with it', async () => (await this.answeringRelease()) === release);
  }

  /** Whatever was measured of it, no kind of evidence is told as fresh, missing or failing. */
  async untilAllUnknown(): Promise<void> {
    await this.until('the evidence is judged', async () => (await this.project.view()).evidence.length > 0);
    const { evidence } = await this.project.view();
    const told = evidence.map(({ freshness, verdict, reasons }) => [freshness, verdict, reasons.join()]);
    const why = expect.stringContaining('is older than bundles');
    expect(told).toEqual(evidence.map(() => ['unknown', 'unknown', why]));
  }

  /** By which release one request is answered; null when it is not answered by 200. */
  async answeringRelease(): Promise<number | null> {
    const answer = await fetch(`${this.project.gatewayUrl}/v2/models/tiny/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: inferBody(rowOf(1)),
    });
    await answer.body?.cancel();
    return answer.status === 200 ? Number(answer.headers.get('plimsoll-release')) : null;
  }

  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const giveUpMs = performance.now() + 60_000;
    while (!(await holds())) {
      if (performance.now() > giveUpMs) throw new Error(`${what}: not in a minute`);
      await delay(50);
    }
  }

  /** What the store itself finds wrong with its records. */
  async check(): Promise<readonly string[]> {
    const file = path.join(this.project.stateFolder, 'store.sqlite');
    const store: Store =
      this.#url === null
        ? await openSqliteStore({ file, clock: systemClock })
        : await openPostgresStore({ url: this.#url });
    try {
      return await store.check();
    } finally {
      await store.close();
    }
  }

  async remove(): Promise<void> {
    await this.project.stop();
    this.project.remove();
    this.#server?.remove();
  }
}

async function restore(server: PostgresServer, dump: string): Promise<string> {
  const database = await server.newDatabase();
  await server.ask(readFileSync(dump, 'utf8'), database);
  return server.url(database);
}

function pick(from: object, ...keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
}

function numbersUpTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
