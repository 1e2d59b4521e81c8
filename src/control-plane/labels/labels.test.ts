import { beforeEach, describe, expect, it } from 'vitest';
import { emptyLabelMemory, waitingForPredictionMs } from '../../core/monitoring/labels/label-memory.ts';
import { planLabels, type LabelPlan } from '../../core/monitoring/labels/label-plan.ts';
import type { NewPrediction } from '../../ports/records/label-records.ts';
import type { Fence, Store, StoreWriter } from '../../ports/records/store.ts';
import { fenceOf } from '../../testing/builders/store-builders.ts';
import { labelsRequestSchema, labelsStatusSchema } from '../../schemas/http/monitoring/http-labels.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { rightsByRelease } from './canary-rights.ts';
import { continueLabels, LabelJudge } from './judge-mature.ts';
import { readLabelsStatus } from './labels-status.ts';
import { recordLabels, recordPredictions } from './record-labels.ts';
import { takeLabelBets } from './take-evidence.ts';

const scope = { service: 'digits', environment: 'prod' };
const withinMs = 600_000;
const plan = (more: Partial<LabelPlan> = {}): LabelPlan => ({
  ...planLabels({
    ...{ releases: [1], withinMs, marginShare: 0.01, errorAtMost: null, measurements: null },
    gates: [{ metric: 'accuracy', confidenceShare: 0.95 }],
  }),
  ...more,
});

let store: Store;
let clock: FakeClock;
let fence: Fence;
let judge: LabelJudge;
let present: LabelPlan | null | undefined;
beforeEach(async () => {
  [store, clock, present] = [memoryStore(), new FakeClock(), plan()];
  fence = await fenceOf(store);
  judge = newJudge();
});
const newJudge = (): LabelJudge => new LabelJudge({ ...scope, store, clock, fence: () => fence, plan: () => present });
const write = <T>(work: (tx: StoreWriter) => Promise<T>): Promise<T> => store.transaction(fence, work);
const asked = (requestId: string, more: Partial<NewPrediction> = {}): NewPrediction => ({
  ...{ requestId, atMs: clock.nowMs(), release: 1, replicaId: null, prediction: 'cat', confidence: null },
  ...more,
});
const predict = (rows: readonly NewPrediction[]): Promise<number> =>
  write((tx) => recordPredictions(tx, scope, rows, clock.nowMs()));
const label = async (...labels: Parameters<typeof recordLabels>[2]) =>
  (await write((tx) => recordLabels(tx, scope, labels, clock.nowMs()))).answer;
const status = () => readLabelsStatus(store, scope);

describe('predictions', () => {
  it('are recorded once, with a clock that is ahead put right, and what cannot be labelled is counted', async () => {
    const ahead = asked('a', { atMs: clock.nowMs() + 1e9 });
    const rows = [ahead, asked('b', { prediction: NaN }), asked(''), asked('c', { prediction: 'x'.repeat(20_000) })];
    expect(await predict(rows)).toBe(2);
    expect(await predict([ahead])).toBe(0);
    expect(await store.predictions('digits', 'prod', 0, 9)).toMatchObject([
      { requestId: 'a', atMs: clock.nowMs() },
      { requestId: 'b', prediction: 'NaN' },
    ]);
    expect((await status()).tally.droppedPredictions).toBe(2);
  });
});

describe('labels', () => {
  it('may come before the prediction, twice, late, contradictory or from the future', async () => {
    const early = await label({ requestId: 'a', label: 'dog' });
    expect(early).toMatchObject({ tally: { recorded: 1 }, waiting: 1, named: [{ requestId: 'a' }] });
    await predict([asked('a'), asked('b')]);
    const answer = await label(
      ...[
        { requestId: 'a', label: 'dog' },
        { requestId: 'a', label: 'cat' },
      ],
      ...[
        { requestId: 'b', label: 'cat' },
        { requestId: 'b', label: 'dog' },
      ],
      { requestId: 'c', right: true, atMs: clock.nowMs() + 600_000 },
    );
    expect(answer.tally).toEqual({ recorded: 1, repeated: 1, contradicted: 2, future: 1, unknown: 0 });
    expect(answer.waiting).toBe(0);
    expect(await status()).toMatchObject({ open: { predictions: 2, labelled: 2 }, waiting: 0, report: null });
    // No date is that far away.
    const last = await label({ requestId: 'd', right: true, atMs: Number.MAX_SAFE_INTEGER });
    expect(last.named[0]?.reason).toContain('from the future: 9007199254740991 milliseconds since 1970');
  });

  it('are told by an older control plane without what it does not know', async () => {
    await store.transaction(fence, (tx) =>
      tx.setLabelMemory('digits', 'prod', { ...emptyLabelMemory, state: continueLabels(null, plan()) }),
    );
    const told = await status();
    const { asked: _, estimate: __, ...report } = told.report ?? { asked: null, estimate: null };
    expect(labelsStatusSchema.parse({ ...told, report })).toEqual(told);
  });

  it('have request ids that each store keeps as they are', () => {
    const isTaken = (requestId: string): boolean =>
      labelsRequestSchema.safeParse({ labels: [{ requestId, label: 1 }] }).success;
    expect(['a', 'é😀', ' ', 'x'.repeat(200)].map(isTaken)).toEqual([true, true, true, true]);
    expect(['', 'a\0', '\ud800', 'x'.repeat(201)].map(isTaken)).toEqual([false, false, false, false]);
  });

  it('of unknown requests are forgotten after an hour, and counted', async () => {
    await label({ requestId: 'nobody', right: true });
    await judge.look();
    expect(await status()).toMatchObject({ waiting: 1, tally: { unknown: 0 } });
    await clock.advance(waitingForPredictionMs + 1);
    await judge.look();
    expect(await status()).toMatchObject({ waiting: 0, tally: { unknown: 1 } });
  });

  it('tell the judge of a step which release was right, also without being told the release', async () => {
    await predict([asked('a'), asked('b', { release: 2 })]);
    const labels = [
      { requestId: 'a', label: 'cat' },
      { requestId: 'b', label: 'dog' },
      { requestId: 'x', right: true },
    ];
    const { predictions } = await write((tx) => recordLabels(tx, scope, labels, clock.nowMs()));
    expect(rightsByRelease({ labels }, predictions)).toEqual([
      { release: 1, labels: [{ requestId: 'a', right: true }] },
      { release: 2, labels: [{ requestId: 'b', right: false }] },
    ]);
    expect(rightsByRelease({ release: 7, labels: labels.slice(2) }, [])).toEqual([
      { release: 7, labels: [{ requestId: 'x', right: true }] },
    ]);
  });
});

