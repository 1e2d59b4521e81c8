import { addPromise, evidenceOf, noEvidence, withoutCapital, type EvidenceAgainst } from './evidence-against.ts';
import { beginFeedback, followQueue, type Feedback, type QueueTick } from './feedback.ts';
import { checkPromise, makePromise, type Promised, type PromiseTerms, type PromiseTick } from './promise.ts';

/** Whether the evidence, with what was learned of it, is still believed. JSON-safe. */
export interface Doubt {
  readonly against: EvidenceAgainst;
  readonly promise: Promised | null;
  /** Null while it is believed. */
  readonly distrust: Distrust | null;
}

interface Distrust {
  readonly sinceMs: number;
  readonly feedback: Feedback;
  /** Promises that were kept while the belief asked for no less than the feedback, one after the other. */
  readonly kept: number;
}

/** Right evidence is ever doubted with a probability of at most this. */
export const alpha = 0.05;
/** Promises that have to be kept one after the other: were each kept by a coin, all of them were with a probability of 1/32. */
const keptNeeded = 5;

export const beginDoubt: Doubt = { against: noEvidence, promise: null, distrust: null };

/** What a decision says of itself. */
export interface DoubtTick extends PromiseTick, QueueTick {
  /** Replicas (a fraction) that the belief asks for. */
  readonly own: number;
  /** What is believed has just moved: what was promised by the belief before says nothing of it. */
  readonly moved: boolean;
}

/**
 * Returns the doubt after one more decision. Promises are made one at a time and checked when they are due. Once they are broken more
 * often than right evidence allows, the feedback takes over from the replicas that there are; it gives back after five promises in a row were kept
 * while the belief asked for as many replicas as the feedback.
 */
export function doubtOn(doubt: Doubt, tick: DoubtTick, terms: PromiseTerms): Doubt {
  const checked = checkOn(doubt, tick, terms);
  if (checked.distrust === null) return checked;
  const feedback = followQueue(checked.distrust.feedback, tick);
  return { ...checked, distrust: { ...checked.distrust, feedback } };
}

function checkOn(doubt: Doubt, tick: DoubtTick, terms: PromiseTerms): Doubt {
  const { against, promise, distrust } = doubt;
  if (tick.moved) return { against: withoutCapital(against), promise: null, distrust };
  if (promise === null) {
    const made = makePromise(tick, terms);
    return made === null ? doubt : { ...doubt, promise: made };
  }
  const checked = checkPromise(promise, tick, terms.allowedLateShare);
  if ('open' in checked) return checked.open === promise ? doubt : { ...doubt, promise: checked.open };
  if (distrust !== null) {
    const agrees = tick.own >= distrust.feedback.replicas - 1;
    const kept = checked.kept && agrees ? distrust.kept + 1 : 0;
    if (kept >= keptNeeded) return { against: withoutCapital(against), promise: null, distrust: null };
    return { against, promise: null, distrust: { ...distrust, kept } };
  }
  const now = addPromise(against, checked.factor);
  if (evidenceOf(now) < 1 / alpha) return { against: now, promise: null, distrust: null };
  const begun = { sinceMs: tick.atMs, feedback: beginFeedback(tick.present, tick.backlog), kept: 0 };
  return { against: withoutCapital(now), promise: null, distrust: begun };
}
