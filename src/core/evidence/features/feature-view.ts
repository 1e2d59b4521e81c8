import type { Digest } from '../../units/digest.ts';

/** What defines one feature view or feature service of Feast, without what each `feast apply` and each materialization writes anew. */
export interface FeatureView {
  readonly kind: FeatureViewKind;
  /** Join key to its type: `{ driver_id: "INT64" }`. */
  readonly entities: Readonly<Record<string, string>>;
  /** Name to type. Those of a feature service are named `VIEW:FEATURE`. */
  readonly features: Readonly<Record<string, string>>;
  /** What each source is, by its name. */
  readonly sources: Readonly<Record<string, Digest>>;
  /** Of the source text of a transformation; absent where there is none. */
  readonly transformation?: Digest;
  /** How old a value may be at the time that it is read; 0 is any age. */
  readonly ttlSeconds: number;
  /** Of what else defines it: mode and aggregations; of a feature service the order of its features and renamed join keys. */
  readonly rest: Digest;
}

export const featureViewKinds = ['batch', 'stream', 'on-demand', 'label', 'service'] as const;
export type FeatureViewKind = (typeof featureViewKinds)[number];

/** By `PROJECT/NAME`; a feature service is `PROJECT/service/NAME`. */
export type FeatureViews = Readonly<Record<string, FeatureView>>;

/** What computes the features that a model is given. */
export interface FeatureSources {
  /** By path. */
  readonly files: Readonly<Record<string, Digest>>;
  readonly views: FeatureViews;
}

/** `feature view driver_stats`, `feature service activity`. */
export function featureViewName(key: string): string {
  const [, ...name] = key.split('/');
  return name[0] === 'service' && name.length > 1
    ? `feature service ${name.slice(1).join('/')}`
    : `feature view ${name.join('/')}`;
}
