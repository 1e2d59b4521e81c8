import type { BettingTerm } from '../../alarms/alarm-budget.ts';
import type { WeightShare } from '../../alarms/alarm-weights.ts';
import { chooseSeriesBet } from '../../detectors/choose-series-bet.ts';
import type { ControlFeature } from '../../detectors/control-learners.ts';
import { seriesStakes, stepSeriesBet, type SeriesBet } from '../../detectors/series-bets.ts';
import { countIn, otherCategories, type DriftWindow, type FeatureTally } from './windows.ts';

/** What is followed of a feature, one number for each window. */
export type SeriesPart =
  | { readonly of: 'mean' }
  | { readonly of: 'spread' }
  | { readonly of: 'missing' }
  /** The share of rows with a category. */
  | { readonly of: 'category'; readonly category: string }
  /** The share of rows with a category that the history hardly had. */
  | { readonly of: 'new'; readonly known: readonly string[] };

/** A feature as series follow it. Of a slice `of` is the feature of all rows, and `slot` is the slice's. */
export interface FollowedFeature extends ControlFeature {
  readonly of?: Pick<ControlFeature, 'name' | 'group'>;
  readonly slot?: number;
}

export interface WatchedSeries {
  readonly id: string;
  readonly feature: string;
  /** The feature of all rows; absent where the series is of all rows. */
  readonly of?: Pick<ControlFeature, 'name' | 'group'>;
  readonly group: string;
  readonly part: SeriesPart;
  readonly verdict: 'forecast' | 'blocks' | 'unknown';
  readonly reason: string;
  /** Null while no bet may count. */
  readonly bet: SeriesBet | null;
  /** Mean of the history, to say in which direction the series went; null while it is unknown. */
  readonly usual: number | null;
  /** The window after which the bet was chosen. */
  readonly chosenAt?: number;
}

/** A category gets a series of its own where the history has at least this share of it, and there are at most so many. */
const leastShare = 0.01;
const mostOwnSeries = 12;
/** Of a slice, which has fewer rows, and many slices of which are kept. */
const mostOwnOfSlice = 4;

/** The series of a feature whose history is these windows, each with the bet that may count. */
export function chooseSeries(feature: FollowedFeature, history: readonly DriftWindow[]): readonly WatchedSeries[] {
  const { name, of, slot } = feature;
  return partsOf(feature, history).map((part) => {
    const values = history
      .map((window) => valueOf(part, tallyIn(window, of?.name ?? name)))
      .filter((value) => value !== null);
    const choice = chooseSeriesBet(values);
    const place = slot === undefined ? 'series' : `slice/${slot}`;
    return {
      id: `${place}/${JSON.stringify([name, part.of, part.of === 'category' ? part.category : ''])}`,
      feature: name,
      ...(of === undefined ? {} : { of }),
      group: feature.group,
      part,
      verdict: choice.verdict,
      reason: choice.reason,
      bet: choice.verdict === 'unknown' ? null : choice.bet,
      chosenAt: history.at(-1)?.number ?? 0,
      usual: choice.verdict === 'unknown' ? null : values.reduce((sum, value) => sum + value, 0) / values.length,
    };
  });
}

const tallyIn = ({ tallies }: DriftWindow, name: string): FeatureTally | undefined =>
  Object.hasOwn(tallies, name) ? tallies[name] : undefined;

/** What a series says of a window. */
export const valueIn = (window: DriftWindow, { part, feature, of }: WatchedSeries): number | null =>
  valueOf(part, tallyIn(window, of?.name ?? feature));

/** `mean`, `share of \`a\``, `share of new values` */
export const namePart = (part: SeriesPart): string =>
  part.of === 'category' ? `share of \`${part.category}\`` : part.of === 'new' ? 'share of new values' : part.of;

/** What a series says of a window; null where the window has no value of the feature. */
export function valueOf(part: SeriesPart, tally: FeatureTally | undefined): number | null {
  if (tally === undefined) return null;
  if (part.of === 'missing') return tally.missing / (tally.n + tally.missing);
  if (tally.n === 0) return null;
  if (part.of === 'mean') return tally.mean;
  if (part.of === 'spread') return Math.sqrt(tally.variance);
  if (part.of === 'category') return countIn(tally.counts, part.category) / tally.n;
  const known = part.known.reduce((sum, category) => sum + countIn(tally.counts, category), 0);
  return (tally.n - known) / tally.n;
}

/** Steps every bet by one window. A series without a bet stays as it is. */
export function stepSeries(
  series: readonly WatchedSeries[],
  window: DriftWindow,
): { readonly series: readonly WatchedSeries[]; readonly multipliers: Readonly<Record<string, readonly number[]>> } {
  const multipliers: Record<string, readonly number[]> = {};
  const next = series.map((one) => {
    if (one.bet === null) return one;
    const step = stepSeriesBet(one.bet, valueIn(window, one));
    multipliers[one.id] = step.multipliers;
    return { ...one, bet: step.bet };
  });
  return { series: next, multipliers };
}

/** The betting terms of series: each feature's weight is parted among its series, those without a bet too. */
export function seriesTerms(series: readonly WatchedSeries[], weights: readonly WeightShare[]): readonly BettingTerm[] {
  const counts = new Map<string, number>();
  for (const { feature } of series) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  const weightOf = new Map(weights.map(({ name, weight }) => [name, weight]));
  return series
    .filter(({ bet }) => bet !== null)
    .map(({ id, feature, group, of }) => ({
      id,
      name: feature,
      group,
      ...(of === undefined ? {} : { of }),
      arm: null,
      weight: (weightOf.get(feature) ?? 0) / (counts.get(feature) ?? 1),
      stakes: seriesStakes,
    }));
}

function partsOf({ name, of, kind, slot }: FollowedFeature, history: readonly DriftWindow[]): readonly SeriesPart[] {
  if (kind === 'numeric') return [{ of: 'mean' }, { of: 'spread' }, { of: 'missing' }];
  const totals = new Map<string, number>();
  let rows = 0;
  for (const window of history) {
    const tally = tallyIn(window, of?.name ?? name);
    rows += tally?.n ?? 0;
    for (const [category, count] of Object.entries(tally?.counts ?? {})) {
      totals.set(category, (totals.get(category) ?? 0) + count);
    }
  }
  const own = [...totals]
    .filter(([category, count]) => category !== otherCategories && count >= leastShare * rows)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, slot === undefined ? mostOwnSeries : mostOwnOfSlice)
    .map(([category]) => category);
  return [
    ...own.map((category) => ({ of: 'category' as const, category })),
    { of: 'new', known: own },
    { of: 'missing' },
  ];
}
