import type { CanaryJudgement, CanaryRecord } from '../judge/canary.ts';
import { canaryOf } from '../judge/canary-step.ts';
import type { IncomingOutcome } from './incoming-outcome.ts';
import type { Release } from '../release.ts';

export type StepOutcome =
  | { readonly outcome: 'wait'; readonly reason: string }
  | { readonly outcome: 'promote'; readonly reason: string; readonly by: string | null }
  | { readonly outcome: 'fail'; readonly reason: string; readonly judged: boolean };

/**
 * What becomes of a step that is under way. First match decides:
 *
 * | what is seen | outcome |
 * |---|---|
 * | its replicas fail as those of any incoming release | fail |
 * | the judge says roll-back | fail, also while it stands paused |
 * | fewer replicas admitted than it needs | wait |
 * | somebody asked for the next step | promote |
 * | paused | wait |
 * | clients miss the canary more often than the live release (`held`) | wait, whatever else is proven or over |
 * | the judge says promote | promote |
 * | the judge says inconclusive | what `onInconclusive` says |
 * | else | wait |
 *
 * Labels of which none has arrived hold nothing up: what all other metrics prove is then enough.
 */
export function decideStep(replicas: IncomingOutcome, record: CanaryRecord, incoming: Release): StepOutcome {
  if (replicas.outcome === 'fail') return { outcome: 'fail', reason: replicas.reason, judged: false };
  const { judgement, promote, pause } = record;
  if (judgement?.outcome === 'roll-back') return { outcome: 'fail', reason: evidenceText(judgement), judged: true };
  if (replicas.outcome === 'wait') return { outcome: 'wait', reason: replicas.reason };
  if (promote !== null) return { outcome: 'promote', reason: `by hand: ${promote.reason}`, by: promote.by };
  if (pause !== null) return { outcome: 'wait', reason: `paused by ${pause.by}: ${pause.reason}` };
  if (judgement === null) return { outcome: 'wait', reason: 'not looked at yet' };
  if (judgement.held !== undefined) return { outcome: 'wait', reason: `held: ${judgement.held}` };
  const reason = evidenceText(judgement);
  if (judgement.outcome === 'promote' || isProvenButForLabels(judgement, record))
    return { outcome: 'promote', reason, by: null };
  if (judgement.outcome === 'hold') return { outcome: 'wait', reason: 'not decided yet' };
  const then = canaryOf(incoming).judge.onInconclusive;
  if (then === 'hold') return { outcome: 'wait', reason: `inconclusive: ${reason}` };
  const says = `inconclusive, and rollout.judge.onInconclusive is ${then}: ${reason}`;
  return then === 'promote'
    ? { outcome: 'promote', reason: says, by: null }
    : { outcome: 'fail', reason: says, judged: true };
}

function isProvenButForLabels({ metrics, elapsedMs }: CanaryJudgement, { policy }: CanaryRecord): boolean {
  const others = metrics.filter(({ metric, units }) => metric !== 'labels' || units.live + units.canary > 0);
  if (others.length === metrics.length || others.length === 0 || elapsedMs < policy.minMs) return false;
  return others.every(({ outcome }) => outcome === 'promote');
}

/** The reasons of the metrics that decided, else of the judgement. */
export function evidenceText(judgement: CanaryJudgement): string {
  const decided = judgement.metrics.filter(({ outcome }) => outcome === judgement.outcome);
  const reasons = decided.length > 0 ? decided.map(({ reason }) => reason) : judgement.reasons;
  return reasons.length === 0 ? judgement.outcome : reasons.join('; ');
}
