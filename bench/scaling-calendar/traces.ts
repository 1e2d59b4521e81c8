import { dayMs, tenMinutesMs, type ArrivalDay } from '../../src/core/scaling/seasons/arrival-day.ts';
import { slotsOfDay } from '../../src/core/scaling/seasons/local-day.ts';
import { makeCounted } from '../../src/core/scaling/simulation/arrivals/counted.ts';
import type { Arrivals } from '../../src/core/scaling/simulation/world.ts';
import { seededRandom, type Random } from '../../src/core/statistics/random.ts';

/** Requests a second at a moment; `slot` counts the ten minutes of the day, 0 is Monday. */
type Rate = (weekday: number, slot: number, random: Random) => number;

export interface CalendarTrace {
  readonly name: string;
  readonly what: string;
  readonly hasSeason: boolean;
  readonly rate: () => Rate;
}

const wave = (slot: number): number => 1.2 + 0.8 * Math.sin(2 * Math.PI * (slot / slotsOfDay - 0.375));
const isWorking = (weekday: number): boolean => weekday < 5;

export const calendarTraces: readonly CalendarTrace[] = [
  {
    name: 'morning rush',
    what: 'a wave of the day, lower at the weekend, and from 9:00 to 10:30 of working days 8 requests/s more',
    hasSeason: true,
    rate: () => (weekday, slot) =>
      wave(slot) * (isWorking(weekday) ? 1 : 0.6) + (isWorking(weekday) && slot >= 54 && slot < 63 ? 8 : 0),
  },
  {
    name: 'rush anywhere',
    what: 'as many rushes of the same size and length, each at a random time of a random day',
    hasSeason: false,
    rate: () => {
      let left = 0;
      return (_weekday, _slot, random) => {
        if (left > 0) left -= 1;
        else if (random.nextShare() < 5 / (7 * slotsOfDay - 5 * 9)) left = 8;
        return 1.2 + (left > 0 ? 8 : 0);
      };
    },
  },
  {
    name: 'no season',
    what: 'a rate that wanders between 0.5 and 6 requests/s',
    hasSeason: false,
    rate: () => {
      let level = 2;
      return (_weekday, _slot, random) =>
        (level = Math.min(6, Math.max(0.5, level * (0.85 + 0.3 * random.nextShare()))));
    },
  },
];

export interface MadeTrace {
  /** Counts of the days before the simulation. */
  readonly recorded: readonly ArrivalDay[];
  readonly arrivals: Arrivals;
}

/** Returns recorded days, and arrivals of the days after them: as Poisson as counts of ten minutes allow, each day up to 10% busier or quieter. */
export function makeTrace(
  { rate }: CalendarTrace,
  days: { readonly recorded: number; readonly simulated: number },
  { beginsAtMs, seed, workMs }: { readonly beginsAtMs: number; readonly seed: number; readonly workMs: number },
): MadeTrace {
  const random = seededRandom(seed);
  const rateAt = rate();
  const counted = Array.from({ length: days.recorded + days.simulated }, (_, day): ArrivalDay => {
    const busy = 0.9 + 0.2 * random.nextShare();
    const counts = Array.from({ length: slotsOfDay }, (__, slot) => {
      const mean = busy * rateAt(day % 7, slot, random) * 600;
      const deviate = Math.sqrt(-2 * Math.log(1 - random.nextShare())) * Math.cos(2 * Math.PI * random.nextShare());
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * deviate));
    });
    return { fromMs: beginsAtMs + (day - days.recorded) * dayMs, lengthMs: tenMinutesMs, counts };
  });
  const spans = counted
    .slice(days.recorded)
    .flatMap(({ counts }) => counts.map((count) => ({ spanMs: tenMinutesMs, requests: count ?? 0 })));
  return { recorded: counted.slice(0, days.recorded), arrivals: makeCounted(spans, { seed: seed + 1, workMs }) };
}
