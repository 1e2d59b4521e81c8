/** Requests that were recorded while no control plane ran: decided once, whenever whoever decides them dies. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReleaseAsk } from '../../core/rollout/release-ask.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Store } from '../../ports/records/store.ts';
import { aReleaseRequest, type BundleOver } from '../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';
import { testJudging } from '../../testing/rigs/test-judging.ts';
import type { OperationsSource } from '../operations/operations-source.ts';
import { cancelAsk, recordRequest } from '../operations/release/release-asks.ts';
import { AskTaker } from './take-asks.ts';

let world: StoreOperations;
let problems: { readonly ask: ReleaseAsk; readonly thrown: PlimsollError }[];
beforeEach(async () => {
  [world, problems] = [await openStoreOperations(), []];
});

const taker = (change: (source: OperationsSource) => OperationsSource = (source) => source): AskTaker =>
  new AskTaker({
    service,
    environment,
    store: world.store,
    sourceFor: ({ by, grants = [] }) => change(world.sourceFor(by, grants)),
    isFetching: () => false,
    problem: (ask, thrown) => void problems.push({ ask, thrown }),
  });
const request = async (model = 1, over: BundleOver = {}): Promise<ReleaseAsk> => {
  const asked = await aReleaseRequest(world.blobs, model, over);
  return (await recordRequest(world.sourceFor('ada'), asked)).ask;
};
const eventKinds = async (prefix = 'release.'): Promise<readonly string[]> =>
  (await world.store.events({ service, environment, kindPrefix: prefix })).map(({ kind }) => kind);
const forged: BundleOver = { lock: (locked) => ({ ...locked, evidence: {} }) };

describe('a requested release', () => {
  it('is numbered once, under the name of who asked, and what it became is recorded', async () => {
    const { id } = await request();
    expect(await eventKinds()).toEqual(['release.requested']);
    for (const one of [taker(), taker()]) await one.take();
    expect(await eventKinds()).toEqual(['release.requested', 'release.created']);
    expect(await world.store.releases(service, environment)).toMatchObject([{ number: 1, createdBy: 'ada' }]);
    expect(await world.store.releaseAsk(id)).toMatchObject({ state: 'released', release: 1 });
  });

  it('is numbered once where several look at the same time', async () => {
    await request();
    await Promise.all([taker(), taker(), taker()].map((one) => one.take()));
    expect(await eventKinds()).toEqual(['release.requested', 'release.created']);
    expect(problems).toEqual([]);
  });

  it('takes its waivers along, which are of who asked', async () => {
    const waivers = [{ kind: 'golden' as const, reason: 'first try', untilMs: world.clock.nowMs() + 1_000 }];
    await request(1, { ...forged, waivers });
    await taker().take();
    expect((await world.store.releases(service, environment))[0]?.waivers).toMatchObject([
      { by: 'ada', kind: 'golden' },
    ]);
  });

  it('is refused on a waiver that was over before anybody looked', async () => {
    const waivers = [{ kind: 'golden' as const, reason: 'first try', untilMs: world.clock.nowMs() + 1_000 }];
    const { id } = await request(1, { ...forged, waivers });
    await world.clock.advance(2_000);
    await taker().take();
    expect(await world.store.releaseAsk(id)).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('the waiver of golden was over'),
    });
    expect(await world.store.waivers(service, environment)).toEqual([]);
  });

  it('is refused once, and is no problem of the control plane', async () => {
    const { id, bundle } = await request(1, forged);
    for (let turn = 0; turn < 3; turn += 1) await taker().take();
    expect(await eventKinds()).toEqual(['release.requested', 'release.refused']);
    expect(await world.store.releaseAsk(id)).toMatchObject({ state: 'refused', release: null, bundle });
    expect(problems).toEqual([]);
  });

  it('gives way to the next request, and is never numbered', async () => {
    const first = await request(1);
    const second = await request(2);
    await taker().take();
    expect(await world.store.releaseAsk(first.id)).toMatchObject({ state: 'cancelled', release: null });
    const releases = await world.store.releases(service, environment);
    expect(releases.map(({ bundles }) => bundles?.contract)).toEqual([second.bundle]);
  });

  it('becomes nothing when it is taken back while its bundle is read', async () => {
    const { id } = await request();
    const cancelling = (source: OperationsSource): OperationsSource => ({
      ...source,
      judging: {
        ...source.judging,
        shelf: {
          async open(digest) {
            await cancelAsk(world.sourceFor('ada'), { service, environment, id, reason: 'not yet' });
            return source.judging.shelf.open(digest);
          },
        },
      },
    });
    await taker(cancelling).take();
    expect(await world.store.releaseAsk(id)).toMatchObject({ state: 'cancelled', reason: 'not yet' });
    expect(await eventKinds()).toEqual(['release.requested', 'release.cancelled']);
    expect(problems).toEqual([]);
  });

  it('waits while something is out of reach, which is told, and is decided afterwards', async () => {
    const { id } = await request();
    const away = new PlimsollError({ code: 'bucket-away', category: 'unavailable', message: 'the bucket is away' });
    const unreachable: Blobs = { ...world.blobs, read: () => Promise.reject(away) };
    await taker((source) => ({ ...source, judging: testJudging(unreachable) })).take();
    expect(problems).toMatchObject([{ ask: { id } }]);
    expect(await world.store.releaseAsk(id)).toMatchObject({ state: 'requested' });
    await taker().take();
    expect(await world.store.releaseAsk(id)).toMatchObject({ state: 'released', release: 1 });
  });
});

describe('a request whose deciding fails by a bug', () => {
  let tries: number;
  beforeEach(() => {
    tries = 0;
  });
  const failing = (times: number) =>
    taker((source) => ({
      ...source,
      judging: {
        ...source.judging,
        shelf: {
          open: (digest) => {
            tries += 1;
            if (tries <= times) throw new TypeError('no such field');
            return source.judging.shelf.open(digest);
          },
        },
      },
    }));
  const takeFor = async (one: AskTaker, seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      await one.take();
      await world.clock.advance(1_000);
    }
  };

  it('is tried again after 5, 10, 20 and 40 s, and says so meanwhile', async () => {
    const { id } = await request();
    const one = failing(Infinity);
    await one.take();
    expect(await world.store.releaseAsk(id)).toMatchObject({
      state: 'requested',
      reason: 'deciding it failed: no such field; the next try begins in 5 s',
    });
    const triedAtS: number[] = [];
    for (let second = 0; second < 100; second += 1) {
      const before = tries;
      await takeFor(one, 1);
      if (tries > before) triedAtS.push(second);
    }
    expect(triedAtS).toEqual([5, 15, 35, 75]);
    expect(problems).toHaveLength(5);
  });

  it('is refused after the fifth try, with what failed and how to ask again', async () => {
    const { id } = await request();
    await takeFor(failing(Infinity), 80);
    expect(await world.store.releaseAsk(id)).toMatchObject({
      state: 'refused',
      reason: 'deciding it failed 5 times by an error of Plimsoll itself, last: no such field',
      next: expect.stringContaining('plimsoll release asks again') as string,
    });
    const [, refused] = await world.store.events({ service, environment, kindPrefix: 'release.' });
    expect(refused).toMatchObject({ kind: 'release.refused', data: { refusals: [{ code: 'judging-failed' }] } });
    expect(tries).toBe(5);
  });

  it('becomes a release where a later try succeeds', async () => {
    const { id } = await request();
    await takeFor(failing(2), 20);
    expect(await world.store.releaseAsk(id)).toMatchObject({
      state: 'released',
      release: 1,
      reason: 'it is release 1',
    });
    expect(problems).toHaveLength(2);
  });

  it('is taken back as any other', async () => {
    const { id } = await request();
    const one = failing(Infinity);
    await one.take();
    await cancelAsk(world.sourceFor('ada'), { service, environment, id, reason: 'not yet' });
    await takeFor(one, 80);
    expect(await world.store.releaseAsk(id)).toMatchObject({ state: 'cancelled', reason: 'not yet' });
    expect(tries).toBe(1);
  });
});

/** What a process that is killed leaves of a transaction that was not over: nothing. */
const died = new Error('killed');

