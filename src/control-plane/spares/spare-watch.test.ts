import { beforeEach, describe, expect, it } from 'vitest';
import { deriveLedgerRows } from '../../core/cost/ledger/derive-rows.ts';
import { hourMs, hourOf } from '../../core/cost/ledger/row.ts';
import { makeWorkload } from '../../core/rollout/workload.ts';
import type { Fence } from '../../ports/records/store.ts';
import type { ObservedSpare, SpareKeeping, SpareSpec } from '../../ports/serving/spares.ts';
import { aRelease } from '../../testing/builders/rollout-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { LedgerRecorder } from '../ledger/record/ledger-recorder.ts';
import { readFacts } from '../ledger/hours/read-facts.ts';
import { SpareWatch, type LiveService } from './spare-watch.ts';

const minute = 60_000;
const { code, model } = aRelease(1);
const workload = { ...makeWorkload(code, model), command: ['plimsoll', 'serve-model'], env: {}, secrets: {} };
const live = (service: string): LiveService => ({ service, environment: 'prod', isKnown: true, workload });

let clock: FakeClock;
let store: ReturnType<typeof memoryStore>;
let fence: Fence;
let recorder: LedgerRecorder;
let services: readonly LiveService[];
let asked: (readonly SpareSpec[])[];
let seen: readonly ObservedSpare[];
let warned: string[];

const keeping: SpareKeeping = {
  keep: async (spares) => void asked.push(spares),
  observe: async () => seen,
};
const watchOf = (spares: SpareKeeping | undefined) =>
  new SpareWatch({
    ...{ store, clock, recorder, services: () => services, fence: () => fence },
    platform: spares === undefined ? {} : { spares },
    log: { warn: ({ problem }: { problem: string }) => void warned.push(problem) },
  });
const setRecord = (warmPool: number) =>
  store.transaction(fence, (tx) => tx.setEnvironmentRecord({ environment: 'prod', by: 'ada', atMs: 0, warmPool }));

beforeEach(async () => {
  [clock, store, services, asked, seen, warned] = [new FakeClock(), memoryStore(), [live('a'), live('b')], [], [], []];
  const lease = await store.leases.acquire({ lease: 'l', holder: 'h', ttlMs: 1, nowMs: 0 });
  if (lease === null) throw new Error('the lease of a new store is held');
  fence = lease;
  recorder = new LedgerRecorder({ store, clock, identity: 'r' });
  await store.transaction(fence, (tx) => recorder.begin(tx));
});

