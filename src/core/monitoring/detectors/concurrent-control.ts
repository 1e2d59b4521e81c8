import { PlimsollError } from '../../units/errors.ts';
import type { BettingTerm, Evidence } from '../alarms/alarm-budget.ts';
import type { WeightShare } from '../alarms/alarm-weights.ts';
import {
  beginLearner,
  emptyShare,
  formOf,
  learnFeature,
  learnShare,
  noScores,
  scoreFeature,
  scoreShare,
  type ControlFeature,
  type FeatureLearner,
  type FeatureScores,
  type FeatureValue,
  type RunningShare,
} from './control-learners.ts';
import { isUnknown } from '../features/custom-features.ts';
import { emptyScale, learnNumber, scoreNumber, warmUpRows, type RunningScale } from './running-scale.ts';
import { bothStakes, multiplyStakes, upStakes } from './stakes.ts';

/** One request of the random share. */
export interface ControlRow {
  /** Who could have been drawn, with the probability that the draw gave to each; recorded before the draw. */
  readonly eligible: readonly { readonly arm: string; readonly propensityShare: number }[];
  /** The replica or release that was drawn. The row counts for the drawn arm, whoever answered in the end. */
  readonly drawn: string;
  /** What became of the request at the drawn arm. */
  readonly outcome: 'answered' | 'retried' | 'missing';
  /** Features of the answer, by name. Of a missing answer all values are null. */
  readonly values: Readonly<Record<string, FeatureValue>>;
}

/** What is compared. The plan is fixed: another plan begins another detector. */
export interface ControlPlan {
  readonly features: readonly ControlFeature[];
  /** Features that are also judged together. The aggregate `answers` (retried or missing) is always there. */
  readonly aggregates: readonly { readonly name: string; readonly features: readonly string[] }[];
}

/** All that the detector remembers; plain JSON of a size that does not grow with the rows. */
export interface ControlState {
  readonly plan: ControlPlan;
  readonly rows: number;
  /** Rows that say nothing about a fair draw, by reason. */
  readonly refused: Readonly<Record<RefusedRow, number>>;
  readonly learners: readonly FeatureLearner[];
  /** Positions of the features of each aggregate. */
  readonly members: readonly (readonly number[])[];
  readonly aggregates: readonly RunningScale[];
  readonly answers: RunningShare;
  /** The bets since the last tick, for each arm that was eligible. */
  readonly bets: readonly ArmBets[];
}

interface ArmBets {
  readonly arm: string;
  /** Products of the stakes: of the features, of the aggregates, of the answers. */
  readonly products: readonly number[];
}

export type RefusedRow = 'one-arm' | 'not-eligible' | 'not-a-distribution';

export const answersAggregate = 'answers';

/** @throws PlimsollError where a name is there twice, or an aggregate has a feature that is not watched. */
export function beginControl(plan: ControlPlan): ControlState {
  checkNames(plan);
  return {
    plan,
    rows: 0,
    refused: { 'one-arm': 0, 'not-eligible': 0, 'not-a-distribution': 0 },
    learners: plan.features.map(({ kind }) => beginLearner(kind)),
    members: plan.aggregates.map(({ features }) => features.map((name) => positionOf(plan, name))),
    aggregates: plan.aggregates.map(() => emptyScale),
    answers: emptyShare,
    bets: [],
  };
}

/**
 * Takes one row of randomised concurrent control: bets on each eligible arm that the arm differs from the others.
 *
 * Null: given the past and the request, the answer has the same distribution whichever arm is drawn. Then the answer says
 * nothing about the draw: given the past and the answer, arm r was drawn with its recorded probability p. For a score v in
 * [-1, 1] of the answer, fixed by the past, the payoff
 *
 *     z = (drawn is r ? 1 - p : -p) / max(p, 1 - p) x v
 *
 * has the mean (p (1 - p) - (1 - p) p) v / max(p, 1 - p) = 0, whatever the answer is. The draw is the only source of
 * chance: requests may depend on one another, come from one client, or be chosen to move the detector.
 *
 * | feature | scores | stakes |
 * |---|---|---|
 * | numeric | level and spread against a forecast, missing | both sides, both sides, up |
 * | category | how much oftener the arm gave the category before, missing | up, up |
 * | aggregate | mean surprise of its features | both sides |
 * | `answers` | retried or missing | up |
 *
 * Source: betting two-sample tests of Shekhar, Ramdas (arXiv 2112.09162), on the draw in place of the sample.
 * What moves all arms alike is not seen: drift of the data is the work of other detectors.
 */
export function observeControlRow(state: ControlState, row: ControlRow): ControlState {
  const reason = refuseRow(row);
  if (reason !== null) return { ...state, refused: { ...state.refused, [reason]: state.refused[reason] + 1 } };
  const { plan } = state;
  const values = plan.features.map(({ name, kind }) =>
    row.outcome === 'missing' ? null : formOf(kind, Object.hasOwn(row.values, name) ? row.values[name] : null),
  );
  const unknown = plan.features.map((feature) => row.outcome !== 'missing' && isUnknown(feature, row.values));
  const scores = state.learners.map((learner, index) =>
    unknown[index] === true ? noScores : scoreFeature(learner, values[index] ?? null),
  );
  const surprises = state.members.map((positions) => meanSurprise(positions, scores));
  const isWrong = row.outcome !== 'answered';
  return {
    ...state,
    rows: state.rows + 1,
    learners: state.learners.map((learner, index) =>
      unknown[index] === true ? learner : learnFeature(learner, values[index] ?? null, row.drawn),
    ),
    aggregates: state.aggregates.map((scale, index) => learnNumber(scale, surprises[index] ?? 0)),
    answers: learnShare(state.answers, isWrong),
    bets: betRow(state, row, scores, surprises, scoreShare(state.answers, isWrong)),
  };
}

