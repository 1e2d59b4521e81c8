import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Release } from '../../core/rollout/release.ts';
import { isDrillAway } from '../../core/rollout/rollback-target.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { ServiceView } from '../../schemas/view/view.ts';

/**
 * The live release, when a drill may move it.
 * @throws PlimsollError `release-under-way`, `drill-under-way`, `nothing-live` (conflict).
 */
export async function liveRelease(
  operations: Operations,
  { service, environment, deployment }: ServiceView,
): Promise<Release> {
  if (deployment !== null && deployment.incoming !== null) throw releaseUnderWay(deployment.incoming);
  const releases = await operations.releases(service, environment);
  const live = releases.find(({ number }) => number === deployment?.live);
  if (live === undefined) throw nothingLive();
  if (isDrillAway(live)) throw drillUnderWay(live, releases);
  return live;
}

function releaseUnderWay(incoming: number): PlimsollError {
  return new PlimsollError({
    code: 'release-under-way',
    category: 'conflict',
    message: `release ${incoming} is under way; a drill would put an end to it`,
    next: nextStep(proveSteps, 'release-under-way'),
  });
}

function nothingLive(): PlimsollError {
  return new PlimsollError({
    code: 'nothing-live',
    category: 'conflict',
    message: 'nothing is live, so that there is no way back to show',
    next: nextStep(proveSteps, 'nothing-live'),
  });
}

/** Another drill is under way, or was killed before it brought the model back. */
function drillUnderWay({ number, cause }: Release, releases: readonly Release[]): PlimsollError {
  const from = cause.kind === 'rollback' ? releases.find((release) => release.number === cause.from) : undefined;
  return new PlimsollError({
    code: 'drill-under-way',
    category: 'conflict',
    message: `release ${number} is the way there of another drill, which is under way or was killed before it came back`,
    next: nextStep(proveSteps, 'drill-under-way', { release: from?.number ?? 'RELEASE' }),
  });
}
