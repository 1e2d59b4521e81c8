import type { FeastSource } from '../../contract/contract.ts';
import type { FeatureViews } from './feature-view.ts';

/** Views and services that the contract names and `views` does not hold: `feature view driver_stats`. */
export function unpinnedViews(sources: readonly FeastSource[], views: FeatureViews): readonly string[] {
  const keys = Object.keys(views);
  return sources.flatMap(({ project, featureService, featureViews = [] }) => {
    const isHeld = (name: string): boolean =>
      keys.some((key) => {
        const end = key.indexOf('/');
        return key.slice(end + 1) === name && (project === undefined || key.slice(0, end) === project);
      });
    return [
      ...featureViews.filter((name) => !isHeld(name)).map((name) => `feature view ${name}`),
      ...(featureService === undefined || isHeld(`service/${featureService}`)
        ? []
        : [`feature service ${featureService}`]),
    ];
  });
}
