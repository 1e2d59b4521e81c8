import { slotsOfDay, type LocalDay } from './local-day.ts';

/**
 * What is usual at each slot of a week, requests a second: `rates[weekday][slot]`, 0 is Monday. Null where nothing like it was counted.
 * JSON-safe.
 */
export interface SeasonProfile {
  readonly rates: readonly (readonly (number | null)[])[];
  /** Of all slots that were counted. */
  readonly meanPerSecond: number;
}

type Rates = readonly (number | null)[];

/** Days of one group of a level, and what the level above says of its slots. */
interface Group {
  readonly days: readonly LocalDay[];
  readonly parent: Rates;
}

interface Level {
  /** By group. */
  readonly rates: readonly Rates[];
  /** Variance of days in a slot; null where no slot was counted twice. */
  readonly within: number | null;
}

/**
 * Returns the profile of these days; null where none was counted. It is a tree of medians: all slots, slot of the day, slot of a working or
 * weekend day, slot of the week. A median of n days is drawn to the level above it by k / (n + k), where k is the variance of days
 * in a slot over the variance of the level's medians around the level above (empirical Bayes, Efron and Morris 1975). Where weekdays do not
 * differ k is large, and a slot of the week is that of the day; where they differ a few weeks suffice.
 *
 * Working days and weekends are never guessed from one another: without a Saturday or Sunday both are unknown.
 *
 * Worked: Mondays at 9:00 had 10 and 14/s, all working days 8/s, k is 2: (2 x 12 + 2 x 8) / 4 = 10/s.
 */
export function profileOf(days: readonly LocalDay[]): SeasonProfile | null {
  const all = days.flatMap(({ rates }) => rates.filter((rate) => rate !== null));
  if (all.length === 0) return null;
  const meanPerSecond = all.reduce((sum, rate) => sum + rate, 0) / all.length;
  const byDay = estimate([{ days, parent: Array<number>(slotsOfDay).fill(meanPerSecond) }], null);
  const kinds = [days.filter((day) => !isWeekend(day.weekday)), days.filter((day) => isWeekend(day.weekday))];
  const byKind = estimate(
    kinds.map((of) => ({ days: of, parent: (of.some(isCounted) ? byDay.rates[0] : null) ?? nothing })),
    byDay.within,
  );
  const weekdays = Array.from({ length: 7 }, (_, weekday) => ({
    days: days.filter((day) => day.weekday === weekday),
    parent: byKind.rates[isWeekend(weekday) ? 1 : 0] ?? nothing,
  }));
  return { rates: estimate(weekdays, byKind.within).rates, meanPerSecond };
}

const isWeekend = (weekday: number): boolean => weekday >= 5;
const isCounted = ({ rates }: LocalDay): boolean => rates.some((rate) => rate !== null);
const nothing: Rates = Array<null>(slotsOfDay).fill(null);

interface Cell {
  readonly parent: number | null;
  readonly median: number | null;
  readonly counted: number;
}

/** Estimates of each group, drawn to their parents by the same k. @param withinAbove where no slot of this level was counted twice */
function estimate(groups: readonly Group[], withinAbove: number | null): Level {
  const sums = { squares: 0, freedom: 0, between: 0, cells: 0, inverse: 0 };
  const cells = groups.map(({ days, parent }) =>
    parent.map((above, slot): Cell => {
      const counted: number[] = [];
      for (const { rates } of days) {
        const rate = rates[slot];
        if (rate !== null && rate !== undefined) counted.push(rate);
      }
      const median = medianOf(counted);
      addTo(sums, counted, median, above);
      return { parent: above, median, counted: counted.length };
    }),
  );
  const within = sums.freedom === 0 ? withinAbove : sums.squares / sums.freedom;
  const k = drawnBy(sums, within ?? 0);
  const rates = cells.map((group) =>
    group.map(({ parent, median, counted }) => {
      if (median === null || parent === null) return median ?? parent;
      return k === Infinity ? parent : (counted * median + k * parent) / (counted + k);
    }),
  );
  return { rates, within };
}

interface Sums {
  squares: number;
  freedom: number;
  between: number;
  cells: number;
  inverse: number;
}

function addTo(sums: Sums, counted: readonly number[], median: number | null, parent: number | null): void {
  if (median === null) return;
  const n = counted.length;
  const mean = counted.reduce((sum, rate) => sum + rate, 0) / n;
  sums.squares += counted.reduce((sum, rate) => sum + (rate - mean) ** 2, 0);
  sums.freedom += n - 1;
  if (parent === null) return;
  sums.between += (median - parent) ** 2;
  sums.cells += 1;
  sums.inverse += 1 / n;
}

/** The k of a level: what varies within a slot, over what the medians vary beyond that. */
function drawnBy({ between, cells, inverse }: Sums, within: number): number {
  if (cells === 0 || within === 0) return 0;
  const truly = between / cells - (within * inverse) / cells;
  return truly <= 0 ? Infinity : within / truly;
}

function medianOf(values: number[]): number | null {
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  const upper = values[middle] ?? 0;
  return values.length % 2 === 1 ? upper : ((values[middle - 1] ?? 0) + upper) / 2;
}
