import type { BettingTerm, Evidence } from '../alarms/alarm-budget.ts';
import { readValue, type RowValues } from '../features/row-values.ts';
import { emptyCounts, learnCategory, scoreCategory, type CategoryCounts } from './category-counts.ts';
import { formOf, type ControlFeature, type FeatureValue } from './control-learners.ts';
import { emptyScale, learnNumber, scoreNumber, type RunningScale } from './running-scale.ts';
import { cut, multiplyStakes, noBets, upStakes } from './stakes.ts';

/** A captured request with an answer. */
export interface RoutedRow {
  readonly atMs: number;
  /** Who answered. */
  readonly arm: string;
  /** Of the random share; else the gateway placed it as it places any request. */
  readonly isRandom: boolean;
}

/** All that is remembered of who gets which requests; plain JSON of bounded size. */
export interface RoutedState {
  /** What is compared, inputs first: 32 at most. */
  readonly features: readonly ControlFeature[];
  readonly scales: readonly RunningScale[];
  readonly arms: readonly RoutedArm[];
  /** Pairs that were bet on. */
  readonly pairs: number;
  /** Product of each stake since the last tick; null where nothing was bet. */
  readonly products: readonly number[] | null;
  /** Evidence since it was last none, in logarithms of one stake, and since when. */
  readonly gain: number;
  readonly sinceMs: number | null;
}

interface RoutedArm {
  readonly arm: string;
  /** The first row of a pair. */
  readonly waiting: { readonly isRandom: boolean; readonly values: readonly FeatureValue[] } | null;
  readonly pairs: number;
  /** By feature: mean score of ordinary rows less that of random ones. */
  readonly lean: readonly number[];
  /** Of each feature that is a category. */
  readonly counts: Readonly<Record<string, CategoryCounts>>;
  /** Mean absolute sum of a pair. */
  readonly usual: number;
  readonly gain: number;
}

export const routingAggregate = 'routing';

const featuresAtMost = 32;
const armsAtMost = 16;
/** Pairs of a replica before the first bet. */
const warmUpPairs = 10;
/** The memory: a pair loses half of its influence after about 44 further pairs of the replica. */
const slowestRate = 1 / 64;
/** Categories are counted over about as many pairs. */
const countedRows = 128;
/** Pairs that show a shift of half a standard deviation of one feature. */
export const pairsThatTell = 400;
/** The stake by which is told since when, and where. */
const tellingStake = 0.45;

export const beginRouted = (features: readonly ControlFeature[], inputGroups: readonly string[]): RoutedState => {
  const isInput = ({ group }: ControlFeature): boolean => inputGroups.includes(group);
  const compared = [...features.filter(isInput), ...features.filter((each) => !isInput(each))].slice(0, featuresAtMost);
  return {
    ...{ features: compared, scales: compared.map(() => emptyScale), arms: [] },
    ...{ pairs: 0, products: null, gain: 0, sinceMs: null },
  };
};

/**
 * Takes one row: bets that a replica gets other requests in ordinary traffic than in the random share. Both are rows of one
 * replica, so that its answers tell of requests as their inputs do, whatever is wrong with it.
 *
 * Whether a request is of the random share is a coin of the gateway, tossed before anybody looked at the request. Null: where
 * the gateway places an ordinary request does not depend on what it asks. Then a row of a replica is random with a probability q
 * that is the same whatever was asked and answered. Of two neighbouring rows of a replica of which one is random, each is that one
 * with probability 1/2, whatever q is (von Neumann 1951). So for a score v that was fixed by earlier pairs, the payoff
 *
 *     z = v(ordinary row) - v(random row), cut to [-1, 1]
 *
 * changes its sign with the coin and has the mean 0. Requests may depend on one another, or come from one client; nobody who
 * sends them knows the coin. A client that foresees its replica, and asks by it, is outside of the null: it is found. Pairs of all replicas are one process: what one replica gets
 * too often, others get too seldom. The assumption is that q stays for two neighbouring rows.
 *
 * v is the sum of the scores of the features, each weighted by how far ordinary rows of the replica lay from random ones.
 */
export function observeRoutedRow(
  state: RoutedState,
  { atMs, arm, isRandom }: RoutedRow,
  values: RowValues,
): RoutedState {
  const known = state.arms.find((each) => each.arm === arm) ?? beginArm(state, arm);
  const row = { isRandom, values: state.features.map(({ name, kind }) => formOf(kind, readValue(values, name))) };
  const first = known.waiting;
  if (first === null) return withArm(state, { ...known, waiting: row });
  const scales = state.scales.map((scale, at) => learnBoth(scale, first.values[at], row.values[at]));
  if (first.isRandom === isRandom) return withArm({ ...state, scales }, { ...known, waiting: null });
  const [ordinary, random] = isRandom ? [first, row] : [row, first];
  const off = scorePair(state, known, ordinary.values, random.values);
  const sum = off.reduce((total, each, at) => total + each * weightOf(known.lean[at]), 0);
  const isBet = known.pairs >= warmUpPairs && known.usual > 0;
  const learned = learnArm(known, off, Math.abs(sum), [ordinary.values, random.values], state.features);
  const z = isBet ? cut(sum / (2 * known.usual)) : 0;
  const next = withArm({ ...state, scales }, { ...learned, gain: stepGain(known.gain, z) });
  return isBet ? betPair(next, z, atMs) : next;
}

