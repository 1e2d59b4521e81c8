import { dayMs } from '../../src/core/scaling/seasons/arrival-day.ts';
import { findSeason } from '../../src/core/scaling/seasons/find-season.ts';
import { calendarTraces, makeTrace } from './traces.ts';

/** How often a season is used after so many recorded weeks. */
export interface Trials {
  readonly trace: string;
  readonly horizonSeconds: number;
  /** Of `tried`, by weeks recorded: 1 to 6. */
  readonly used: readonly number[];
  readonly tried: number;
}

const seeds = Array.from({ length: 30 }, (_, at) => at + 1);
const weeks = [1, 2, 3, 4, 5, 6];

/** Returns how often the season of each trace is used, over draws of the trace. No policy is simulated. @param beginsAtMs a Monday */
export function tryTraces(beginsAtMs: number): readonly Trials[] {
  return calendarTraces.flatMap((trace) =>
    [42, 122, 302].map((horizonSeconds) => {
      const terms = { zone: 'UTC', horizonMs: 1_000 * horizonSeconds, attainmentShare: 0.99 };
      const used = weeks.map((week) => {
        const found = seeds.filter((seed) => {
          const days = { recorded: 7 * week, simulated: 0 };
          const { recorded } = makeTrace(trace, days, { beginsAtMs, seed, workMs: 1_000 });
          return findSeason(recorded, (recorded.at(-1)?.fromMs ?? 0) + dayMs, terms).trial.used;
        });
        return found.length;
      });
      return { trace: trace.name, horizonSeconds, used, tried: seeds.length };
    }),
  );
}
