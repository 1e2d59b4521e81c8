import {
  acknowledgeAlarm,
  emptyBudget,
  stepBudget,
  type BettingTerm,
} from '../../src/core/monitoring/alarms/alarm-budget.ts';
import { splitWeights } from '../../src/core/monitoring/alarms/alarm-weights.ts';
import { chooseSeriesBet, type SeriesChoice } from '../../src/core/monitoring/detectors/choose-series-bet.ts';
import { seriesStakes, stepSeriesBet, type SeriesBet } from '../../src/core/monitoring/detectors/series-bets.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import type { Null } from './nulls.ts';

export interface SeriesWorld {
  readonly stream: Null;
  readonly series: number;
  readonly historyWindows: number;
  readonly windows: number;
  /** Windows for which the budget gives out the capital of one alarm. */
  readonly windowsPerAlarm: number;
}

export interface SeriesOutcome {
  readonly promised: number;
  readonly alarms: number;
  /** How many series bet by which method. */
  readonly verdicts: Readonly<Record<SeriesChoice['verdict'], number>>;
}

/** One run: each series gets its bet from its own history, then all bet under one budget. One window is one millisecond. */
export function runSeries(world: SeriesWorld, seed: number): SeriesOutcome {
  const random = seededRandom(seed);
  const verdicts = { forecast: 0, blocks: 0, unknown: 0 };
  const names = Array.from({ length: world.series }, (_, index) => `series ${index}`);
  const weights = splitWeights(
    [],
    names.map((name, index) => ({ name, group: `group ${index % 4}` })),
  );
  const followed: { stream: () => number; bet: SeriesBet; term: BettingTerm }[] = [];
  for (const { name, group, weight } of weights) {
    const stream = world.stream.begin(random);
    const choice = chooseSeriesBet(Array.from({ length: world.historyWindows }, stream));
    verdicts[choice.verdict] += 1;
    if (choice.verdict === 'unknown') continue;
    followed.push({
      stream,
      bet: choice.bet,
      term: { id: name, name, group, arm: null, weight, stakes: seriesStakes },
    });
  }
  const terms = followed.map(({ term }) => term);
  const rate = { count: 1, perMs: world.windowsPerAlarm };
  let budget = emptyBudget;
  for (let window = 0; window < world.windows; window += 1) {
    const evidence = Object.fromEntries(
      followed.map((each) => {
        const step = stepSeriesBet(each.bet, each.stream());
        each.bet = step.bet;
        return [each.term.id, step.multipliers];
      }),
    );
    budget = acknowledgeAlarm(stepBudget(budget, { elapsedMs: 1, rate, terms, evidence }).budget, 'all');
  }
  return { promised: budget.injected, alarms: budget.alarms, verdicts };
}