/** The evidence since the last tick, and the state that the next tick begins with. */
export function takeEvidence(state: ControlState): { evidence: Evidence; state: ControlState } {
  const { plan, bets } = state;
  const terms = [
    ...plan.features.map(({ name, group }) => ({ name, group })),
    ...plan.aggregates.map(({ name }) => ({ name, group: null })),
    { name: answersAggregate, group: null },
  ].map((term) => ({ ...term, stakes: stakesOf(plan, term.name, term.group) }));
  const evidence: Record<string, readonly number[]> = {};
  for (const { arm, products } of bets) {
    let at = 0;
    for (const { name, group, stakes } of terms) {
      evidence[termId(group, name, arm)] = products.slice(at, at + stakes);
      at += stakes;
    }
  }
  return { evidence, state: { ...state, bets: [] } };
}

/** Rows that are missing until the detector bets: below, its status is unknown. */
export const rowsUntilBets = ({ rows }: Pick<ControlState, 'rows'>): number => Math.max(0, warmUpRows - rows);

/**
 * The betting terms of arms, for the budget. Each arm gets a part of the weight of each feature and aggregate.
 *
 * @param slots the parts of each weight (`armSlots`): at least the number of arms.
 */
export function controlTerms(
  plan: ControlPlan,
  weights: readonly WeightShare[],
  arms: readonly string[],
  slots: number,
): readonly BettingTerm[] {
  return weights.flatMap(({ name, group, weight }) => {
    const stakes = stakesOf(plan, name, group);
    return arms.map((arm) => ({ id: termId(group, name, arm), name, group, arm, weight: weight / slots, stakes }));
  });
}

const numericStakes = 2 * bothStakes.length + upStakes.length;
const categoryStakes = 2 * upStakes.length;

/** Bets that a numeric feature holds for one arm. */
export const stakesOfNumber = numericStakes;

function stakesOf({ features }: ControlPlan, name: string, group: string | null): number {
  if (group === null) return name === answersAggregate ? upStakes.length : bothStakes.length;
  return features.find((feature) => feature.name === name)?.kind === 'category' ? categoryStakes : numericStakes;
}

function termId(group: string | null, name: string, arm: string): string {
  return `control/${group === null ? 'aggregate' : 'feature'}/${escapeSlash(name)}/${escapeSlash(arm)}`;
}

/** As in a JSON pointer, so that no two pairs of names make the same id. */
const escapeSlash = (name: string): string =>
  name.includes('/') || name.includes('~') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;

function positionOf({ features }: ControlPlan, wanted: string): number {
  const position = features.findIndex(({ name }) => name === wanted);
  if (position >= 0) return position;
  throw new PlimsollError({
    code: 'unknown-feature',
    category: 'input',
    message: `an aggregate has the feature ${wanted}, which is not watched`,
    next: 'watch the feature, or take it out of the aggregate',
    details: { feature: wanted },
  });
}

function checkNames({ features, aggregates }: ControlPlan): void {
  const names = features.map(({ name }) => name);
  const together = [answersAggregate, ...aggregates.map(({ name }) => name)];
  const twice = [names, together].flatMap((each) => each.filter((name, index) => each.indexOf(name) !== index));
  if (twice.length === 0) return;
  throw new PlimsollError({
    code: 'name-twice',
    category: 'input',
    message: `two watched features or aggregates are named ${twice.join(', ')}`,
    next: 'give each of them a name of its own',
    details: { twice },
  });
}

function refuseRow({ eligible, drawn }: ControlRow): RefusedRow | null {
  if (!eligible.some(({ arm }) => arm === drawn)) return 'not-eligible';
  const total = eligible.reduce((sum, { propensityShare }) => sum + propensityShare, 0);
  const isShare = eligible.every(({ propensityShare }) => propensityShare > 0);
  const isDistinct = new Set(eligible.map(({ arm }) => arm)).size === eligible.length;
  if (!isShare || !isDistinct || !(Math.abs(total - 1) < 1e-9)) return 'not-a-distribution';
  return eligible.length === 1 ? 'one-arm' : null;
}

function meanSurprise(positions: readonly number[], scores: readonly FeatureScores[]): number {
  const total = positions.reduce((sum, position) => sum + (scores[position]?.surprise ?? 0), 0);
  return total / Math.max(1, positions.length);
}

function betRow(
  { plan, bets, aggregates }: ControlState,
  { eligible, drawn }: ControlRow,
  scores: readonly FeatureScores[],
  surprises: readonly number[],
  answerScore: number,
): readonly ArmBets[] {
  const together = aggregates.map((scale, index) => scoreNumber(scale, surprises[index] ?? 0).level);
  const next = eligible.map(({ arm, propensityShare: p }): ArmBets => {
    const side = (arm === drawn ? 1 - p : -p) / Math.max(p, 1 - p);
    const products = bets.find((each) => each.arm === arm)?.products.slice() ?? [];
    let at = 0;
    for (const [index, { kind }] of plan.features.entries()) {
      const score = scores[index] ?? noScores;
      if (kind === 'numeric') {
        at = multiplyStakes(products, at, bothStakes, side * score.level);
        at = multiplyStakes(products, at, bothStakes, side * score.spread);
      } else {
        at = multiplyStakes(products, at, upStakes, side * score.category(arm));
      }
      at = multiplyStakes(products, at, upStakes, side * score.missing);
    }
    for (const level of together) at = multiplyStakes(products, at, bothStakes, side * level);
    multiplyStakes(products, at, upStakes, side * answerScore);
    return { arm, products };
  });
  return [...bets.filter(({ arm }) => !eligible.some((each) => each.arm === arm)), ...next];
}