describe('the watch of spares', () => {
  it('asks the platform for what the records say, and shows what is there', async () => {
    await setRecord(2);
    const watch = watchOf(keeping);
    const spare = { environment: 'prod', takenBy: null, pid: 1, node: 'n', deviceCount: 0 } as const;
    await watch.look();
    const fits = asked[0]?.[0]?.fits ?? '';
    seen = [
      { ...spare, spareId: 's1', fits, state: 'free' },
      { ...spare, spareId: 's2', fits, state: 'starting' },
      { ...spare, spareId: 's3', fits: 'another', state: 'free' },
    ];
    await watch.look();
    expect(watch.view()).toEqual([
      {
        ...{ environment: 'prod', fits, services: ['a', 'b'], wanted: 2, free: 1, starting: 1, taken: 0 },
        ...{ takenLastDay: 0, pricePerHour: null },
      },
    ]);
    expect(watch.board.deskOf({ service: 'a', environment: 'prod' }).ask(0)).toEqual({ free: 1, found: 0 });
    await setRecord(0);
    await watch.look();
    expect(asked.map((specs) => specs.map(({ count }) => count))).toEqual([[2], [2], []]);
    expect(watch.view()).toEqual([]);
  });

  it('tells the platform what services left to spares, and counts the starts of a day that took one', async () => {
    await setRecord(2);
    const watch = watchOf(keeping);
    await watch.look();
    watch.board.deskOf({ service: 'b', environment: 'prod' }).claim({ left: 1, ordered: 0 });
    const ready = async (replicaId: string, spare: string | undefined): Promise<void> => {
      const data = {
        ...{ replicaId, pair: 'p', release: 1, state: 'ready' as const, reason: '', pid: 1, node: 'n', restarts: 0 },
        ...{ startedAtMs: 0, readyAtMs: 5, phases: [], ...(spare === undefined ? {} : { spare }) },
      };
      const event = { service: 'a', environment: 'prod', by: 'p', atMs: clock.nowMs(), summary: '' };
      await store.transaction(fence, (tx) => tx.appendEvent({ ...event, kind: 'replica.ready', data }));
    };
    await ready('r1', 's1');
    await ready('r2', undefined);
    await clock.advance(minute);
    watch.board.deskOf({ service: 'b', environment: 'prod' }).claim({ left: 1, ordered: 0 });
    await watch.look();
    expect(asked.map(([group]) => group?.left)).toEqual([{}, { b: 1 }]);
    expect(watch.view()).toMatchObject([{ takenLastDay: 1 }]);
    await clock.advance(24 * 60 * minute);
    await watch.look();
    expect(watch.view()).toMatchObject([{ takenLastDay: 0 }]);
  });

  it('waits for services that had no turn yet, and no longer than a minute', async () => {
    await setRecord(1);
    services = [live('a'), { ...live('b'), isKnown: false, workload: null }];
    const watch = watchOf(keeping);
    await watch.look();
    await clock.advance(minute - 1);
    await watch.look();
    expect(asked).toEqual([]);
    await clock.advance(1);
    await watch.look();
    expect(asked.map((specs) => specs.length)).toEqual([1]);
    const other = watchOf(keeping);
    services = [live('a'), { ...live('b'), workload: null }];
    await other.look();
    expect(asked.map((specs) => specs.length)).toEqual([1, 1]);
  });

  it('says once that a platform keeps none', async () => {
    const watch = watchOf(undefined);
    await watch.look();
    expect(warned).toEqual([]);
    await setRecord(1);
    await watch.look();
    await watch.look();
    expect(warned).toEqual([expect.stringContaining('prod: this platform keeps no warm pool')]);
  });

  it('tells what went wrong once, and goes on', async () => {
    const watch = watchOf({ ...keeping, observe: () => Promise.reject(new Error('no file handles')) });
    await watch.look();
    await watch.look();
    expect(warned).toEqual(['no file handles']);
  });

  it('reserves what a spare holds until the claim of its replica begins: the account adds up to the millisecond', async () => {
    await setRecord(1);
    const device = { device: 'n/cores', pool: 'p', node: 'n', place: null, deviceClass: 'c', pciDeviceId: null };
    const append = (...facts: Parameters<LedgerRecorder['append']>[1]) =>
      store.transaction(fence, (tx) => recorder.append(tx, facts));
    const hour = hourOf(clock.nowMs()) + hourMs;
    await clock.advance(hour - clock.nowMs());
    const appeared = { kind: 'device-appeared', ...device, layout: { kind: 'cores', cores: 4 } } as const;
    await append({ ...appeared, at: recorder.now() });
    const watch = watchOf(keeping);
    const spare = { spareId: 's', environment: 'prod', fits: 'f', pid: 1, node: 'n', deviceCount: 0 };
    seen = [{ ...spare, state: 'free', takenBy: null }];
    await watch.look();
    await clock.advance(10 * minute);
    seen = [{ ...spare, state: 'taken', takenBy: 'replica' }];
    await watch.look();
    await clock.advance(5 * minute);
    const holds = [{ device: 'n/cores', milliCores: 1_000 }];
    const owner = { service: 'a', environment: 'prod', release: null, team: null, model: null };
    await append({ kind: 'claim-began', claim: 'replica', holds, owner, purpose: 'answers', at: recorder.now() });
    // The watch looks a while after the turn of the service.
    await clock.advance(2 * minute);
    await watch.look();
    await clock.advance(3 * minute);
    await append({ kind: 'claim-changed', claim: 'replica', state: 'ended', at: recorder.now() });
    await clock.advance(hourMs);
    const facts = await readFacts(store, hour, hour + hourMs);
    const { rows, errors } = deriveLedgerRows(facts, { fromMs: hour, toMs: hour + hourMs });
    const told = rows.map(({ state, owner: whom, computeMs }) => [state, whom?.service ?? null, computeMs / minute]);
    expect(told.sort()).toEqual([
      ['loading', 'a', 5],
      ['reserved', '*', 15],
      ['unallocated', null, 220],
    ]);
    expect(errors).toEqual([]);
  });
});
