import { shortDigest, type Digest } from '../../units/digest.ts';
import { featureViewName, type FeatureSources, type FeatureView, type FeatureViews } from './feature-view.ts';

/** Changes that one reason names; the rest is counted. */
const shownAtMost = 6;

/** What became another, one sentence a view: `feature view driver_stats: feature trips added (INT64), source stats changed`. */
export function viewChanges(before: FeatureViews, after: FeatureViews): readonly string[] {
  return namesOf(before, after).flatMap((key) => {
    const [then, now] = [own(before, key), own(after, key)];
    const name = featureViewName(key);
    if (then === undefined) return now === undefined ? [] : [`${name}: added`];
    if (now === undefined) return [`${name}: gone`];
    const changes = changesOfView(then, now);
    return changes.length === 0 ? [] : [`${name}: ${shortened(changes).join(', ')}`];
  });
}

/** What one view became. Empty where both are the same. */
export function changesOfView(before: FeatureView, after: FeatureView): readonly string[] {
  const ttl = (seconds: number): string => (seconds === 0 ? 'none' : `${seconds} s`);
  const changes = [
    ...(before.kind === after.kind ? [] : [`kind ${before.kind} -> ${after.kind}`]),
    ...memberChanges('entity', before.entities, after.entities, String),
    ...memberChanges('feature', before.features, after.features, String),
    ...memberChanges('source', before.sources, after.sources, null),
    ...(before.transformation === after.transformation ? [] : ['transformation changed']),
    ...(before.ttlSeconds === after.ttlSeconds ? [] : [`ttl ${ttl(before.ttlSeconds)} -> ${ttl(after.ttlSeconds)}`]),
  ];
  // Another feature of a feature service is another order of them as well.
  const isOrder = after.kind === 'service' && changes.length > 0;
  if (before.rest === after.rest || isOrder) return changes;
  return [
    ...changes,
    after.kind === 'service'
      ? 'the order or the mapping of its columns changed'
      : 'its mode or its aggregations changed',
  ];
}

/** The same of files, one sentence a file. */
export function fileChanges(
  before: Readonly<Record<string, Digest>>,
  after: Readonly<Record<string, Digest>>,
): readonly string[] {
  return memberChanges('file', before, after, (digest) => shortDigest(digest as Digest));
}

/** What moved of the subjects `features` and `feature-views`, by subject. Null for evidence of an earlier version. */
export function featureChanges(
  before: FeatureSources | null,
  after: FeatureSources | undefined,
): Readonly<Record<string, readonly string[]>> {
  if (before === null || after === undefined) return {};
  return {
    features: shortened(fileChanges(before.files, after.files)),
    'feature-views': shortened(viewChanges(before.views, after.views)),
  };
}

function memberChanges(
  what: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  show: ((value: string) => string) | null,
): readonly string[] {
  return namesOf(before, after).flatMap((name) => {
    const [then, now] = [own(before, name), own(after, name)];
    if (then === now) return [];
    const shown = (value: string): string => (show === null ? '' : ` (${show(value)})`);
    if (then === undefined) return [`${what} ${name} added${shown(now ?? '')}`];
    if (now === undefined) return [`${what} ${name} removed`];
    return [show === null ? `${what} ${name} changed` : `${what} ${name} ${show(then)} -> ${show(now)}`];
  });
}

const namesOf = (before: object, after: object): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();

const own = <T>(of: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined;

function shortened(changes: readonly string[]): readonly string[] {
  if (changes.length <= shownAtMost) return changes;
  return [...changes.slice(0, shownAtMost), `and ${changes.length - shownAtMost} more`];
}
