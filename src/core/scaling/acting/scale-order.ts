import { PlimsollError } from '../../units/errors.ts';
import type { PolicyInput, ScalingDecision, ScalingTerms } from '../policy.ts';
import type { ScalingSignals } from '../signals.ts';

/** How many replicas the live release is to have, as it is acted on. */
export interface ScaleOrder {
  readonly desired: number;
  /** Replicas that may sleep beside them. Absent: none. */
  readonly asleep?: number;
  /** One sentence for people. */
  readonly reason: string;
}

/**
 * What becomes of a policy's decision. Whatever a policy says, what is unknown takes no replica away, and the last one stops
 * only where that is proven. None, while a request waits, is taken for one: that request wakes the service, or keeps it awake.
 * Then the first match orders:
 *
 * | what is decided | ordered |
 * |---|---|
 * | fewer than are ordered, while queue, in flight or arrivals are unknown | as many as before |
 * | none, and the last replica may not stop | 1 |
 * | anything else | that, between the limits |
 *
 * @param orderedBefore replicas that were ordered up to now.
 * @throws PlimsollError `policy-broken` (bug) for what is no number of replicas.
 */
export function makeOrder(
  decision: ScalingDecision,
  { signals, terms }: Pick<PolicyInput, 'signals' | 'terms'>,
  orderedBefore: number,
): ScaleOrder {
  if (!Number.isSafeInteger(decision.desired) || decision.desired < 0) throw broken(decision.desired);
  const order = replicasOf(decision, { signals, terms }, orderedBefore);
  const asleep = Math.min(decision.asleep ?? 0, terms.sleep?.replicas ?? 0);
  return asleep > 0 ? { ...order, asleep } : order;
}

function replicasOf(
  decision: ScalingDecision,
  { signals, terms }: Pick<PolicyInput, 'signals' | 'terms'>,
  orderedBefore: number,
): ScaleOrder {
  const { desired, reason } = awake(decision, signals, orderedBefore);
  if (desired < orderedBefore && !isKnown(signals)) {
    const kept = betweenLimits(orderedBefore, terms);
    return { desired: kept, reason: `keeps ${kept}: ${unknownText(signals)} unknown, and none is taken away on that` };
  }
  const ordered = betweenLimits(desired, terms);
  if (ordered === desired) return { desired, reason };
  const limit = `${desired} is outside of ${lowest(terms)} to ${terms.maxReplicas}`;
  return {
    desired: ordered,
    reason: desired === 0 ? `${reason}; the last replica stays: ${whyNotZero(terms)}` : `${reason}; ${limit}`,
  };
}

function awake(
  { desired, reason }: ScalingDecision,
  { queueDepth }: ScalingSignals,
  orderedBefore: number,
): ScaleOrder {
  if (desired > 0 || queueDepth === null || queueDepth === 0) return { desired, reason };
  // Engines that tell the time in their queue tell a mean of it, which is no whole number.
  const waiting = Math.ceil(queueDepth);
  const waits = waiting === 1 ? 'a request waits, which' : `${waiting} requests wait, which`;
  return { desired: 1, reason: `${waits} ${orderedBefore === 0 ? 'wakes the first' : 'keeps the last'} replica` };
}

type Limits = Pick<ScalingTerms, 'minReplicas' | 'maxReplicas' | 'toZero'>;

/** Fewest replicas: zero where the limits begin there and it is proven that the last one may stop. */
function lowest({ minReplicas, toZero }: Limits): number {
  return toZero && minReplicas === 0 ? 0 : Math.max(1, minReplicas);
}

export function betweenLimits(replicas: number, limits: Limits): number {
  const least = lowest(limits);
  return Math.min(Math.max(replicas, least), Math.max(least, limits.maxReplicas));
}

/** Whether enough is known to take a replica away. */
export function isKnown({ queueDepth, inFlight, arrivalsPerSecond }: ScalingSignals): boolean {
  return queueDepth !== null && inFlight !== null && arrivalsPerSecond !== null;
}

/** Whether a policy can be asked at all: on nothing whatever there is nothing to decide. */
export function isAnythingKnown({ queueDepth, inFlight, arrivalsPerSecond }: ScalingSignals): boolean {
  return queueDepth !== null || inFlight !== null || arrivalsPerSecond !== null;
}

function unknownText({ queueDepth, inFlight, arrivalsPerSecond }: ScalingSignals): string {
  const unknown = [
    ...(queueDepth === null ? ['the queue'] : []),
    ...(inFlight === null ? ['what is in flight'] : []),
    ...(arrivalsPerSecond === null ? ['the rate of arrivals'] : []),
  ];
  return `${unknown.join(', ')} ${unknown.length === 1 ? 'is' : 'are'}`;
}

function whyNotZero({ minReplicas, toZero }: ScalingTerms): string {
  if (minReplicas > 0) return `at least ${minReplicas} are asked for`;
  return toZero ? 'at least one is asked for' : 'no fresh evidence shows that the objective survives a cold start';
}

function broken(desired: number): PlimsollError {
  return new PlimsollError({
    code: 'policy-broken',
    category: 'bug',
    message: `the policy wants ${desired} replicas, which is no number of them`,
  });
}
