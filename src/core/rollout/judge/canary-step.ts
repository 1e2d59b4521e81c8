import { effectiveRollout } from '../../contract/defaults.ts';
import { beginCanary } from './canary-judge.ts';
import { canaryPolicyOf } from './canary-policy.ts';
import type { CanaryMetric, CanaryPolicy, CanaryRecord } from './canary.ts';
import type { Deployment, Release, ReleaseCanary } from '../release.ts';

/** Step of the shadow, before the first share of traffic. */
export const shadowStep = -1;

/** How a release is judged; what an older one does not say is as in a contract that does not write it. */
export function canaryOf(release: Release): ReleaseCanary {
  if (release.canary !== undefined) return release.canary;
  const { shadowShare, judge } = effectiveRollout({});
  return { shadowShare, judge };
}

/** Steps that the judge decides about, in order: the shadow, where there is one, and each share below 1. */
export function judgedSteps(release: Release): readonly number[] {
  const shares = release.steps.flatMap((share, index) => (share > 0 && share < 1 ? [index] : []));
  return canaryOf(release).shadowShare > 0 ? [shadowStep, ...shares] : shares;
}

/** The judged step after this one; null when all the traffic is next. */
export function stepAfter(release: Release, step: number): number | null {
  return judgedSteps(release).find((candidate) => candidate > step) ?? null;
}

/**
 * Why a release takes no steps; null when it takes them.
 *
 * | release | goes straight to 100% because |
 * |---|---|
 * | a rollback | the way back is never held up |
 * | the first one | there is nothing to compare it with |
 * | of the pair that is live | it is what serves already |
 * | without a judged step | the contract asks for none |
 */
export function whyNoSteps(incoming: Release, live: Release | null): string | null {
  if (judgedSteps(incoming).length === 0) return 'no step is written';
  if (incoming.cause.kind === 'rollback') return 'a rollback takes no steps';
  if (live === null) return 'no release is live to compare it with';
  return incoming.pair === live.pair ? `it is the pair of live release ${live.number}` : null;
}

/**
 * What the judge holds one step to. Alpha is split over all judged steps, so that it holds for the whole rollout.
 * @throws PlimsollError `canary-policy-impossible`.
 */
export function stepPolicy(release: Release, step: number): CanaryPolicy {
  const { judge } = canaryOf(release);
  const metrics: readonly CanaryMetric[] = [
    'errors',
    'latency',
    ...(step === shadowStep ? (['agreement'] as const) : []),
    ...(step !== shadowStep && judge.labelMarginShare !== undefined ? (['labels'] as const) : []),
  ];
  return canaryPolicyOf({
    alphaShare: judge.falseRollbacksShare,
    steps: judgedSteps(release).map((index) => release.steps[index] ?? 0),
    metrics,
    errorMarginShare: judge.errorMarginShare,
    latency: judge.latency,
    agreementAtLeastShare: judge.agreementAtLeastShare,
    labelMarginShare: judge.labelMarginShare,
    minMs: judge.atLeastMs,
    timeLimitMs: judge.withinMs,
  });
}

export function beginStep(
  release: Release,
  against: number,
  step: number,
  nowMs: number,
): Omit<CanaryRecord, 'revision'> {
  const policy = stepPolicy(release, step);
  return {
    service: release.service,
    environment: release.environment,
    release: release.number,
    against,
    step,
    startedAtMs: nowMs,
    pausedMs: 0,
    pause: null,
    promote: null,
    lookedAtMs: nowMs,
    taken: {},
    policy,
    state: beginCanary(policy),
    judgement: null,
  };
}

/** Whether a record is that of the step that the deployment is in. */
export function isStepOf(
  record: Pick<CanaryRecord, 'release' | 'against' | 'step'> | null,
  deployment: Pick<Deployment, 'incoming' | 'live' | 'phase' | 'step'>,
): boolean {
  if (record === null || record.release !== deployment.incoming || record.against !== deployment.live) return false;
  if (deployment.phase === 'shadowing') return record.step === shadowStep;
  return deployment.phase === 'stepping' && record.step === deployment.step;
}

/** Milliseconds that the step has lasted, those that it stood paused left out. */
export function stepElapsedMs(record: Pick<CanaryRecord, 'startedAtMs' | 'pausedMs' | 'pause'>, nowMs: number): number {
  return Math.max(0, (record.pause?.atMs ?? nowMs) - record.startedAtMs - record.pausedMs);
}

/** `the shadow`, or `step 1 of 2 (5%)`, for people. */
export function stepName(release: Pick<Release, 'steps'>, step: number): string {
  if (step === shadowStep) return 'the shadow';
  return `step ${step + 1} of ${release.steps.length} (${shareText(release.steps[step] ?? 1)})`;
}

export function shareText(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}
