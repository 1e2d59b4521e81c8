import { emptyCounts, learnCategory, rarityOf, scoreCategory, type CategoryCounts } from './category-counts.ts';
import { emptyScale, learnNumber, scoreNumber, type RunningScale } from './running-scale.ts';

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

/** The scores of one value, each in [-1, 1]. `category` depends on the arm. */
export interface FeatureScores {
  readonly level: number;
  readonly spread: number;
  readonly missing: number;
  /** How unusual the value is, whatever the direction: what aggregates add up. */
  readonly surprise: number;
  readonly category: (arm: string) => number;
}

export const noScores: FeatureScores = { level: 0, spread: 0, missing: 0, surprise: 0, category: () => 0 };

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

/** Scores a value, in the form of its kind, by what was learned from the rows before. */
export function scoreFeature(learner: FeatureLearner, value: FeatureValue): FeatureScores {
  const missing = scoreShare(learner.missing, value === null);
  if (value === null) return { ...noScores, missing, surprise: missing };
  if (typeof value === 'number') {
    const { level, spread } = scoreNumber(learner.scale, value);
    return { level, spread, missing, surprise: spread, category: noScores.category };
  }
  return {
    ...noScores,
    missing,
    surprise: scoreNumber(learner.surprise, rarityOf(learner.categories, value)).level,
    category: (arm) => scoreCategory(learner.categories, value, arm),
  };
}

export function learnFeature(learner: FeatureLearner, value: FeatureValue, drawn: string): FeatureLearner {
  const missing = learnShare(learner.missing, value === null);
  if (value === null) return { ...learner, missing };
  if (typeof value === 'number') return { ...learner, missing, scale: learnNumber(learner.scale, value) };
  const surprise = learnNumber(learner.surprise, rarityOf(learner.categories, value));
  return { ...learner, missing, surprise, categories: learnCategory(learner.categories, value, drawn) };
}

/** 1 or 0 against the usual share. */
export function scoreShare({ share }: RunningShare, is: boolean): number {
  return (is ? 1 : 0) - share;
}

export function learnShare({ rows, share }: RunningShare, is: boolean): RunningShare {
  const rate = Math.max(1 / 1024, 1 / (rows + 2));
  return { rows: rows + 1, share: share + rate * ((is ? 1 : 0) - share) };
}
