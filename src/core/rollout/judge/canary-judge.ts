import { logEvidenceBelow } from '../../statistics/sequential/sequential-share.ts';
import { PlimsollError } from '../../units/errors.ts';
import type { canaryMetrics } from './canary.ts';
import {
  type CanaryInterval,
  type CanaryJudgement,
  type CanaryOutcome,
  type CanaryPolicy,
  type CanaryState,
  type MetricJudgement,
} from './canary.ts';
import { refuseImpossible } from './canary-interval.ts';
import { beginLatency, observeLatency } from './canary-latency.ts';
import { judgeMetric, type MetricLevels } from './canary-metrics.ts';
import { beginParts, holdWithoutEachPart, observeParts } from './client-parts.ts';
import { observeMissedPairs, whyHeldByMisses } from './missed-pairs.ts';
import { beginShares, observeShares } from './canary-shares.ts';
import type { AgreementState, ArmUnits, CanarySettled, KnownCanaryState } from './canary-state.ts';

/**
 * The judge of one step of a rollout. It may be asked at every moment and stopped at any: the probability that a release
 * which is inside every margin is ever rolled back is at most `alphaShare` over all metrics and steps, and the probability
 * that one outside a margin passes a step is at most `alphaShare` too. docs/canary-judge.md states and proves it.
 *
 * | decision | level | why |
 * |---|---|---|
 * | roll back on one metric | alphaShare / (metrics * steps) | any of them may err (union bound) |
 * | promote | alphaShare for each metric | all of them would have to err at once (Berger 1982, intersection-union) |
 */
export function beginCanary(policy: CanaryPolicy): CanaryState {
  const has = (metric: (typeof canaryMetrics)[number]): boolean => policy.metrics.includes(metric);
  const { quantile, marginShare } = policy.latency;
  const state: KnownCanaryState = {
    canaryVersion: 1,
    settings: settingsOf(policy),
    errors: has('errors') ? beginShares(policy.errorMarginShare) : null,
    latency: has('latency') ? beginLatency(quantile, marginShare) : null,
    agreement: has('agreement')
      ? { atLeastShare: policy.agreementAtLeastShare, compared: 0, agreed: 0, worsePeak: 0 }
      : null,
    labels: has('labels') ? beginShares(policy.labelMarginShare) : null,
    units: { live: 0, canary: 0 },
    cold: { live: 0, canary: 0 },
  };
  return state;
}

/**
 * Adds one interval. One without units, answers and labels is time that passed, and no evidence.
 *
 * @throws PlimsollError `canary-interval-impossible` for counts that cannot be.
 */
export function observe(given: CanaryState, interval: CanaryInterval): CanaryState {
  const state = known(given);
  refuseImpossible(interval);
  const { live, canary, cold, durationMs, agreement, labels } = interval;
  const next: KnownCanaryState = {
    ...state,
    errors:
      state.errors &&
      observeShares(
        state.errors,
        { live: { units: live.units, hits: live.errors }, canary: { units: canary.units, hits: canary.errors } },
        durationMs,
      ),
    latency: state.latency && observeLatency(state.latency, { live: live.latency, canary: canary.latency }, durationMs),
    agreement: state.agreement && agreement ? observeAgreement(state.agreement, agreement) : state.agreement,
    labels:
      state.labels && labels
        ? observeShares(state.labels, { live: wrong(labels.live), canary: wrong(labels.canary) }, durationMs)
        : state.labels,
    units: { live: state.units.live + live.units, canary: state.units.canary + canary.units },
    cold: { live: state.cold.live + cold.live.units, canary: state.cold.canary + cold.canary.units },
    ...partsField(state, interval),
    ...missedPairsField(state, interval),
  };
  return next;
}

/** A step that began before its gateways told parts has them from then on. */
function partsField(state: KnownCanaryState, interval: CanaryInterval): Pick<KnownCanaryState, 'parts'> {
  if (state.parts === undefined && interval.parts === undefined) return {};
  return { parts: observeParts(state.parts ?? beginParts(state.settings), interval) };
}

function missedPairsField(state: KnownCanaryState, interval: CanaryInterval): Pick<KnownCanaryState, 'missedPairs'> {
  const missedPairs = observeMissedPairs(state.missedPairs, interval.missedPairs);
  return missedPairs === undefined ? {} : { missedPairs };
}

/**
 * @param at `elapsedMs` is how long the step has run, pauses left out.
 * @throws PlimsollError `canary-policy-moved` where the policy has other margins or metrics than the state was begun with.
 */
