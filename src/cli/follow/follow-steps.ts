import { formatPercent } from '../../core/units/quantity/quantity-percent.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { MetricJudgement } from '../../core/rollout/judge/canary.ts';
import type { RolloutView } from '../../schemas/view/view.ts';

/** `step 1 of 3, 5%` or `shadow, copies of 10%`. */
export function stepText({ step, steps, share, shadowShare }: RolloutView): string {
  if (step < 0) return `shadow, copies of ${formatPercent(shadowShare)}`;
  return `step ${step + 1} of ${steps.length}, ${formatPercent(share)}`;
}

/** One line of a step as it stands: share, time, units, each metric with its interval, and what the judge says. */
export function stepLine(rollout: RolloutView): string {
  const { judgement, pause, elapsedMs, withinMs } = rollout;
  const units = judgement?.metrics[0]?.units;
  return [
    `${stepText(rollout)}, ${formatElapsed(elapsedMs)} of ${formatElapsed(withinMs)}`,
    ...(units === undefined ? [] : [`${whole(units.canary)} canary and ${whole(units.live)} live units`]),
    ...(judgement?.metrics ?? []).map(metricText),
    pause === null ? (judgement?.outcome ?? 'not judged yet') : `paused by ${pause.by}: ${pause.reason}`,
  ].join('; ');
}

export function metricText({ metric, outcome, difference, margin }: MetricJudgement): string {
  if (difference === null) return `${metric} not measured yet`;
  const high = difference.high === null ? '?' : signed(difference.high);
  return `${metric} ${signed(difference.estimate)} [${signed(difference.low)}, ${high}] against ${signed(margin)}: ${outcome}`;
}

function signed(share: number): string {
  return `${share > 0 ? '+' : ''}${Number((share * 100).toFixed(2))}%`;
}

function whole(count: number): string {
  return count.toLocaleString('en-US');
}

const everyMs = 10_000;

/** Tells of the step when it or the verdict changes, and every ten seconds. */
export function stepFollower(note: (line: string) => void): (rollout: RolloutView | undefined, nowMs: number) => void {
  let said = '';
  let saidMs = -Infinity;
  return (rollout, nowMs) => {
    if (rollout === undefined) return;
    const { step, judgement, pause } = rollout;
    const state = JSON.stringify([step, judgement?.outcome ?? 'hold', pause]);
    if (state === said && nowMs - saidMs < everyMs) return;
    [said, saidMs] = [state, nowMs];
    note(`  ${stepLine(rollout)}`);
  };
}