function betPair(state: RoutedState, z: number, atMs: number): RoutedState {
  const products = state.products?.slice() ?? noBets(upStakes.length);
  multiplyStakes(products, 0, upStakes, z);
  const gain = stepGain(state.gain, z);
  const sinceMs = gain === 0 || state.sinceMs === null ? atMs : state.sinceMs;
  return { ...state, pairs: state.pairs + 1, products, gain, sinceMs };
}

const stepGain = (gain: number, z: number): number => Math.max(0, gain + Math.log1p(tellingStake * z));

/** Large differences count for more than small ones, which are mostly chance. */
const weightOf = (lean = 0): number => lean * Math.abs(lean);

/** By what was learned before the pair, so that both rows are scored alike. */
function scorePair(
  { features, scales }: RoutedState,
  { counts }: RoutedArm,
  ordinary: readonly FeatureValue[],
  random: readonly FeatureValue[],
): readonly number[] {
  return features.map(({ name }, at) => {
    const score = (value: FeatureValue = null): number => {
      if (typeof value === 'number') return scoreNumber(scales[at] ?? emptyScale, value).level;
      return value === null ? 0 : scoreCategory(countsOf(counts, name), value, ordinaryRows);
    };
    return score(ordinary[at]) - score(random[at]);
  });
}

const [ordinaryRows, randomRows] = ['ordinary', 'random'];

function learnArm(
  before: RoutedArm,
  off: readonly number[],
  size: number,
  [ordinary, random]: readonly [readonly FeatureValue[], readonly FeatureValue[]],
  features: readonly ControlFeature[],
): RoutedArm {
  const rate = Math.max(slowestRate, 1 / (before.pairs + 1));
  return {
    ...before,
    waiting: null,
    pairs: before.pairs + 1,
    lean: before.lean.map((lean, at) => lean + rate * ((off[at] ?? 0) - lean)),
    usual: before.usual + rate * (size - before.usual),
    counts: Object.fromEntries(
      features.flatMap(({ name, kind }, at) => {
        const counts = countsOf(before.counts, name);
        const learned = learnText(learnText(counts, ordinary[at], ordinaryRows), random[at], randomRows);
        return kind === 'category' ? [[name, learned]] : [];
      }),
    ),
  };
}

/** A feature may have the name of something that every object has. */
const countsOf = (counts: RoutedArm['counts'], name: string): CategoryCounts =>
  (Object.hasOwn(counts, name) ? counts[name] : undefined) ?? emptyCounts;

const learnText = (counts: CategoryCounts, value: FeatureValue | undefined, rows: string): CategoryCounts =>
  typeof value === 'string' ? learnCategory(counts, value, rows, countedRows) : counts;

const learnBoth = (scale: RunningScale, ...values: readonly (FeatureValue | undefined)[]): RunningScale =>
  values.reduce<RunningScale>((next, value) => (typeof value === 'number' ? learnNumber(next, value) : next), scale);

const beginArm = ({ features }: RoutedState, arm: string): RoutedArm => ({
  ...{ arm, waiting: null, pairs: 0, usual: 0, gain: 0, lean: features.map(() => 0), counts: {} },
});

/** The arm that was seen last stands last; beyond 16 the longest unseen goes. */
const withArm = (state: RoutedState, arm: RoutedArm): RoutedState => ({
  ...state,
  arms: [...state.arms.filter((each) => each.arm !== arm.arm), arm].slice(-armsAtMost),
});

/** The evidence since the last tick, and the state that the next tick begins with. */
export function takeRoutedEvidence(state: RoutedState): { readonly evidence: Evidence; readonly state: RoutedState } {
  const { products } = state;
  return { evidence: products === null ? {} : { [termId]: products }, state: { ...state, products: null } };
}

const termId = 'routed/requests';

export const routedTerm = (weight: number): BettingTerm => ({
  ...{ id: termId, name: routingAggregate, group: null, arm: null, weight, stakes: upStakes.length },
});

/** The replica with the most evidence, and the features that differ the most: three at most. Null without evidence. */
export function tellRouted({ arms, features: compared }: RoutedState): {
  readonly arm: string;
  readonly features: readonly string[];
} | null {
  const most = arms.reduce<RoutedArm | null>((best, each) => (each.gain > (best?.gain ?? 0) ? each : best), null);
  if (most === null) return null;
  const largest = Math.max(...most.lean.map(Math.abs));
  const features = compared
    .map(({ name }, at) => ({ name, lean: Math.abs(most.lean[at] ?? 0) }))
    .filter(({ lean }) => lean > 0 && lean >= largest / 2)
    .sort((a, b) => b.lean - a.lean || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
  return { arm: most.arm, features };
}