/** Stands still for ever at one of the waits of deciding, before or after it did what was asked: as a process that is killed. */
class Killed {
  #waits = 0;
  #isInTransaction = false;
  readonly died: Promise<void>;
  #die!: () => void;
  readonly #at: number;

  constructor(at: number) {
    this.#at = at;
    this.died = new Promise((resolve) => (this.#die = resolve));
  }

  get reached(): boolean {
    return this.#waits >= this.#at;
  }

  async #wait<T>(work: () => Promise<T>): Promise<T> {
    await this.#maybe();
    const done = await work();
    await this.#maybe();
    return done;
  }

  #maybe(): Promise<void> {
    this.#waits += 1;
    if (this.#waits !== this.#at) return Promise.resolve();
    if (this.#isInTransaction) throw died;
    return this.#end();
  }

  #end(): Promise<never> {
    this.#die();
    return new Promise(() => undefined);
  }

  async #transact<T>(transaction: (around: <R>(work: () => Promise<R>) => Promise<R>) => Promise<T>): Promise<T> {
    const inside = async <R>(work: () => Promise<R>): Promise<R> => {
      this.#isInTransaction = true;
      try {
        return await this.#wait(work);
      } finally {
        this.#isInTransaction = false;
      }
    };
    return transaction(inside).catch((thrown: unknown) => {
      if (thrown === died) return this.#end();
      throw thrown;
    });
  }

