import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { featureViewName, type FeatureView, type FeatureViews } from '../../core/evidence/features/feature-view.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CliContext } from '../context.ts';

/** What the lock says of a feature view or a feature service of Feast, for a comparison of its values. */
export interface SkewView {
  /** Join keys. */
  readonly key: readonly string[];
  /** Column to feature: `rate`, and `stats__rate` as Feast writes full names. */
  readonly features: ReadonlyMap<string, string>;
  /** The smallest ttl of the views that are read; null where none has any. */
  readonly maxAgeMs: number | null;
}

/** @throws PlimsollError `lock-missing` (unavailable), `skew-view-unknown` (input). */
export async function readSkewView(context: CliContext, name: string): Promise<SkewView> {
  const [project, environment] = [await context.project(), await context.environment()];
  const views = (await project.lock())?.environments[environment]?.featureViews ?? {};
  return skewViewOf(views, name);
}

/** @param name of a view or of a feature service. @throws PlimsollError `skew-view-unknown` (input). */
export function skewViewOf(views: FeatureViews, name: string): SkewView {
  const key = [`/${name}`, `/service/${name}`]
    .map((end) => Object.keys(views).find((each) => each.slice(each.indexOf('/')) === end))
    .find((each) => each !== undefined);
  const view = key === undefined ? undefined : views[key];
  if (key === undefined || view === undefined) throw viewUnknown(name, Object.keys(views));
  const project = key.slice(0, key.indexOf('/'));
  const read = readViews(views, project, view);
  const ttls = read.map(({ ttlSeconds }) => ttlSeconds).filter((seconds) => seconds > 0);
  return {
    key: [...new Set(read.flatMap(({ entities }) => Object.keys(entities)))].sort(),
    features: new Map(Object.keys(view.features).flatMap((feature) => columnsOf(name, feature))),
    maxAgeMs: ttls.length === 0 ? null : Math.min(...ttls) * 1_000,
  };
}

/** The view, and those that a feature service or an on-demand view reads. */
function readViews(views: FeatureViews, project: string, view: FeatureView): readonly FeatureView[] {
  const read = new Set([view]);
  for (const each of read) {
    for (const name of namesOfRead(each)) {
      const found = views[`${project}/${name}`];
      if (found !== undefined) read.add(found);
    }
  }
  return [...read];
}

const namesOfRead = ({ kind, features, sources }: FeatureView): readonly string[] =>
  kind === 'service'
    ? Object.keys(features).map((feature) => feature.slice(0, feature.indexOf(':')))
    : Object.keys(sources).flatMap((source) => (source.startsWith('view ') ? [source.slice(5)] : []));

/** A feature of a service is `VIEW:FEATURE`. */
function columnsOf(view: string, feature: string): readonly (readonly [string, string])[] {
  const [before, after] = feature.includes(':')
    ? [feature.slice(0, feature.indexOf(':')), feature.slice(feature.indexOf(':') + 1)]
    : [view, feature];
  return [
    [after, after],
    [`${before}__${after}`, after],
  ];
}

function viewUnknown(name: string, keys: readonly string[]): PlimsollError {
  const there = keys.map(featureViewName).join(', ');
  return new PlimsollError({
    code: 'skew-view-unknown',
    category: 'input',
    message: `plimsoll.lock pins no feature view or feature service ${name}${there === '' ? '' : `; it pins ${there}`}`,
    next: nextStep(cliSteps, 'skew-view-unknown'),
  });
}
