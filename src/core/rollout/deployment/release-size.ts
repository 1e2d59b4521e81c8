import { canaryOf, isStepOf, judgedSteps, shadowStep, stepAfter, whyNoSteps } from '../judge/canary-step.ts';
import type { Deployment, Release } from '../release.ts';
import { findRelease, neededReplicas } from '../routing/routable.ts';
import type { RolloutState } from './rollout-state.ts';
import { decideStep } from './step-outcome.ts';

type DeploymentNow = Omit<Deployment, 'revision'>;

/**
 * How many replicas each release of a deployment has, `n` being what scaling ordered for the traffic of the whole service:
 *
 * | release | replicas |
 * |---|---|
 * | live | n, also while another one comes in: whatever is taken back from that one returns here at once |
 * | coming in, at a share s of the traffic | n x s, rounded up |
 * | coming in, its step decided in its favour | n x the share that comes next, which it gets once they are admitted |
 * | in the shadow | n x the share that is mirrored |
 * | kept warm | its minimum: a rollback moves traffic to these at once, and the others start behind it |
 *
 * Always within the limits of the release itself; where nothing scales, each has its minimum. Where another one sets the
 * number of the live release, n is what it has set, whatever the limits are. Worked: n = 8, steps 5%, 25%,
 * 100%: 1, 2, and 8 before it takes over.
 */
export function liveSize({ scale }: Pick<RolloutState, 'scale'>, release: Release): number {
  if (scale === null) return neededReplicas(release);
  const { min, max, actuator } = release.replicas;
  if (actuator !== undefined) return scale.desired;
  return Math.min(Math.max(scale.desired, min), Math.max(max, min));
}

/** Replicas that may sleep beside those of the live release: as scaling ordered, within what the release lets sleep. */
export function limitAsleep({ scale }: Pick<RolloutState, 'scale'>, { replicas }: Release): number {
  return Math.min(scale?.asleep ?? 0, replicas.asleepAtMost ?? 0);
}

export function incomingSize(state: RolloutState, deployment: DeploymentNow, release: Release): number {
  const needed = neededReplicas(release);
  if (state.scale === null) return needed;
  const carried = Math.ceil(state.scale.desired * comingShare(state, deployment, release) - 1e-9);
  return Math.min(Math.max(carried, needed), Math.max(release.replicas.max, needed));
}

/** Share of the traffic that an incoming release has, or is about to get. */
function comingShare(state: RolloutState, deployment: DeploymentNow, release: Release): number {
  if (deployment.phase !== 'stepping' && deployment.phase !== 'shadowing') {
    if (whyNoSteps(release, findRelease(state, deployment.live)) !== null) return 1;
    return shareOf(release, judgedSteps(release)[0] ?? null);
  }
  const record = state.canary;
  if (record === null || !isStepOf(record, deployment)) {
    return shareOf(release, deployment.phase === 'shadowing' ? shadowStep : deployment.step);
  }
  const decided = decideStep({ outcome: 'flip', reason: 'as if all it needs were there' }, record, release);
  return shareOf(release, decided.outcome === 'promote' ? stepAfter(release, record.step) : record.step);
}

function shareOf(release: Release, step: number | null): number {
  if (step === null) return 1;
  return step === shadowStep ? canaryOf(release).shadowShare : (release.steps[step] ?? 1);
}
