import type { ControlFeature, FeatureValue } from '../detectors/control-learners.ts';

/** The features of one value, without its name: `''` is the value itself. */
export interface ReadFeature {
  readonly suffix: string;
  readonly kind: ControlFeature['kind'];
  readonly value: FeatureValue;
}

export const numeric = (suffix: string, value: number): ReadFeature => ({
  suffix,
  kind: 'numeric',
  value: Number.isFinite(value) ? value : null,
});

export const category = (suffix: string, value: string | null): ReadFeature => ({ suffix, kind: 'category', value });
