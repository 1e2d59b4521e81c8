import { beforeEach, expect, test } from 'vitest';
import { dayMs } from '../../core/scaling/seasons/arrival-day.ts';
import type { ArrivalDay } from '../../core/scaling/seasons/arrival-day.ts';
import { makeArrivalDays, morningRush, seasonsBeginMs } from '../../testing/builders/scaling/season-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { CalendarWatch } from './calendar-watch.ts';

const nineOfMondayMs = seasonsBeginMs + 14 * dayMs + 9 * 3_600_000;
const question = { zone: 'UTC', attainmentShare: 0.99, horizonMs: 42_000, schedule: [] };

let clock: FakeClock;
let days: readonly ArrivalDay[];
let reads: number;
let fails: boolean;
let work: Promise<void>[];
let watch: CalendarWatch;
beforeEach(() => {
  clock = new FakeClock(nineOfMondayMs);
  [days, reads, fails, work] = [makeArrivalDays(14, morningRush), 0, false, []];
  watch = new CalendarWatch({
    ...{ service: 'digits', environment: 'prod', clock },
    store: {
      arrivalDays: async () => {
        reads += 1;
        if (fails) throw new Error('the store is away');
        return days;
      },
    },
    beside: (each) => work.push(each),
  });
});
const settle = async (): Promise<void> => {
  await Promise.allSettled(work.splice(0));
};

test('the season is found once a day beside the turns, and expected from then on', async () => {
  expect(watch.ahead({ ...question, nowMs: nineOfMondayMs })).toBeNull();
  await settle();
  expect(watch.ahead({ ...question, nowMs: nineOfMondayMs })).toMatchObject({ why: 'season' });
  expect(watch.ahead({ ...question, nowMs: nineOfMondayMs + 3_600_000 })?.ratePerSecond).toBeGreaterThan(8);
  await settle();
  expect(reads).toBe(1);
  watch.ahead({ ...question, nowMs: nineOfMondayMs + dayMs });
  await settle();
  expect(reads).toBe(2);
});

test('another zone begins anew, and nothing is expected by the clock of the old one', async () => {
  watch.ahead({ ...question, nowMs: nineOfMondayMs });
  await settle();
  expect(watch.ahead({ ...question, zone: 'Europe/Berlin', nowMs: nineOfMondayMs })).toBeNull();
  await settle();
  expect(watch.season?.zone).toBe('Europe/Berlin');
});

test('a store that is away is asked again a minute later, and the season of yesterday stands meanwhile', async () => {
  watch.ahead({ ...question, nowMs: nineOfMondayMs });
  await settle();
  fails = true;
  const tomorrow = { ...question, nowMs: nineOfMondayMs + dayMs };
  watch.ahead(tomorrow);
  await settle();
  expect(watch.ahead(tomorrow)).toMatchObject({ why: 'season' });
  expect(reads).toBe(2);
  await clock.advance(60_000);
  watch.ahead(tomorrow);
  expect(reads).toBe(3);
  await settle();
});
