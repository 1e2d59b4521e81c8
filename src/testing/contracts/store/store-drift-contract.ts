import { describe, expect, it } from 'vitest';
import { emptyDrift } from '../../../core/monitoring/watch/drift-state.ts';
import type { DriftWindow } from '../../../core/monitoring/watch/windows/windows.ts';
import { driftWindowsAtMost } from '../../../ports/records/drift-records.ts';
import { driftSamplesAtMost, type DriftSample } from '../../../core/monitoring/samples/drift-sample.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

const window = (number: number): DriftWindow => ({
  number,
  fromMs: number * 1_000,
  toMs: number * 1_000 + 900,
  rows: 20,
  tallies: { class: { n: 20, missing: 0, mean: 0.1 + 0.2, variance: 0, counts: { '8': 3, '\u0000': 1 } } },
});
const sample = (at: number): DriftSample => ({
  requestId: `request-${at}`,
  atMs: at,
  release: 2,
  replicaId: 'a',
  drawn: null,
  values: { class: '8', 'image.mean': 0.13, note: 'a\u0000b' },
});

/** The part of the store's contract that the watch of live answers rests on. */
export function storeDriftContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  describe('the watch of live answers', () => {
    it('goes on from the record that was set last, of its own service and environment', () =>
      writing(async (store, write) => {
        expect(await store.driftRecord('digits', 'prod')).toBeNull();
        await write((tx) => tx.setDriftRecord('digits', 'prod', { state: emptyDrift, cursors: { a: 1 } }, null));
        const record = { state: { ...emptyDrift, rows: 7 }, cursors: { a: 2, 'b/c': 9 } };
        const second = await write((tx) => tx.setDriftRecord('digits', 'prod', record, 1));
        expect(second).toEqual({ ...record, revision: 2 });
        expect(await store.driftRecord('digits', 'prod')).toEqual(second);
        for (const expected of [null, 1, 3]) {
          const late = write((tx) => tx.setDriftRecord('digits', 'prod', record, expected));
          await expect(late).rejects.toMatchObject({ code: 'drift-moved' });
        }
        expect(await store.driftRecord('digits', 'dev')).toBeNull();
        expect(await store.driftRecord('chat', 'prod')).toBeNull();
      }));

    it('keeps the newest windows in order, and one of each number', () =>
      writing(async (store, write) => {
        await write(async (tx) => {
          for (const number of [1, 2, 3]) await tx.addDriftWindow('digits', 'prod', window(number));
          await tx.addDriftWindow('digits', 'prod', { ...window(3), rows: 21 });
          await tx.addDriftWindow('digits', 'dev', window(9));
        });
        expect(await store.driftWindows('digits', 'prod', 2)).toEqual([window(2), { ...window(3), rows: 21 }]);
        const every = async (from: number, to: number, step: number): Promise<readonly number[]> =>
          (await store.driftWindowsEvery('digits', 'prod', { from, to, every: step })).map(({ number }) => number);
        expect(await every(1, 3, 2)).toEqual([2, 3]);
        expect(await every(1, 2, 1)).toEqual([1, 2]);
        expect(await every(3, 3, 4)).toEqual([3]);
        await write((tx) => tx.addDriftWindow('digits', 'prod', window(2 + driftWindowsAtMost)));
        expect((await store.driftWindows('digits', 'prod', 0)).map(({ number }) => number)).toEqual([
          3,
          2 + driftWindowsAtMost,
        ]);
        expect(await store.driftWindows('digits', 'dev', 0)).toEqual([window(9)]);
      }));

    it('keeps the windows of each slice by themselves', () =>
      writing(async (store, write) => {
        const ofSlot = (slot: number, number: number): DriftWindow => ({ ...window(number), slot });
        await write(async (tx) => {
          for (const number of [1, 2]) await tx.addDriftWindow('digits', 'prod', window(number));
          for (const slot of [1, 2, 16])
            for (const number of [1, 7]) await tx.addDriftWindow('digits', 'prod', ofSlot(slot, number));
          await tx.addDriftWindow('digits', 'prod', { ...ofSlot(2, 7), rows: 21 });
        });
        const read = (from: number, slot?: number) => store.driftWindows('digits', 'prod', from, slot);
        expect(await read(0)).toEqual([window(1), window(2)]);
        expect(await read(0, 1)).toEqual([ofSlot(1, 1), ofSlot(1, 7)]);
        expect(await read(2, 2)).toEqual([{ ...ofSlot(2, 7), rows: 21 }]);
        expect(await read(0, 3)).toEqual([]);
        const every = await store.driftWindowsEvery('digits', 'prod', { from: 1, to: 9, every: 1 });
        expect(every).toEqual([window(1), window(2)]);
        await write((tx) => tx.addDriftWindow('digits', 'prod', ofSlot(1, 2 + driftWindowsAtMost)));
        await write((tx) => tx.addDriftWindow('digits', 'prod', window(2 + driftWindowsAtMost)));
        expect((await read(0, 1)).map(({ number }) => number)).toEqual([7, 2 + driftWindowsAtMost]);
        expect((await read(0, 2)).map(({ number }) => number)).toEqual([1, 7]);
        expect((await read(0, 16)).map(({ number }) => number)).toEqual([1, 7]);
        expect((await read(0)).map(({ number }) => number)).toEqual([2 + driftWindowsAtMost]);
      }));

    it('keeps a bounded number of samples, and none that is too old', () =>
      writing(async (store, write) => {
        const many = Array.from({ length: driftSamplesAtMost + 30 }, (_, at) => sample(at));
        await write((tx) => tx.addDriftSamples('digits', 'prod', many.slice(0, 100), 0));
        await write((tx) => tx.addDriftSamples('digits', 'prod', many.slice(100), 0));
        const kept = await store.driftSamples('digits', 'prod', 10_000);
        expect(kept).toEqual(many.slice(30));
        expect(await store.driftSamples('digits', 'prod', 2)).toEqual(many.slice(-2));
        expect(await store.oldestDriftSample('digits', 'prod')).toBe(30);
        expect(await store.oldestDriftSample('digits', 'dev')).toBeNull();
        expect(await store.driftSamples('digits', 'dev', 10)).toEqual([]);
        await write((tx) => tx.addDriftSamples('digits', 'prod', [], driftSamplesAtMost + 28));
        expect(await store.driftSamples('digits', 'prod', 10_000)).toEqual(many.slice(-2));
        const content = { request: '{"inputs":[]}', response: '{}' };
        await write((tx) => tx.addDriftSamples('digits', 'prod', [{ ...sample(600), content }], 0));
        expect((await store.driftSamples('digits', 'prod', 1))[0]?.content).toEqual(content);
      }));
  });
}
