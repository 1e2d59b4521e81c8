import { digestOf, type Digest } from '../../units/digest.ts';
import type { LabelPlan } from '../labels/label-plan.ts';
import type { Draw } from './choose-asked.ts';

/** Requests that somebody was asked to label; recorded before any of their labels is known to matter. Plain JSON. */
export interface Ask extends Draw {
  readonly askId: string;
  readonly askedAtMs: number;
  /** The last prediction that was chosen from: the next ask chooses from those after it. */
  readonly toSeq: number;
  readonly by: string;
  /** Whether it is a term of the alarm. */
  readonly bets: boolean;
  /** The last ask before this one that is; null where there is none. */
  readonly lastBettingMs: number | null;
  readonly releases: readonly number[];
  /** What it was asked for, by everything in the plan but the releases. */
  readonly planDigest: Digest;
}

/** Requests of one ask at most: more are a file of labels of their own choice. */
export const askedAtMost = 1_000;
/** Predictions that one ask chooses from at most, the newest. */
export const poolAtMost = 50_000;
/** An ask chooses from requests of this time, so that they are still there when their labels come. */
export const poolAgeMs = 86_400_000;

export const planDigestOf = (plan: LabelPlan): Digest => digestOf({ ...plan, releases: [] });

/** An ask says something about a plan where it was made under the same one, but for a further release of the same pair. */
export const isAskOf = (ask: Pick<Ask, 'planDigest' | 'releases'>, plan: LabelPlan): boolean =>
  ask.planDigest === planDigestOf(plan) && ask.releases.some((release) => plan.releases.includes(release));

/**
 * Whether an ask is a term of the alarm. Requests of one cohort may depend on one another: two asks in one cohort would bet
 * twice on what happened once. The limits take both.
 */
export const isBetting = (lastBettingMs: number | null, plan: LabelPlan, nowMs: number): boolean =>
  lastBettingMs === null || nowMs - lastBettingMs >= plan.cohortMs;
