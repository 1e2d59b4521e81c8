import {
  addCategory,
  draftCounts,
  emptyCounts,
  rarityOf,
  type CategoryCounts,
  type CountsDraft,
} from './category-counts.ts';
import type { Draft } from './draft.ts';
import { addNumber, emptyScale, scoreNumber, writeScore, type RunningScale } from './running-scale.ts';

/** A number, a category, or null where there is no value of the kind that the feature has. */
export type FeatureValue = number | string | null;

export interface ControlFeature {
  readonly name: string;
  readonly group: string;
  readonly kind: 'numeric' | 'category';
}

/** What was learned of one feature from earlier rows. */
export interface FeatureLearner {
  readonly kind: ControlFeature['kind'];
  readonly scale: RunningScale;
  readonly categories: CategoryCounts;
  readonly missing: RunningShare;
  /** What is a usual surprise of this feature. */
  readonly surprise: RunningScale;
}

/** The share of rows with something, with a slow memory. */
export interface RunningShare {
  readonly rows: number;
  readonly share: number;
}

export const emptyShare: RunningShare = { rows: 0, share: 0 };

/** The scores of one value, each in [-1, 1]. That of a category depends on the arm (`scoreCategory`). */
export interface FeatureScores {
  readonly level: number;
  readonly spread: number;
  readonly missing: number;
  /** How unusual the value is, whatever the direction: what aggregates add up. */
  readonly surprise: number;
}

export function beginLearner(kind: ControlFeature['kind']): FeatureLearner {
  return { kind, scale: emptyScale, categories: emptyCounts, missing: emptyShare, surprise: emptyScale };
}

/** The value in the form that the feature's kind has: what is NaN, infinite or of another type is missing. */
export function formOf(kind: ControlFeature['kind'], value: FeatureValue | undefined): FeatureValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (kind === 'category') return String(value);
  return typeof value === 'number' ? value : null;
}

export const beginScores = (): Draft<FeatureScores> => ({ level: 0, spread: 0, missing: 0, surprise: 0 });

/** Scores a value, in the form of its kind, by what was learned from the rows before. The scores are written into `to`. */
export function scoreFeature(to: Draft<FeatureScores>, learner: FeatureLearner, value: FeatureValue): void {
  to.level = 0;
  to.spread = 0;
  to.missing = scoreShare(learner.missing, value === null);
  to.surprise = to.missing;
  if (typeof value === 'number') {
    writeScore(to, learner.scale, value);
    to.surprise = to.spread;
  } else if (value !== null) {
    to.surprise = scoreNumber(learner.surprise, rarityOf(learner.categories, value)).level;
  }
}

/** What was learned of one feature, to be changed in place. */
export interface LearnerDraft {
  readonly kind: ControlFeature['kind'];
  readonly scale: Draft<RunningScale>;
  readonly categories: CountsDraft;
  readonly missing: Draft<RunningShare>;
  readonly surprise: Draft<RunningScale>;
}

export const draftLearner = ({ kind, scale, categories, missing, surprise }: FeatureLearner): LearnerDraft => ({
  kind,
  scale: { ...scale },
  categories: draftCounts(categories),
  missing: { ...missing },
  surprise: { ...surprise },
});

export function learnFeature(to: LearnerDraft, value: FeatureValue, drawn: string): void {
  addShare(to.missing, value === null);
  if (value === null) return;
  if (typeof value === 'number') {
    addNumber(to.scale, value);
    return;
  }
  addNumber(to.surprise, rarityOf(to.categories, value));
  addCategory(to.categories, value, drawn);
}

/** 1 or 0 against the usual share. */
export function scoreShare({ share }: RunningShare, is: boolean): number {
  return (is ? 1 : 0) - share;
}

export function addShare(to: Draft<RunningShare>, is: boolean): void {
  const { rows, share } = to;
  const rate = Math.max(1 / 1024, 1 / (rows + 2));
  to.rows = rows + 1;
  to.share = share + rate * ((is ? 1 : 0) - share);
}
