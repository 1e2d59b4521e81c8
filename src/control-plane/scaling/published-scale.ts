import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { PublishedScale } from '../../core/scaling/published-scale.ts';
import type { RolloutState } from '../../core/rollout/deployment/rollout-state.ts';
import { findRelease, isOver, replicasOf } from '../../core/rollout/routing/routable.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ScalingView } from '../../schemas/view/view.ts';

interface Scope {
  readonly service: string;
  readonly environment: string;
}

/**
 * What another autoscaler is told. While the policy is not asked its last number stands, because that is the safe one.
 * @param asked names that whoever asks gave; one that is not given is this control plane's own.
 * @throws PlimsollError `service-unknown` (not-found); `scale-undecided` (unavailable) before the first decision.
 */
export function publishedScale(
  own: Scope,
  asked: { readonly service?: string | undefined; readonly environment?: string | undefined },
  scaling: ScalingView | null,
  state: RolloutState | null,
): PublishedScale {
  const [service, environment] = [asked.service ?? own.service, asked.environment ?? own.environment];
  if (service !== own.service || environment !== own.environment) {
    throw new PlimsollError({
      code: 'service-unknown',
      category: 'not-found',
      message: `this control plane decides for ${own.service} in ${own.environment}, not for ${service} in ${environment}`,
      next: `set service: ${own.service} and environment: ${own.environment}`,
    });
  }
  if (scaling === null || scaling.desired === null || scaling.decidedAtMs === null) {
    throw new PlimsollError({
      code: 'scale-undecided',
      category: 'unavailable',
      message: `no number of replicas was decided for ${service} yet: ${scaling?.held ?? scaling?.reason ?? 'its number is fixed, or nothing is released'}`,
      next: nextStep(controlPlaneSteps, 'scale-undecided'),
    });
  }
  const { desired, decidedAtMs } = scaling;
  return { service, environment, desired, current: replicasNow(state), decidedAtMs };
}

/** Replicas of the live release that run or start. */
function replicasNow(state: RolloutState | null): number | null {
  const live = state === null ? null : findRelease(state, state.deployment?.live ?? null);
  if (state === null || live === null) return null;
  return replicasOf(state, live).filter((replica) => !isOver(replica) && replica.state !== 'draining').length;
}