  source(source: OperationsSource): OperationsSource {
    const { store, blobs } = source;
    const killedBlobs: Blobs = {
      ...blobs,
      read: (digest, signal) => this.#wait(() => blobs.read(digest, signal)),
      has: (digest) => this.#wait(() => blobs.has(digest)),
    };
    const transaction: Store['transaction'] = (fence, work) =>
      this.#wait(() => this.#transact((inside) => store.transaction(fence, (tx) => inside(() => work(tx)))));
    return {
      ...source,
      blobs: killedBlobs,
      judging: testJudging(killedBlobs),
      store: new Proxy(store, { get: (its, name) => (name === 'transaction' ? transaction : Reflect.get(its, name)) }),
    };
  }
}

describe('whoever decides a request may be killed at any moment', () => {
  it.each([
    ['it is numbered once', {}, ['release.requested', 'release.created'], 'released'],
    ['it is refused once', forged, ['release.requested', 'release.refused'], 'refused'],
  ] as const)('and %s', async (_what, over, kinds, state) => {
    let moments = 0;
    for (let at = 1; ; at += 1) {
      world = await openStoreOperations();
      const { id } = await request(1, over);
      const killed = new Killed(at);
      await Promise.race([taker((source) => killed.source(source)).take(), killed.died]);
      const isLast = !killed.reached;
      await taker().take();
      expect([at, await eventKinds()]).toEqual([at, kinds]);
      expect(await world.store.releaseAsk(id)).toMatchObject({ state });
      expect(await eventKinds('model.')).toEqual(['model.added']);
      if (isLast) break;
      moments += 1;
    }
    expect(moments).toBeGreaterThan(10);
    expect(problems).toEqual([]);
  });
});

describe('a control plane that starts', () => {
  it('decides what was requested before it ran, and brings it in', async () => {
    const rig = new ControlPlaneRig();
    await rig.start();
    await rig.stop();
    const fence = await rig.store.leases.acquire({
      lease: rig.lease,
      holder: 'a command',
      ttlMs: 1_000,
      nowMs: rig.clock.nowMs(),
    });
    const source: OperationsSource = {
      ...world.sourceFor('ada'),
      store: rig.store,
      blobs: rig.blobs,
      clock: rig.clock,
      withFence: (_environment, write) => write(fence!),
    };
    await recordRequest(source, await aReleaseRequest(rig.blobs, 1));
    await rig.store.leases.release(fence!);
    await rig.start('host:boot:2:2');
    await rig.pass(5_000);
    expect(await rig.events('release.')).toEqual(['release.requested', 'release.created', 'release.live']);
    await rig.stop();
  });
});
