import { beforeEach, describe, expect, it } from 'vitest';
import { planLabels } from '../../core/monitoring/labels/label-plan.ts';
import { seededRandom } from '../../core/statistics/random.ts';
import type { Fence, Store, StoreWriter } from '../../ports/records/store.ts';
import { fenceOf } from '../../testing/builders/store-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { askLabels } from './ask-labels.ts';
import { LabelJudge } from './judge-mature.ts';
import { readLabelsStatus } from './labels-status.ts';
import { recordLabels, recordPredictions } from './record-labels.ts';

const scope = { service: 'digits', environment: 'prod' };
const plan = planLabels({
  ...{ releases: [1], withinMs: 600_000, marginShare: 0.01, errorAtMost: null, measurements: null },
  gates: [{ metric: 'accuracy', confidenceShare: 0.95 }],
});

let store: Store;
let clock: FakeClock;
let fence: Fence;
let judge: LabelJudge;
const random = seededRandom(1);
beforeEach(async () => {
  [store, clock] = [memoryStore(), new FakeClock()];
  fence = await fenceOf(store);
  judge = new LabelJudge({ ...scope, store, clock, fence: () => fence, plan: () => plan });
});
const write = <T>(work: (tx: StoreWriter) => Promise<T>): Promise<T> => store.transaction(fence, work);
const ask = (askId: string, count: number) =>
  write((tx) => askLabels(tx, scope, { askId, count }, 'ada', clock.nowMs(), () => random.nextShare()));
const label = (...ids: readonly string[]) =>
  write((tx) =>
    recordLabels(
      tx,
      scope,
      ids.map((requestId) => ({ requestId, label: 'cat' })),
      clock.nowMs(),
    ),
  );
const look = async (): Promise<void> => {
  await clock.advance(6_000);
  await judge.look();
};
const asked = async () => (await readLabelsStatus(store, scope)).report?.asked ?? null;

async function predict(from: number, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, at) => ({
    ...{ requestId: `r${from + at}`, atMs: clock.nowMs(), release: 1, replicaId: null, prediction: 'cat' },
    confidence: (at % 10) / 10,
  }));
  await write((tx) => recordPredictions(tx, scope, rows, clock.nowMs()));
}

describe('an ask for labels', () => {
  it('says why there is nothing to choose from', async () => {
    await expect(ask('a', 3)).rejects.toMatchObject({ code: 'labels-not-judged' });
    await judge.look();
    await expect(ask('a', 3)).rejects.toMatchObject({ code: 'nothing-to-ask' });
  });

  it('gives the same requests for the same id, and no request to two asks', async () => {
    await judge.look();
    await predict(0, 100);
    const first = await ask('a', 20);
    expect(await ask('a', 50)).toEqual(first);
    await expect(ask('b', 5)).rejects.toMatchObject({ code: 'nothing-to-ask', next: 'plimsoll labels ask 1 --id a' });
    await predict(100, 100);
    const second = await ask('b', 20);
    const ids = [...first.requests, ...second.requests].map(({ requestId }) => requestId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(second.bets).toBe(false);
  });

  it('is judged once all of its labels are there, by no other labels, and never twice', async () => {
    await judge.look();
    await predict(0, 200);
    const { requests } = await ask('a', 20);
    const ids = requests.map(({ requestId }) => requestId);
    await label(...Array.from({ length: 200 }, (_, at) => `r${at}`).filter((id) => !ids.includes(id)));
    await look();
    expect(await asked()).toBeNull();
    await label(...ids);
    const failing = { ...store, transaction: () => Promise.reject(new Error('killed')) } as unknown as Store;
    const killed = new LabelJudge({ ...scope, store: failing, clock, fence: () => fence, plan: () => plan });
    await expect(killed.look()).rejects.toThrow('killed');
    await look();
    await look();
    expect(await asked()).toMatchObject({ asks: 1, rows: 200, labelled: expect.any(Number) });
    const [metric] = (await asked())?.metrics ?? [];
    expect(metric?.seen?.low).toBeLessThan(0.05);
    expect((await ask('a', 20)).requests.every(({ isLabelled }) => isLabelled)).toBe(true);
  });

  it('is judged without its labels when labels.within is over: both ends are bounded', async () => {
    await judge.look();
    await predict(0, 100);
    await ask('a', 30);
    await clock.advance(plan.withinMs);
    await look();
    const [metric] = (await asked())?.metrics ?? [];
    expect(await asked()).toMatchObject({ labelled: 0 });
    expect(metric?.live).toEqual({ low: 0, high: 1 });
  });
});
