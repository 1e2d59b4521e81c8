import { canaryOf, shadowStep, stepElapsedMs } from '../../core/rollout/judge/canary-step.ts';
import type { CanaryRecord } from '../../core/rollout/judge/canary.ts';
import type { Release } from '../../core/rollout/release.ts';
import type { RolloutView } from '../../schemas/view/view.ts';

export function rolloutView(
  record: CanaryRecord | null,
  releases: readonly Release[],
  nowMs: number,
): RolloutView | null {
  const release = releases.find((candidate) => candidate.number === record?.release);
  if (record === null || release === undefined) return null;
  const { against, step, startedAtMs, policy, pause, promote, judgement } = record;
  const { shadowShare, judge } = canaryOf(release);
  return {
    release: release.number,
    against,
    step,
    steps: release.steps,
    shadowShare,
    share: step === shadowStep ? 0 : (release.steps[step] ?? 1),
    startedAtMs,
    elapsedMs: stepElapsedMs(record, nowMs),
    atLeastMs: policy.minMs,
    withinMs: policy.timeLimitMs,
    onInconclusive: judge.onInconclusive,
    pause,
    promote,
    judgement,
  };
}
