import { isDigest } from '../../units/digest.ts';
import { featureViewKinds, type FeatureSources } from './feature-view.ts';

type Members = Readonly<Record<string, unknown>>;

/** `featureSources` of evaluation evidence; null where it has none of this form, as that of earlier versions. */
export function readFeatureSources(measurements: Members): FeatureSources | null {
  const value = measurements['featureSources'];
  if (!isObject(value)) return null;
  const { files, views } = value;
  if (!isObject(files) || !isObject(views)) return null;
  if (!areDigests(files) || !Object.values(views).every(isFeatureView)) return null;
  return { files, views } as FeatureSources;
}

function isFeatureView(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { kind, entities, features, sources, transformation, ttlSeconds, rest } = value;
  return (
    featureViewKinds.some((each) => each === kind) &&
    [entities, features].every(
      (each) => isObject(each) && Object.values(each).every((type) => typeof type === 'string'),
    ) &&
    isObject(sources) &&
    areDigests({ ...sources, rest, ...(transformation === undefined ? {} : { transformation }) }) &&
    typeof ttlSeconds === 'number'
  );
}

const areDigests = (of: Members): boolean =>
  Object.values(of).every((digest) => typeof digest === 'string' && isDigest(digest));

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
