import { beforeEach, describe, expect, it } from 'vitest';
import type { ColdStartSection } from '../../core/contract/contract.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { digestOf } from '../../core/units/digest.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import { SelfMovingClock } from '../../testing/fakes/self-moving-clock.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { makeReplicaEvents } from '../turn/replica-changes.ts';
import { EvidenceWatches, type EvidenceWatchesParts } from './evidence-watches.ts';
import { StartWatch, type MeasuredPair } from './start-watch.ts';
import type { WatchNews } from './watch.ts';

const scope = { service: 'digits', environment: 'prod' };
const pair = digestOf('pair');
const coldStart: ColdStartSection = { budget: { p90: 2_000 }, from: 'node-disk', phases: {}, prePull: false };
const phasesOf = (totalMs: number) => [{ phases: ['process-start'] as const, startMs: 0, durationMs: totalMs }];
const measuredStarts = Array.from({ length: 29 }, (_, at) => ({
  totalMs: 1_000 + 10 * at,
  outcome: 'ready' as const,
  phases: phasesOf(1_000 + 10 * at),
}));

let clock: SelfMovingClock;
let store: Store;
let fence: Fence;
let measured: MeasuredPair | null;
let told: WatchNews[];
let before: ReadonlyMap<string, ObservedReplica>;
let watch: StartWatch;
let watches: EvidenceWatches;

beforeEach(async () => {
  clock = new SelfMovingClock();
  store = memoryStore();
  const lease = await store.leases.acquire({ lease: 'l', holder: 'tests', ttlMs: 1e12, nowMs: 0 });
  if (lease === null) throw new Error('the lease is free');
  fence = lease;
  measured = {
    pair,
    starts: measuredStarts,
    coldStart,
    evidence: digestOf('cold start'),
    measuredAtMs: clock.nowMs(),
    remedy: 'plimsoll coldstart',
  };
  told = [];
  before = new Map();
  watch = opened();
});

/** As a control plane that was just started. */
function opened(): StartWatch {
  const made = new StartWatch({ ...scope, source: { measured: async () => measured }, store, clock });
  const tell = async (...seen: Parameters<StartWatch['look']>) => (told = [...(await made.look(...seen))]);
  watches = new EvidenceWatches({
    ...scope,
    store,
    clock,
    watches: [{ subject: made.subject, look: tell, recorded: () => made.recorded() }],
    log: {
      warn: (problem: unknown) => {
        throw problem;
      },
    } as unknown as EvidenceWatchesParts['log'],
    fence: () => fence,
    recorded: () => undefined,
  });
  return made;
}

const replica = (
  replicaId: string,
  tookMs: number | null,
  changes: Partial<ObservedReplica> = {},
): ObservedReplica => ({
  replicaId,
  set: 's',
  pair,
  release: 3,
  state: tookMs === null ? 'starting' : 'ready',
  reason: 'as the test says',
  endpoint: null,
  pid: 1,
  node: 'n',
  restarts: 0,
  startedAtMs: clock.nowMs(),
  readyAtMs: tookMs === null ? null : clock.nowMs() + tookMs,
  phases: tookMs === null ? [] : phasesOf(tookMs),
  ...changes,
});

/** A turn, some time after the last: what is seen is recorded as the reconciler does, and then looked at. */
async function turn(...replicas: readonly ObservedReplica[]): Promise<readonly string[]> {
  await clock.sleep(10_000);
  const events = makeReplicaEvents(before, replicas);
  before = new Map(replicas.map((each) => [each.replicaId, each]));
  await store.transaction(fence, async (tx) => {
    for (const event of events) await tx.appendEvent({ ...scope, by: 'tests', atMs: clock.nowMs(), ...event });
  });
  told = [];
  await watches.look({ replicas }, new AbortController().signal);
  return told.map(({ event }) => event.kind);
}

describe('the watch over live starts', () => {
  it('says nothing of a start like those that were measured, and adds it to the distribution', async () => {
    expect(await turn(replica('a', 1_100))).toEqual([]);
    expect(watch.distribution()).toMatchObject({ starts: 30, failureShare: 0 });
    expect(watch.distribution()?.shares.at(-1)).toBeCloseTo(1, 9);
  });

  it('tells a start that leaves the distribution once, also after a restart', async () => {
    const slow = replica('a', 1_900);
    expect(await turn(slow)).toEqual(['start.outlier']);
    expect(told[0]?.event.summary).toMatch(
      /^The start of replica a of release 3 leaves what was measured: the whole start took 1.9s; 29 measured starts say/,
    );
    expect(await turn(slow)).toEqual([]);
    watch = opened();
    expect(await turn(slow)).toEqual([]);
  });

  it('tells a start that has not ended, as soon as it has lasted too long', async () => {
    const starting = replica('a', null, { startedAtMs: clock.nowMs() + 9_000 });
    expect(await turn(starting)).toEqual([]);
    await clock.sleep(49_000);
    expect(await turn(starting)).toEqual(['start.outlier']);
    expect(told[0]?.event.summary).toContain('has lasted 1m 0s');
    await clock.sleep(1_000);
    expect(await turn({ ...starting, state: 'ready', readyAtMs: clock.nowMs() })).toEqual([]);
  });

  it('leaves alone what is of another pair, and everything while nothing was measured', async () => {
    expect(await turn(replica('a', 60_000, { pair: digestOf('other') }))).toEqual([]);
    measured = null;
    expect(await turn(replica('b', 60_000))).toEqual([]);
    expect(watch.distribution()).toBeNull();
  });

  it('invalidates the evidence once live starts prove the budget broken, with the remedy, and only once', async () => {
    const seen: string[] = [];
    const replicas: ObservedReplica[] = [];
    for (let at = 0; at < 8; at += 1) {
      await clock.sleep(1_000);
      replicas.push(replica(`r${at}`, 5_000));
      seen.push(...(await turn(...replicas)).filter((kind) => kind === 'start.budget-broken'));
    }
    expect(seen).toEqual(['start.budget-broken']);
    const [invalidation, ...rest] = await store.invalidations(scope.service, scope.environment);
    expect(rest).toEqual([]);
    expect(invalidation).toMatchObject({ kind: 'cold-start', environment: 'prod', remedy: 'plimsoll coldstart' });
    expect(invalidation?.reason).toMatch(/^(\d) of \1 live starts took longer than the p90 budget 2s$/);
  });

  it('does not take starts from before the measurement against it', async () => {
    const replicas: ObservedReplica[] = [];
    for (let at = 0; at < 8; at += 1) replicas.push(replica(`r${at}`, 5_000, { startedAtMs: clock.nowMs() - 9_000 }));
    expect((await turn(...replicas)).filter((kind) => kind === 'start.budget-broken')).toEqual([]);
  });
});
