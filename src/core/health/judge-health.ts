import { coreSteps } from '../units/next-steps/core-steps.ts';
import { nextStep } from '../units/next-steps/next-step.ts';
import { findBurn, type Burn } from './burn.ts';
import type { HealthFacts, HealthWindow, ServiceHealth } from './health.ts';
import { addOutcomes, quantileOf, spansSince, type OutcomeSpan } from './outcomes.ts';
import { describeBurn, describeHealthy, formatSeconds, nameChange } from './health-words.ts';

/** A gateway reports once a second; one that was silent for as long is not heard. */
export const silentMs = 10_000;
const recentMs = 60_000;
const hourMs = 3_600_000;
/** A service with few requests is judged on as many, if they came within the hour. */
const recentRequests = 10;
/** A change is named as the cause of what began within this time after it. */
const causeMs = 60_000;
/** Without a ready replica a change of longer ago is not undone: the machine, the node or the network comes first. */
const undoWithinMs = 600_000;

/**
 * Whether a service is healthy. The first row that applies decides:
 *
 * | row | state |
 * |---|---|
 * | nothing is live | not-released |
 * | replicas should run, and none is ready | failing |
 * | nothing was heard of any gateway for ten seconds, or the control plane does not follow | unknown |
 * | the objective is burned at the pace of an emergency (`findBurn`) | failing |
 * | the objective is burned faster than it allows | degraded |
 * | a replica that should run is not ready | degraded |
 * | otherwise | healthy |
 */
export function judgeHealth(facts: HealthFacts): ServiceHealth {
  const recent = recentWindow(facts);
  const about = { change: facts.change, recent };
  const { replicas } = facts;
  if (facts.live === null) return { ...about, ...notReleased(facts) };
  if (replicas !== null && replicas.wanted > 0 && replicas.ready === 0) return { ...about, ...withoutReplicas(facts) };
  const unknown = whyUnknown(facts);
  if (unknown !== null) return { ...about, ...unknown };
  const burn = findBurn(facts, { recent: recentSpans(facts), hour: spansSince(facts.spans, facts.nowMs - hourMs) });
  if (burn !== null) return { ...about, ...burning(facts, burn) };
  if (replicas !== null && replicas.ready < replicas.wanted) {
    const sentence = `Degraded: ${replicas.ready} of ${replicas.wanted} replicas are ready.${causeOf(facts)}`;
    return { ...about, state: 'degraded', sentence, sinceMs: null, next: facts.trouble?.next ?? seeReplicas };
  }
  const sentence = describeHealthy(facts, addOutcomes(spansSince(facts.spans, facts.nowMs - hourMs)));
  return { ...about, state: 'healthy', sentence, sinceMs: null, next: null };
}

type Answer = Pick<ServiceHealth, 'state' | 'sentence' | 'sinceMs' | 'next'>;

function notReleased({ incoming, trouble }: HealthFacts): Answer {
  if (incoming !== null && trouble !== null) {
    const sentence = `Not released: release ${incoming} does not start: ${endSentence(trouble.cause)}`;
    return { state: 'not-released', sentence, sinceMs: null, next: trouble.next };
  }
  return incoming === null
    ? {
        state: 'not-released',
        sentence: 'Not released: nothing is live.',
        sinceMs: null,
        next: nextStep(coreSteps, 'not-released'),
      }
    : {
        state: 'not-released',
        sentence: `Not released yet: release ${incoming} is coming in.`,
        sinceMs: null,
        next: null,
      };
}

const seeReplicas = 'see why: `plimsoll history --kind replica`';
const endSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
const causeOf = ({ trouble }: HealthFacts): string => (trouble === null ? '' : ` Cause: ${endSentence(trouble.cause)}`);

function withoutReplicas(facts: HealthFacts): Answer {
  const { replicas, change, rollback, nowMs, trouble } = facts;
  const wanted = replicas?.wanted ?? 0;
  const none = wanted === 1 ? 'the one replica is not ready' : `none of ${wanted} replicas is ready`;
  const after = change === null ? '' : ` Last change: ${nameChange(change, nowMs)}.`;
  const starts = replicas !== null && replicas.starting > 0;
  // What only starts, after a restart of the machine for one, started the same before: going back would start another anew.
  const isCause = !starts && change !== null && nowMs - change.atMs <= undoWithinMs;
  const next = isCause && rollback !== null ? `roll back: \`${rollback}\`` : (trouble?.next ?? seeReplicas);
  return {
    state: 'failing',
    sentence: `Failing: ${none}${starts ? ' yet: starting' : ''}.${causeOf(facts)}${after}`,
    sinceMs: null,
    next,
  };
}

function whyUnknown({ heardAtMs, nowMs, problem }: HealthFacts): Answer | null {
  const unknown = (why: string, next: string): Answer => ({
    state: 'unknown',
    sentence: `Unknown: ${why}.`,
    sinceMs: heardAtMs,
    next,
  });
  if (problem !== null) return unknown(problem, 'see why: `plimsoll doctor`');
  if (heardAtMs === null) return unknown('no gateway reports', 'start one: `plimsoll up`');
  const agoMs = nowMs - heardAtMs;
  return agoMs < silentMs ? null : unknown(`no gateway has reported for ${formatSeconds(agoMs)}`, '`plimsoll up`');
}

function burning(facts: HealthFacts, burn: Burn): Answer {
  const { change, rollback } = facts;
  const isCause = change !== null && burn.sinceMs >= change.atMs - causeMs && burn.sinceMs - change.atMs <= causeMs;
  const sentence = describeBurn(burn, facts, isCause);
  const next = isCause && rollback !== null ? `roll back: \`${rollback}\`` : 'see what happened: `plimsoll history`';
  return { state: burn.state, sentence, sinceMs: burn.sinceMs, next };
}

/** The spans of the last minute, and as many before them as it takes to see ten requests, within the hour. */
function recentSpans({ spans, nowMs }: HealthFacts): readonly OutcomeSpan[] {
  const newest = spans.toReversed();
  let seen = 0;
  const taken = newest.filter(({ toMs, requests }) => {
    const isTaken = toMs > nowMs - recentMs || (seen < recentRequests && toMs > nowMs - hourMs);
    if (isTaken) seen += requests;
    return isTaken;
  });
  return taken.toReversed();
}

function recentWindow(facts: HealthFacts): HealthWindow | null {
  const spans = recentSpans(facts);
  const [oldest] = spans;
  if (oldest === undefined) return null;
  const all = addOutcomes(spans);
  return {
    spanMs: facts.nowMs - oldest.fromMs,
    requests: all.requests,
    failed: all.failed,
    latencyP50Ms: quantileOf(all, 0.5),
    latencyP99Ms: quantileOf(all, 0.99),
  };
}