export function judgeCanary(
  given: CanaryState,
  policy: CanaryPolicy,
  at: { readonly nowMs: number; readonly elapsedMs: number },
): CanaryJudgement {
  const state = known(given);
  refuseMovedPolicy(state, policy);
  const over = at.elapsedMs >= policy.timeLimitMs;
  const levels: MetricLevels = {
    logWorse: Math.log((policy.metrics.length * policy.steps) / policy.alphaShare),
    logBetter: -Math.log(policy.alphaShare),
  };
  const metrics = policy.metrics
    .map((metric) => holdWithoutEachPart(state, judgeMetric(state, metric, levels), levels))
    .map((each) => ended(each, over));
  const judged = outcomeOf(metrics, at.elapsedMs, policy);
  const held = judged === 'roll-back' ? null : whyHeldByMisses(state.missedPairs, policy.alphaShare / policy.steps);
  const outcome = held !== null && judged === 'promote' ? (over ? 'inconclusive' : 'hold') : judged;
  return {
    outcome,
    atMs: at.nowMs,
    elapsedMs: at.elapsedMs,
    metrics,
    ...(held === null ? {} : { held }),
    coldUnits: state.cold,
    reasons: [...(held === null ? [] : [held]), ...reasonsOf(state, judged, metrics, at.elapsedMs, policy)],
  };
}

/** A roll-back outranks all; a proof of every metric outranks the time limit. */
function outcomeOf(metrics: readonly MetricJudgement[], elapsedMs: number, policy: CanaryPolicy): CanaryOutcome {
  if (metrics.some(({ outcome }) => outcome === 'roll-back')) return 'roll-back';
  const proven = metrics.length > 0 && metrics.every(({ outcome }) => outcome === 'promote');
  if (proven && elapsedMs >= policy.minMs) return 'promote';
  return elapsedMs >= policy.timeLimitMs ? 'inconclusive' : 'hold';
}

function ended(metric: MetricJudgement, over: boolean): MetricJudgement {
  return over && metric.outcome === 'hold' ? { ...metric, outcome: 'inconclusive' } : metric;
}

function reasonsOf(
  state: KnownCanaryState,
  outcome: CanaryOutcome,
  metrics: readonly MetricJudgement[],
  elapsedMs: number,
  policy: CanaryPolicy,
): readonly string[] {
  const deciding = metrics.filter((metric) => metric.outcome === outcome).map(({ reason }) => reason);
  switch (outcome) {
    case 'roll-back':
    case 'promote':
      return deciding;
    case 'inconclusive':
      return [`the time limit of ${seconds(policy.timeLimitMs)} is over`, ...trafficReasons(state), ...deciding];
    case 'hold':
      if (deciding.length > 0) return [...trafficReasons(state), ...deciding];
      return [
        `every metric is inside its margin; a step lasts at least ${seconds(policy.minMs)}, and ${seconds(elapsedMs)} are over`,
      ];
  }
}

function trafficReasons({ units, cold }: KnownCanaryState): readonly string[] {
  const onlyCold = (arm: keyof ArmUnits): boolean => units[arm] === 0 && cold[arm] > 0;
  if (onlyCold('canary')) return [`the canary has only cold units so far (${cold.canary}), and they decide nothing`];
  if (onlyCold('live')) return [`the live arm has only cold units so far (${cold.live}), and they decide nothing`];
  if (units.live === 0 && units.canary === 0) return ['there was no traffic yet'];
  if (units.live === 0) return ['the live arm has no traffic to compare with'];
  if (units.canary === 0) return ['the canary has no traffic yet'];
  return [];
}

function observeAgreement(
  state: AgreementState,
  { compared, agreed }: { readonly compared: number; readonly agreed: number },
): AgreementState {
  const next = { ...state, compared: state.compared + compared, agreed: state.agreed + agreed };
  const evidence = logEvidenceBelow(next.agreed, next.compared, state.atLeastShare);
  return { ...next, worsePeak: Math.max(state.worsePeak, evidence) };
}

function wrong({ labelled, right }: { readonly labelled: number; readonly right: number }): {
  readonly units: number;
  readonly hits: number;
} {
  return { units: labelled, hits: labelled - right };
}

function settingsOf(policy: CanaryPolicy): CanarySettled {
  const { metrics, errorMarginShare, latency, agreementAtLeastShare, labelMarginShare } = policy;
  const { quantile, marginShare } = latency;
  return { metrics, errorMarginShare, latency: { quantile, marginShare }, agreementAtLeastShare, labelMarginShare };
}

function refuseMovedPolicy(state: KnownCanaryState, policy: CanaryPolicy): void {
  const [begun, now] = [JSON.stringify(state.settings), JSON.stringify(settingsOf(policy))];
  if (begun === now) return;
  throw new PlimsollError({
    code: 'canary-policy-moved',
    category: 'conflict',
    message: 'the margins of the canary were changed within a step, and its evidence is of the margins before',
    next: 'begin the step again, or judge it by the policy that it was begun with',
    details: { begun: state.settings, now: settingsOf(policy) },
  });
}

/** The one place that looks into a state: it was made by `beginCanary`, and carried as JSON since. */
function known(state: CanaryState): KnownCanaryState {
  if (state.canaryVersion !== 1 || state['settings'] === undefined) {
    throw new PlimsollError({
      code: 'canary-state-unknown',
      category: 'corrupt',
      message: 'the state of a canary is of no version that this judge knows',
      next: 'begin the step again',
    });
  }
  return state as KnownCanaryState;
}

function seconds(durationMs: number): string {
  return `${Math.round(durationMs / 1000)} s`;
}
