/** Two whole control planes of one service on one PostgreSQL: one acts, the other stands by, and then it is the other way. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../../src/adapters/sql/postgres/postgres-store.ts';
import { programsOf } from '../../../src/adapters/processes/process-table/programs-of.ts';
import { makeProcessTable } from '../../../src/adapters/processes/process-table/this-machine.ts';
import { controlPlaneLease } from '../../../src/core/rollout/names.ts';
import type { Store } from '../../../src/ports/records/store.ts';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { Load } from '../../rigs/load.ts';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { killNow } from '../../rigs/running-up.ts';
import { findSteadyPort } from '../../steady-port.ts';
import { sameAnswersModel } from '../../memory-hungry-model.ts';
import { missingPostgres, PostgresServer } from '../../peers/postgres-server.ts';
import { userEnvironment, UserProject } from '../../user-project.ts';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden }
scaling: { signal: queue-depth, replicas: { min: 2, max: 2 } }
`;
const model = tinyModel(1);
const replicas = 2;
/** Enough for a request to be under way at each moment of a takeover. */
const clients = 3;
/** A death on this machine is certain and is looked for each second; else the lease has to run out, which takes 10 s. */
const certainDeathMs = 5_000;
const leaseOverMs = 15_000;
const table = makeProcessTable();
const why = missingPostgres === null ? '' : `: skipped, ${missingPostgres}`;

