import type { Axis, Release, ReleaseBundles } from './release.ts';
import { isDrillAway, type RollbackChoice } from './rollback-target.ts';

export interface RollbackRequest {
  readonly service: string;
  readonly environment: string;
  readonly axis: Axis;
  readonly to?: number;
  readonly reason: string;
  /** It is to be shown that a way back is there: nothing was bad, so that nothing is barred. */
  readonly drill?: boolean;
}

/** The release that a rollback makes, but for its number. */
export function makeRollbackRelease(
  { service, environment, axis, reason, drill }: RollbackRequest,
  choice: RollbackChoice,
  by: string,
  atMs: number,
): Omit<Release, 'number'> {
  const { from, to } = choice;
  const away = drill === true && !isDrillAway(from);
  return {
    service,
    environment,
    code: choice.code,
    model: choice.model,
    golden: choice.golden,
    pair: choice.pair,
    unprovenPair: choice.unprovenPair,
    replicas: from.replicas,
    keepPreviousMs: from.keepPreviousMs,
    startTimeoutMs: from.startTimeoutMs,
    ...(from.stuckAfterMs === undefined ? {} : { stuckAfterMs: from.stuckAfterMs }),
    steps: from.steps,
    ...(from.owner === undefined ? {} : { owner: from.owner }),
    ...(from.capture === undefined ? {} : { capture: from.capture }),
    ...(from.objective === undefined ? {} : { objective: from.objective }),
    ...(from.clients === undefined ? {} : { clients: from.clients }),
    cause: { kind: 'rollback', axis, from: from.number, to: to.number, reason, ...(away ? { drill: true } : {}) },
    waivers: [],
    ...mixBundles(axis, from.bundles, to.bundles),
    createdAtMs: atMs,
    createdBy: by,
  };
}

/** The contract stays that of the release that is left; the axis and the evidence are those of where it goes to. */
function mixBundles(axis: Axis, from?: ReleaseBundles, to?: ReleaseBundles): Pick<Release, 'bundles'> {
  if (from === undefined || to === undefined) return {};
  return { bundles: { ...from, [axis]: to[axis], evidence: to.evidence } };
}