describe('judging at maturity', () => {
  const hour = async (): Promise<void> => {
    for (let minute = 0; minute < 60; minute += 1) {
      await clock.advance(60_000);
      const rows = Array.from({ length: 5 }, (_, at) => asked(`${clock.nowMs()}-${at}`));
      await predict(rows);
      await label(...rows.slice(1).map(({ requestId }, at) => ({ requestId, label: at === 0 ? 'dog' : 'cat' })));
      await judge.look();
    }
  };

  it('takes each prediction once it is as old as labels.within, and survives a kill at any moment', async () => {
    await hour();
    const before = await status();
    expect(before.report).toMatchObject({ rows: { mature: 250, labelled: 200 }, completenessShare: 0.8 });
    expect(before.open).toEqual({ predictions: 50, labelled: 40 });
    expect(before.report?.metrics[0]).toMatchObject({ verdict: 'unknown', seen: expect.anything() });
    judge = newJudge();
    await judge.look();
    expect(await status()).toEqual(before);
    // The transaction of a look fails: the next one takes the same predictions.
    await clock.advance(withinMs + 120_000);
    const failing = { ...store, transaction: () => Promise.reject(new Error('killed')) } as unknown as Store;
    const killed = new LabelJudge({ ...scope, store: failing, clock, fence: () => fence, plan: () => present });
    await expect(killed.look()).rejects.toThrow('killed');
    expect(await status()).toEqual(before);
    await judge.look();
    expect(await status()).toMatchObject({
      report: { rows: { mature: 300, labelled: 240 } },
      open: { predictions: 0 },
    });
  });

  it('hands each bet out once, in the transaction of a tick of the budget', async () => {
    const [metric] = plan().metrics;
    present = plan({ metrics: [{ ...metric!, evaluated: { low: 0.1, high: 0.2 }, limit: 0.21 }] });
    const take = () => write((tx) => takeLabelBets(tx, scope, clock.nowMs()));
    expect(await take()).toBeNull();
    await hour();
    const first = await take();
    expect(first?.evidence['labels/accuracy']?.some((product) => product !== 1)).toBe(true);
    expect((await take())?.evidence).toEqual({ 'labels/accuracy': [1, 1, 1, 1] });
  });

  it('judges nothing where the contract asks for no labels, or that is not known', async () => {
    for (const none of [null, undefined]) {
      present = none;
      await hour();
      expect((await status()).report).toBeNull();
    }
  });

  it('forgets what was judged a day ago, and never what was not', async () => {
    await hour();
    present = null;
    await clock.advance(3 * 86_400_000);
    await judge.look();
    expect(await store.predictionCount('digits', 'prod')).toBe(300);
    present = plan();
    await judge.look();
    expect((await status()).report?.rows.mature).toBe(300);
    expect(await store.predictionCount('digits', 'prod')).toBe(0);
  });

  it('goes on with a further release of the same pair, and begins anew with another evaluation', async () => {
    await hour();
    const state = (await store.labelMemory('digits', 'prod'))?.state ?? null;
    expect(continueLabels(state, plan())).toBe(state);
    expect(continueLabels(state, plan({ releases: [1, 2] }))).toMatchObject({
      rows: state?.rows,
      plan: { releases: [1, 2] },
    });
    expect(continueLabels(state, plan({ releases: [3] }))).toMatchObject({
      rows: { mature: 0 },
      afterSeq: state?.afterSeq,
    });
    expect(continueLabels(state, plan({ withinMs: 5 }))).toMatchObject({ rows: { mature: 0 } });
  });
});
