import { describe, expect, it } from 'vitest';
import type { Ask } from '../../../core/monitoring/asked/ask.ts';
import { emptyLabelMemory } from '../../../core/monitoring/labels/label-memory.ts';
import { digestOf } from '../../../core/units/digest.ts';
import type { NewPrediction } from '../../../ports/records/label-records.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

const scope = ['digits', 'prod'] as const;
const prediction = (requestId: string, more: Partial<NewPrediction> = {}): NewPrediction => ({
  ...{ requestId, atMs: 2 ** 52, release: 3, replicaId: 'r1', prediction: 'cat', confidence: 0.1 + 0.2 },
  ...more,
});

/** The part of the store's contract that quality by labels rests on. */
export function storeLabelContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  describe('predictions and labels', () => {
    it('are joined by request id, whichever came first, in the order in which predictions were added', () =>
      writing(async (store, write) => {
        expect(await store.predictions(...scope, 0, 10)).toEqual([]);
        await write(async (tx) => {
          await tx.addLabels(...scope, [{ requestId: 'b', truth: { label: 3 } }], 10);
          expect(await tx.addPredictions(...scope, [prediction('b'), prediction('a', { prediction: 7 })], 20)).toBe(2);
          await tx.addPredictions('digits', 'staging', [prediction('a')], 20);
          await tx.addLabels(...scope, [{ requestId: 'a', truth: { right: false } }], 30);
        });
        const all = await store.predictions(...scope, 0, 10);
        expect(all).toEqual([
          { ...prediction('b'), seq: 1, truth: { label: 3 }, labelledAtMs: 10 },
          { ...prediction('a', { prediction: 7 }), seq: 2, truth: { right: false }, labelledAtMs: 30 },
        ]);
        expect(await store.predictions(...scope, 1, 10)).toEqual(all.slice(1));
        expect(await store.predictions(...scope, 0, 1)).toEqual(all.slice(0, 1));
        expect(await store.predictionsOf(...scope, ['a', 'nobody'])).toEqual(all.slice(1));
        expect(await store.labelsOf(...scope, ['b', 'nobody'])).toEqual([{ requestId: 'b', truth: { label: 3 } }]);
        expect(await store.predictionsOf(...scope, [])).toEqual([]);
      }));

    it('keep the first of each request id, also inside one batch', () =>
      writing(async (store, write) => {
        await write(async (tx) => {
          const twice = [prediction('a'), prediction('a', { prediction: 'dog' })];
          expect(await tx.addPredictions(...scope, twice, 1)).toBe(1);
          expect(await tx.addPredictions(...scope, [prediction('a', { prediction: 'cow' }), prediction('b')], 2)).toBe(
            1,
          );
          await tx.addLabels(...scope, [{ requestId: 'a', truth: { label: 'cat' } }], 3);
          await tx.addLabels(...scope, [{ requestId: 'a', truth: { label: 'dog' } }], 4);
        });
        expect(await store.predictions(...scope, 0, 10)).toMatchObject([
          { requestId: 'a', seq: 1, prediction: 'cat', truth: { label: 'cat' }, labelledAtMs: 3 },
          { requestId: 'b', seq: 2, truth: null, labelledAtMs: null },
        ]);
      }));

    it('are counted, and many at once are taken', () =>
      writing(async (store, write) => {
        const many = Array.from({ length: 1_201 }, (_, at) => prediction(`r${at}`));
        await write(async (tx) => {
          expect(await tx.addPredictions(...scope, many, 1)).toBe(1_201);
          const labels = many.slice(0, 700).map(({ requestId }) => ({ requestId, truth: { right: true } }));
          await tx.addLabels(...scope, [...labels, { requestId: 'nobody', truth: { right: true } }], 2);
        });
        expect(await store.predictionCount(...scope)).toBe(1_201);
        expect(await store.openPredictions(...scope, 0)).toEqual({ predictions: 1_201, labelled: 700 });
        expect(await store.openPredictions(...scope, 600)).toEqual({ predictions: 601, labelled: 100 });
        expect(await store.waitingLabels(...scope)).toBe(1);
        expect(await store.predictionCount('other', 'prod')).toBe(0);
        await write((tx) => tx.addPredictions(...scope, [prediction('nobody')], 3));
        expect([await store.waitingLabels(...scope), await store.predictionCount(...scope)]).toEqual([0, 1_202]);
      }));

    it('are forgotten by age; labels without a prediction sooner, and these are counted', () =>
      writing(async (store, write) => {
        await write(async (tx) => {
          await tx.addPredictions(...scope, [prediction('old')], 10);
          await tx.addPredictions(...scope, [prediction('new')], 20);
          await tx.addLabels(...scope, [{ requestId: 'old', truth: { right: true } }], 12);
          await tx.addLabels(...scope, [{ requestId: 'new', truth: { right: true } }], 22);
          await tx.addLabels(...scope, [{ requestId: 'nobody', truth: { right: true } }], 22);
          expect(await tx.forgetLabels(...scope, 15, 22)).toBe(0);
          expect(await tx.forgetLabels(...scope, 15, 23)).toBe(1);
        });
        expect(await store.labelsOf(...scope, ['old', 'new', 'nobody'])).toMatchObject([{ requestId: 'new' }]);
        await write((tx) => tx.addPredictions(...scope, [prediction('next')], 30));
        expect((await store.predictions(...scope, 0, 9)).map(({ seq }) => seq)).toEqual([2, 3]);
      }));

    it('are asked for once for each id, oldest first until judged, and forgotten by age', () =>
      writing(async (store, write) => {
        const ask = (askId: string, askedAtMs: number): Ask => ({
          ...{ askId, askedAtMs, toSeq: askedAtMs, by: 'ada', bets: true, lastBettingMs: null, releases: [3] },
          ...{ planDigest: digestOf(askId), rows: 9, activeShare: 0.25, chosen: [] },
        });
        expect([await store.labelAsk(...scope, 'a'), await store.lastLabelAsk(...scope)]).toEqual([null, null]);
        await write(async (tx) => {
          await tx.addLabelAsk(...scope, ask('b', 20));
          await tx.addLabelAsk(...scope, ask('a', 10));
          await tx.addLabelAsk(...scope, ask('a', 99));
          await tx.addLabelAsk('digits', 'staging', ask('c', 30));
        });
        expect(await store.labelAsk(...scope, 'a')).toEqual(ask('a', 10));
        expect(await store.lastLabelAsk(...scope)).toEqual(ask('b', 20));
        expect(await store.openLabelAsks(...scope, 9)).toEqual([ask('a', 10), ask('b', 20)]);
        await write((tx) => tx.setLabelAskJudged(...scope, 'a'));
        expect(await store.openLabelAsks(...scope, 1)).toEqual([ask('b', 20)]);
        await write((tx) => tx.forgetLabelAsks(...scope, 25));
        expect([await store.labelAsk(...scope, 'a'), await store.labelAsk(...scope, 'b')]).toEqual([
          null,
          ask('b', 20),
        ]);
      }));

    it('have a memory that is replaced', () =>
      writing(async (store, write) => {
        expect(await store.labelMemory(...scope)).toBeNull();
        const next = { ...emptyLabelMemory, tally: { ...emptyLabelMemory.tally, recorded: 5 } };
        await write((tx) => tx.setLabelMemory(...scope, emptyLabelMemory));
        await write((tx) => tx.setLabelMemory(...scope, next));
        expect(await store.labelMemory(...scope)).toEqual(next);
      }));
  });
}
