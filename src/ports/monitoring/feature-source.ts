import type { CustomValues } from '../../core/monitoring/features/custom-features.ts';
import type { CustomSet } from '../../core/monitoring/watch/monitoring-terms.ts';

export interface ComputedFeatures {
  /** One for each line; a feature whose program failed there is absent. */
  readonly rows: readonly CustomValues[];
  /** By program: why its features are not known of some rows. */
  readonly failures: Readonly<Record<string, string>>;
}

/** Runs the programs of features, each in a process of its own that stays. */
export interface FeatureSource {
  /** Never throws, and takes a few seconds at most: what is wrong is in `failures`. */
  compute(set: CustomSet, lines: readonly string[]): Promise<ComputedFeatures>;
  /** Ends what runs. */
  close(): Promise<void>;
}