describe.skipIf(missingPostgres !== null)(`two control planes on one PostgreSQL${why}`, { timeout: 240_000 }, () => {
  let server: PostgresServer;
  let url: string;
  let store: Store;
  const projects: UserProject[] = [];
  const children: ChildProcess[] = [];
  const loads: Load[] = [];
  let feed: Followed | null = null;

  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server?.remove());
  afterEach(async () => {
    for (const load of loads.splice(0)) await load.end();
    await feed?.end();
    feed = null;
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const project of projects.splice(0)) {
      await project.stop();
      project.remove();
    }
    await store?.close();
  });

  const newProject = (): UserProject => {
    const project = new UserProject({
      files: {
        'plimsoll.yaml': contract,
        'first.onnx': model.bytes,
        'second.onnx': sameAnswersModel(),
        'golden.jsonl': [1, 2, 3].map((row) => `${JSON.stringify({ x: rowOf(row) })}\n`).join(''),
      },
      env: { DATABASE_URL: url },
    });
    projects.push(project);
    return project;
  };
  const pinFirst = async (project: UserProject): Promise<void> => {
    await project.passing('model', 'add', 'first.onnx', '--name', 'tiny', '--alias', 'candidate');
    await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
    await project.passing('pin');
    await project.passing('golden', 'record');
  };
  const begin = async (): Promise<void> => {
    url = server.url(await server.newDatabase());
    store = await openPostgresStore({ url });
  };

  it('of one state folder and one address: the other one adopts everything, and no request notices', async () => {
    await begin();
    const project = newProject();
    await pinFirst(project);
    const page = await findSteadyPort();
    const client = await findSteadyPort();
    const [pageUrl, gatewayUrl] = [`http://127.0.0.1:${page}`, `http://127.0.0.1:${client}`];
    const place = ['--state', project.stateFolder, '--environment', 'default'];
    const program = (...words: readonly string[]): Program => {
      const started = new Program(project, words, words[0] === 'gateway' ? {} : { DATABASE_URL: url });
      children.push(started.child);
      return started;
    };
    const controlPlane = (): Program => {
      const file = path.join(project.folder, 'plimsoll.yaml');
      return program('control-plane', '--contract', file, '--listen', `127.0.0.1:${page}`, ...place);
    };
    let holder = controlPlane();
    await until('the first one answers', async () => (await pidAt(pageUrl)) === holder.pid);
    const gateway = ['--listen', `127.0.0.1:${client}`, '--control-plane', pageUrl, '--service', 'tiny'];
    program('gateway', ...gateway, ...place);
    expect(await project.passing('release')).toContain('release 1 is live');
    let standby = controlPlane();
    await until('the second one stands by', () => standby.said.includes('standing by'));
    const pids = await servingPids(pageUrl);
    expect(pids).toHaveLength(replicas);

    feed = new Followed(gatewayUrl);
    const load = new Load(gatewayUrl, [model], clients);
    loads.push(load);
    const tookMs: { lease: number; answers: number }[] = [];
    const takeOver = async (): Promise<void> => {
      const leaseBefore = await leaseOf(store);
      expect(standby.said).not.toContain('listening');
      const killedMs = performance.now();
      await killNow(holder.pid);
      await until('the lease is the other one’s', async () => (await leaseOf(store))?.holder !== leaseBefore?.holder);
      const lease = performance.now() - killedMs;
      await until('the other one answers', async () => (await pidAt(pageUrl)) === standby.pid);
      tookMs.push({ lease, answers: performance.now() - killedMs });
      expect((await leaseOf(store))?.token).toBe((leaseBefore?.token ?? 0) + 1);
      [holder, standby] = [standby, controlPlane()];
      const waiting = standby;
      await until('another one stands by', () => waiting.said.includes('standing by'));
    };

    for (let round = 0; round < 4; round += 1) {
      await delay(300 + ((round * 997) % 2_500));
      await takeOver();
      await until('all serve', async () => (await servingPids(pageUrl)).length === replicas);
      expect(await servingPids(pageUrl)).toEqual(pids);
    }
    // In the middle of a release: whoever takes over brings it in.
    await project.passing('model', 'add', 'second.onnx', '--name', 'tiny', '--alias', 'candidate');
    await project.passing('pin');
    await project.passing('golden', 'record');
    await project.passing('release', '--no-wait');
    await delay(150);
    await takeOver();
    await until('the other one brings it in', async () => (await viewAt(pageUrl))?.deployment?.live === 2);
    await until('its replicas serve', async () => (await servingPids(pageUrl, 2)).length === replicas);
    await delay(500);

    const { answered, failures } = load.take();
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(500);
    const events = await allEvents(store);
    expectOneSequence(events);
    expect(events.filter(({ kind }) => kind === 'control-plane.started')).toHaveLength(tookMs.length + 1);
    expect(events.filter(({ kind }) => kind === 'release.live').map(({ data }) => data['release'])).toEqual([1, 2]);
    expectGrowing(events, await feed.end());
    expect(await store.check()).toEqual([]);
    for (const { answers } of tookMs) expect(answers).toBeLessThan(certainDeathMs);
    const list = (pick: 'lease' | 'answers'): string => tookMs.map((each) => (each[pick] / 1000).toFixed(1)).join(', ');
    console.log(
      `postgresql, one state folder: ${tookMs.length} holders killed; lease taken after ${list('lease')} s, answers after ${list('answers')} s; ` +
        `${answered} requests answered, 0 failed, replicas kept their pids; ${events.length} events in one sequence`,
    );
  });

  it('of two state folders: the other one starts replicas of its own, and the first gateway serves on with its last table', async () => {
    await begin();
    const [first, second] = [newProject(), newProject()];
    await pinFirst(first);
    await first.up();
    expect(await first.passing('release')).toContain('release 1 is live');
    // What stands for a folder of blobs that both machines mount.
    mkdirSync(second.stateFolder, { recursive: true });
    symlinkSync(path.join(first.stateFolder, 'blobs'), path.join(second.stateFolder, 'blobs'));
    second.write('plimsoll.lock', first.read('plimsoll.lock'));
    const arriving = second.up();
    arriving.catch(() => undefined);
    const { gatewayUrl } = first;
    const pids = await servingPids(first.pageUrl);
    const controlPlaneOf = (project: UserProject): number =>
      programsOf(project.stateFolder, 'control-plane', table)[0]?.pid ?? 0;
    await until('the second one runs', () => controlPlaneOf(second) !== 0);
    await delay(3_000);
    const own = (await leaseOf(store))?.holder ?? '';
    expect(own).toBe(table.identity(controlPlaneOf(first)));

    // Suspended, as a machine that hangs is: nobody can be certain that it is dead, so its lease has to run out.
    feed = new Followed(gatewayUrl);
    const load = new Load(gatewayUrl, [model], clients);
    loads.push(load);
    const suspended = controlPlaneOf(first);
    process.kill(suspended, 'SIGSTOP');
    const stoppedMs = performance.now();
    await until('the lease is the other one’s', async () => (await leaseOf(store))?.holder !== own);
    const leaseMs = performance.now() - stoppedMs;
    await arriving;
    await until('replicas of its own serve', async () => (await servingPids(second.pageUrl)).length === replicas);
    const servesMs = performance.now() - stoppedMs;
    const others = await servingPids(second.pageUrl);
    expect(others.filter((pid) => pids.includes(pid))).toEqual([]);
    expect(pids.map((pid) => table.identity(pid) !== null)).toEqual(pids.map(() => true));
    // Both gateways answer: one by the newest table, the other one by the last that it was told.
    const ready = async (): Promise<boolean> =>
      (await fetch(`${second.gatewayUrl}/plimsoll/ready`).catch(() => null))?.status === 200;
    // The control plane sees its replicas serve a moment before its gateway has the table with them.
    await until('the second gateway has a table with replicas', ready);
    const there = new Load(second.gatewayUrl, [model], 2);
    loads.push(there);
    await until('the second gateway answers', () => there.answered > 50);

    // It comes back and believes that it still holds the lease: refused, it ends, and its `up` has it stand by.
    process.kill(suspended, 'SIGCONT');
    await until('the old one has ended', () => table.identity(suspended) !== own);
    await until('another one of the first folder runs', () => controlPlaneOf(first) !== 0);
    expect((await leaseOf(store))?.holder).toBe(table.identity(controlPlaneOf(second)));
    await delay(2_000);
    expect(there.take().failures).toEqual([]);
    expect(load.take().failures).toEqual([]);

    // And back: a death that is certain. What still runs in the first folder is adopted there, and nothing is started.
    const killedMs = performance.now();
    await killNow(second.upPid);
    await killNow(controlPlaneOf(second));
    await until('the first one answers again', async () => (await viewAt(first.pageUrl)) !== null);
    const backMs = performance.now() - killedMs;
    await until('its own replicas serve', async () => (await servingPids(first.pageUrl)).length === replicas);
    expect(await servingPids(first.pageUrl)).toEqual(pids);
    await delay(1_000);
    expect(there.take().failures).toEqual([]);
    const { answered, failures } = load.take();
    expect(failures).toEqual([]);

    const events = await allEvents(store);
    expectOneSequence(events);
    const tokens = events.filter(({ kind }) => kind === 'control-plane.started').map(({ data }) => data['token']);
    expect(tokens).toEqual([...tokens].sort((a, b) => Number(a) - Number(b)));
    expect(new Set(tokens).size).toBe(tokens.length);
    expectGrowing(events, await feed.end());
    expect(await store.check()).toEqual([]);
    expect(leaseMs).toBeLessThan(leaseOverMs);
    expect(backMs).toBeLessThan(leaseOverMs);
    console.log(
      `postgresql, two state folders: lease taken ${(leaseMs / 1000).toFixed(1)} s after the holder was suspended, replicas of its own serve after ` +
        `${(servesMs / 1000).toFixed(1)} s; killed, the first is back after ${(backMs / 1000).toFixed(1)} s; ${answered} requests answered at the end, 0 failed; ${events.length} events`,
    );
  });
});

