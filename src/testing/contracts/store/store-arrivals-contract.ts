import { describe, expect, it } from 'vitest';
import { arrivalsKept, dayMs, minuteMs, type ArrivalDay } from '../../../core/scaling/seasons/arrival-day.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

const makeDay = (at: number, ...counts: ArrivalDay['counts']): ArrivalDay => ({
  fromMs: at * dayMs,
  lengthMs: minuteMs,
  counts,
});

/** The part of the store's contract that the seasons of arrivals rest on. */
export function storeArrivalsContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  describe('the days of arrivals of a service', () => {
    it('come back whole and in order, from when they are asked for, and of their own service and environment', () =>
      writing(async (store, write) => {
        expect(await store.arrivalDays('digits', 'prod', 0)).toEqual([]);
        await write(async (tx) => {
          await tx.setArrivalDay('digits', 'prod', makeDay(3, 1, null, 2));
          await tx.setArrivalDay('digits', 'prod', makeDay(2, 5));
          await tx.setArrivalDay('digits', 'staging', makeDay(4, 6));
          await tx.setArrivalDay('other', 'prod', makeDay(5, 7));
          expect(await tx.arrivalDays('digits', 'prod', 3 * dayMs)).toEqual([makeDay(3, 1, null, 2)]);
        });
        expect(await store.arrivalDays('digits', 'prod', 0)).toEqual([makeDay(2, 5), makeDay(3, 1, null, 2)]);
        expect(await store.arrivalDays('digits', 'prod', 2 * dayMs + 1)).toEqual([makeDay(3, 1, null, 2)]);
      }));

    it('take the place of what was known of the day, and of days that are too old', () =>
      writing(async (store, write) => {
        const kept = arrivalsKept.allMs / dayMs;
        await write(async (tx) => {
          await tx.setArrivalDay('digits', 'staging', makeDay(0, 9));
          await tx.setArrivalDay('digits', 'prod', makeDay(0, 1));
          await tx.setArrivalDay('digits', 'prod', makeDay(1, 1));
          await tx.setArrivalDay('digits', 'prod', makeDay(1, 1, 2));
        });
        expect(await store.arrivalDays('digits', 'prod', 0)).toEqual([makeDay(0, 1), makeDay(1, 1, 2)]);
        await write((tx) => tx.setArrivalDay('digits', 'prod', makeDay(kept + 1, 3)));
        expect(await store.arrivalDays('digits', 'prod', 0)).toEqual([makeDay(1, 1, 2), makeDay(kept + 1, 3)]);
        expect(await store.arrivalDays('digits', 'staging', 0)).toHaveLength(1);
      }));
  });
}
