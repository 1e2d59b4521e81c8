import type { Cause, Experiment, Suspicion } from '../cause.ts';
import type { EffectInterval } from './effect.ts';
import type { StarvationCost } from './starvation-cost.ts';

/** Shows the cause of a starved accelerator by experiments, likeliest suspicion first. Never rejects for what an experiment met. */
export type ShowCause = (suspicions: readonly Suspicion[]) => Promise<Finding>;

/**
 * What a diagnosis ends with.
 *
 * | verdict | means |
 * |---|---|
 * | `shown` | an experiment took the cause away, and the service answered more |
 * | `undetermined` | something is suspected, and no experiment showed it |
 * | `none` | nothing is suspected, or experiments excluded each suspicion |
 */
export interface Finding {
  readonly verdict: 'shown' | 'undetermined' | 'none';
  /** The shown cause with the greatest lower limit; null unless `shown`. */
  readonly cause: Cause | null;
  /** More answers a second without the cause, as a share: 0.4 is 40% more. Null unless `shown`. */
  readonly effect: EffectInterval | null;
  /** Further causes that other experiments showed in the same diagnosis. */
  readonly alsoShown: readonly ShownCause[];
  /** Suspected causes that the same experiment takes away, so that it cannot tell them from the shown one. */
  readonly alsoFits: readonly Cause[];
  /** The two likeliest suspicions that no experiment excluded; empty unless `undetermined`. */
  readonly likeliest: readonly Suspicion[];
  /** The experiment that would decide; null where nothing on this node can, or nothing is open. */
  readonly deciding: Experiment | null;
  /** What the shown cause takes of the accelerators; null unless `shown`. */
  readonly cost: StarvationCost | null;
  readonly remedy: string | null;
  readonly gain: ExpectedGain | null;
  /** One row an experiment, in the order in which they were tried. */
  readonly experiments: readonly TriedExperiment[];
}

export interface ShownCause {
  readonly cause: Cause;
  readonly effect: EffectInterval;
}

/** More answers a second that the remedy is expected to bring, as a share. */
export interface ExpectedGain extends EffectInterval {
  /** `as-measured`: the remedy is the experiment made permanent. `at-most`: the experiment took the whole step away. */
  readonly kind: 'as-measured' | 'at-most';
}

export interface TriedExperiment {
  readonly experiment: Experiment;
  /** The suspected causes that it takes away, likeliest first. */
  readonly causes: readonly Cause[];
  readonly outcome: ExperimentOutcome;
  /** What stands changed on the node because undoing failed; the next command tries again. Null where nothing is. */
  readonly notUndone: string | null;
}

export type ExperimentOutcome =
  | {
      readonly kind: 'shown' | 'excluded' | 'not-shown';
      readonly effect: EffectInterval;
      /** Each is four blocks: two with the change and two without. */
      readonly rounds: number;
    }
  | { readonly kind: 'not-run'; readonly reason: string };
