import { PlimsollError } from '../../units/errors.ts';
import type { BettingTerm, Evidence } from '../alarms/alarm-budget.ts';
import type { WeightShare } from '../alarms/alarm-weights.ts';
import { scoreCategory } from './category-counts.ts';
import { readCells, type Cells } from './cells.ts';
import {
  addShare,
  beginLearner,
  beginScores,
  draftLearner,
  emptyShare,
  learnFeature,
  scoreFeature,
  scoreShare,
  type ControlFeature,
  type FeatureLearner,
  type FeatureScores,
  type FeatureValue,
  type LearnerDraft,
  type RunningShare,
} from './control-learners.ts';
import type { Draft } from './draft.ts';
import { addNumber, emptyScale, scoreNumber, warmUpRows, type RunningScale } from './running-scale.ts';
import { bothStakes, multiplyStakes, noBets, upStakes } from './stakes.ts';

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
  const draft = draftControl(state);
  addControlRow(draft, row, readCells(state.plan.features, row));
  return draft;
}

type Draw = Omit<ControlRow, 'values'>;

/** What a row changes of the state, to be changed in place. */
export interface ControlDraft extends ControlState {
  rows: number;
  readonly refused: Record<RefusedRow, number>;
  readonly learners: readonly LearnerDraft[];
  readonly aggregates: readonly Draft<RunningScale>[];
  readonly answers: Draft<RunningShare>;
  bets: readonly ArmDraft[];
}

interface ArmDraft {
  readonly arm: string;
  readonly products: number[];
}

export const draftControl = (state: ControlState): ControlDraft => ({
  ...state,
  refused: { ...state.refused },
  learners: state.learners.map(draftLearner),
  aggregates: state.aggregates.map((scale) => ({ ...scale })),
  answers: { ...state.answers },
  bets: state.bets.map(({ arm, products }) => ({ arm, products: [...products] })),
});

/** `observeControlRow` in place. `cells` are the values of the row in the order of the plan. */
export function addControlRow(to: ControlDraft, row: Draw, cells: Cells): void {
  const reason = refuseRow(row);
  if (reason !== null) {
    to.refused[reason] += 1;
    return;
  }
  const sides = placeBets(to, row);
  const surprises = new Float64Array(to.learners.length);
  const scores = beginScores();
  let [index, at] = [0, 0];
  for (const learner of to.learners) {
    const cell = row.outcome === 'missing' ? null : cells[index];
    if (cell !== undefined) {
      scoreFeature(scores, learner, cell);
      surprises[index] = scores.surprise;
      betFeature(sides, at, learner, cell, scores);
      learnFeature(learner, cell, row.drawn);
    }
    index += 1;
    at += learner.kind === 'numeric' ? numericStakes : categoryStakes;
  }
  for (const [index, scale] of to.aggregates.entries()) {
    const surprise = meanSurprise(to.members[index] ?? [], surprises);
    at = betOnEach(sides, at, bothStakes, scoreNumber(scale, surprise).level);
    addNumber(scale, surprise);
  }
  const isWrong = row.outcome !== 'answered';
  betOnEach(sides, at, upStakes, scoreShare(to.answers, isWrong));
  addShare(to.answers, isWrong);
  to.rows += 1;
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

function refuseRow({ eligible, drawn }: Draw): RefusedRow | null {
  if (!eligible.some(({ arm }) => arm === drawn)) return 'not-eligible';
  const total = eligible.reduce((sum, { propensityShare }) => sum + propensityShare, 0);
  const isShare = eligible.every(({ propensityShare }) => propensityShare > 0);
  const isDistinct = new Set(eligible.map(({ arm }) => arm)).size === eligible.length;
  if (!isShare || !isDistinct || !(Math.abs(total - 1) < 1e-9)) return 'not-a-distribution';
  return eligible.length === 1 ? 'one-arm' : null;
}

function meanSurprise(positions: readonly number[], surprises: Float64Array): number {
  let total = 0;
  for (const position of positions) total += surprises[position] ?? 0;
  return total / Math.max(1, positions.length);
}

/** An arm that was eligible, and what its bets pay for a score of 1. */
interface ArmSide extends ArmDraft {
  readonly side: number;
}

/** The bets of the eligible arms stand last, in the order of the row. */
function placeBets(to: ControlDraft, { eligible, drawn }: Draw): readonly ArmSide[] {
  const { bets } = to;
  const sides = eligible.map(({ arm, propensityShare: p }): ArmSide => {
    const standing = bets.find((each) => each.arm === arm) ?? { arm, products: noBets(stakesOfAll(to.plan)) };
    return { ...standing, side: (arm === drawn ? 1 - p : -p) / Math.max(p, 1 - p) };
  });
  const others = bets.filter(({ arm }) => !eligible.some((each) => each.arm === arm));
  to.bets = [...others, ...sides.map(({ arm, products }) => ({ arm, products }))];
  return sides;
}

function betFeature(
  sides: readonly ArmSide[],
  from: number,
  { kind, categories }: FeatureLearner,
  cell: FeatureValue,
  { level, spread, missing }: FeatureScores,
): void {
  for (const { arm, side, products } of sides) {
    let at = from;
    if (kind === 'numeric') {
      at = multiplyStakes(products, at, bothStakes, side * level);
      at = multiplyStakes(products, at, bothStakes, side * spread);
    } else {
      const score = typeof cell === 'string' ? scoreCategory(categories, cell, arm) : 0;
      at = multiplyStakes(products, at, upStakes, side * score);
    }
    multiplyStakes(products, at, upStakes, side * missing);
  }
}

function betOnEach(sides: readonly ArmSide[], at: number, stakes: readonly number[], score: number): number {
  for (const { side, products } of sides) multiplyStakes(products, at, stakes, side * score);
  return at + stakes.length;
}

const stakesOfAll = ({ features, aggregates }: ControlPlan): number =>
  features.reduce((sum, { kind }) => sum + (kind === 'category' ? categoryStakes : numericStakes), 0) +
  aggregates.length * bothStakes.length +
  upStakes.length;