/** One of Plimsoll's own programs, started by hand. */
class Program {
  readonly child: ChildProcess;
  said = '';

  constructor(project: UserProject, words: readonly string[], env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [ownProgram, ...words], {
      cwd: project.folder,
      env: { ...userEnvironment(), ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }
}

/** Which generation a gateway serves by, all the time. */
class Followed {
  readonly #generations: number[] = [];
  readonly #agent = new Agent({ connections: 1 });
  readonly #ending = new AbortController();
  readonly #following: Promise<void>;

  constructor(gatewayUrl: string) {
    this.#following = this.#follow(`${gatewayUrl}/plimsoll/metrics`);
  }

  async end(): Promise<readonly number[]> {
    this.#ending.abort();
    await this.#following;
    return this.#generations;
  }

  async #follow(from: string): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const answer = await request(from, { dispatcher: this.#agent });
      const found = /^\S*routing_generation(?:\{[^}]*\})? (\d+)$/m.exec(await answer.body.text())?.[1];
      if (found === undefined) throw new Error(`${from} names no generation`);
      this.#generations.push(Number(found));
      await delay(50, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    }
    await this.#agent.close();
  }
}

/** None is missing, and none is there twice. */
function expectOneSequence(events: readonly StoredEvent[]): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const told = events.map(({ seq: _seq, ...event }) => JSON.stringify(event));
  expect(told.filter((event, index) => told.indexOf(event) !== index)).toEqual([]);
}

/** Each table that was recorded is newer than the one before, and no gateway ever went back. */
function expectGrowing(events: readonly StoredEvent[], followed: readonly number[]): void {
  const recorded = events
    .filter(({ kind }) => kind === 'routing.changed')
    .map(({ data }) => Number(data['generation'] ?? NaN));
  expect(recorded.length).toBeGreaterThan(0);
  expect(recorded).toEqual(recorded.map((_, index) => index + (recorded[0] ?? 0)));
  expect(followed.length).toBeGreaterThan(10);
  expect(followed).toEqual([...followed].sort((a, b) => a - b));
}

async function leaseOf(store: Store): ReturnType<Store['leases']['current']> {
  return store.leases.current(controlPlaneLease);
}

async function allEvents(store: Store): Promise<readonly StoredEvent[]> {
  const all: StoredEvent[] = [];
  for (;;) {
    const page = await store.events({ afterSeq: all.at(-1)?.seq ?? 0 });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

async function answerOf<T>(from: string): Promise<T | null> {
  try {
    const answer = await fetch(from, { signal: AbortSignal.timeout(5_000) });
    return answer.ok ? ((await answer.json()) as T) : null;
  } catch {
    return null;
  }
}
const viewAt = (pageUrl: string): Promise<ServiceView | null> => answerOf<ServiceView>(`${pageUrl}/v1/view`);
const pidAt = async (pageUrl: string): Promise<number | null> =>
  (await answerOf<{ readonly pid: number }>(`${pageUrl}/v1/identity`))?.pid ?? null;

/** Of the replicas that requests may go to, ascending. */
async function servingPids(pageUrl: string, release?: number): Promise<readonly number[]> {
  const view = await viewAt(pageUrl);
  if (view?.deployment?.phase !== 'live') return [];
  return view.replicas
    .filter((each) => each.state === 'ready' && each.admitted && (release === undefined || each.release === release))
    .map(({ pid }) => pid ?? 0)
    .sort((a, b) => a - b);
}

async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const giveUpMs = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > giveUpMs) throw new Error(`${what}: not in ${timeoutMs} ms`);
    await delay(50);
  }
}
