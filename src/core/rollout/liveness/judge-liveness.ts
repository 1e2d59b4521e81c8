/**
 * What was seen of one replica, in milliseconds of watched time: time in which the control plane took turns. A gap between two turns
 * (it was suspended, or stopped) is no watched time.
 */
export interface LivenessEvidence {
  /** Since a byte or an end of an answer, or a counter of the engine, last moved; since the watch began, where none has. */
  readonly quietMs: number;
  /** Of that, while a request was with the replica that its client waited for and that had no byte of an answer. */
  readonly unansweredMs: number;
  /** Such requests in that time, those that were given up among them. */
  readonly unanswered: number;
  /** With it now. */
  readonly requests: number;
  /** Since the probe through the engine was last answered, while a probe was under way or failed; 0 after an answer. */
  readonly probeSilentMs: number;
  /** There is a probe through its engine. */
  readonly isProbed: boolean;
  /** A counter of the engine moved before: work on requests that were given up is then seen. One long batch or prefill is not. */
  readonly isProgressVisible: boolean;
  /**
   * How long the requests that it has, and those that were given up since something moved, take by the mean of its last answers: a server
   * that does not notice that a client left works on. Of a probe that waits, those count that stand before it. 0 where none is known.
   */
  readonly queuedMs: number;
  /** The longest answer that gateways saw of it, and the longest that was allowed lately; 0 where none is known. */
  readonly seenAnswerMs: number;
  readonly allowedAnswerMs: number;
  /** The longest answer to a probe in the last hour. */
  readonly seenProbeMs: number;
  /** The last answer to a probe. */
  readonly lastProbeMs: number;
  /**
   * The longest time lately between two moves while a request was with it; with a server that tells no counters also the longest wait for a
   * first byte. Null where progress is not visible: too little moved so far, a request may be a long one, or its last answers took three
   * times as long as usual.
   */
  readonly stepMs: number | null;
}

export type Liveness =
  | { readonly verdict: 'busy' | 'idle' }
  | {
      readonly verdict: 'stuck';
      readonly cause: 'silent' | 'probe-only';
      readonly limitMs: number;
      readonly reason: string;
    };

/** How long a replica may be silent where the contract does not say it, milliseconds. */
export const defaultStuckAfterMs = 60_000;
const timesLongest = 3;
/** Batches may become so much slower at once. */
const timesStep = 10;
/** A request may be wrong; several in a row that get not a byte are the replica. */
const unansweredAtLeast = 3;
/** A server that answered nobody for so long is ended, whatever is queued in it: a server that stands still shows the same. */
export const queuedAtMostMs = 1_800_000;
/** A client alone may not ask for a longer patience. */
const allowedAtMostMs = 600_000;

/**
 * Returns whether a replica that was ready once is busy, idle or stuck. First match decides:
 *
 * | an answer or a counter moved within the limit | the probe | requests | verdict |
 * |---|---|---|---|
 * | no | silent for the limit | any | stuck: silent |
 * | no | answered, in a third of what clients wait | three or more without a byte for the limit | stuck: answers its probe alone |
 * | no | there is none | three or more without a byte for the limit | stuck: silent |
 * | any | any | some | busy |
 * | any | any | none | idle |
 *
 * The limit is `findStuckLimit`. A byte a second is progress: such a replica is slow, and its requests end by their deadlines.
 */
export function judgeLiveness(evidence: LivenessEvidence, stuckAfterMs: number): Liveness {
  const limitMs = findStuckLimit(evidence, stuckAfterMs);
  const { quietMs, probeSilentMs, unansweredMs, unanswered } = evidence;
  if (quietMs >= limitMs && probeSilentMs >= limitMs) {
    const reason = `nothing moved for ${seconds(quietMs)}, and its probe has no answer for ${seconds(probeSilentMs)} (limit ${seconds(limitMs)})`;
    return { verdict: 'stuck', cause: 'silent', limitMs, reason };
  }
  // Where a probe takes as long as clients wait, they are behind a queue: nobody passes them by.
  const isPassedBy = !evidence.isProbed || timesLongest * evidence.lastProbeMs <= evidence.allowedAnswerMs;
  const isUnanswered = unansweredMs >= limitMs && unanswered >= unansweredAtLeast;
  if (quietMs >= limitMs && probeSilentMs === 0 && isUnanswered && isPassedBy) {
    const alone = evidence.isProbed ? 'it answers its probe alone' : 'nothing moved';
    const reason = `${alone}: ${unanswered} requests got not a byte in ${seconds(unansweredMs)} (limit ${seconds(limitMs)})`;
    return { verdict: 'stuck', cause: evidence.isProbed ? 'probe-only' : 'silent', limitMs, reason };
  }
  return { verdict: evidence.requests > 0 ? 'busy' : 'idle' };
}

/**
 * Returns how long nothing may move, milliseconds:
 *
 * | progress | limit |
 * |---|---|
 * | visible: answers, bytes or counters moved all the time | `stuckAfter`, or ten times the longest step, up to what follows |
 * | not visible: one long answer may be under way | `stuckAfter`, or three times the longest answer that is allowed or was seen |
 * | either | three times the work added that stands before the probe; at least three times the longest probe |
 * | either, without a probe | the work of all that waits or was given up added |
 *
 * Worked, with `stuckAfter` 60 s and a deadline of 30 s: 60 s for an idle replica and for one that answered each second, 80 s for one with
 * batches of 8 s, 90 s for one that nobody knows yet, 300 s where it took 100 s for an answer before and nothing moved meanwhile.
 */
export function findStuckLimit(evidence: LivenessEvidence, stuckAfterMs: number): number {
  const { unansweredMs, isProgressVisible, seenAnswerMs, allowedAnswerMs, seenProbeMs, stepMs } = evidence;
  const allowedMs = unansweredMs > 0 ? Math.min(allowedAnswerMs, allowedAtMostMs) : 0;
  // What comes later stands behind a probe. Without one nothing shows how far the queue went.
  const timesQueued = evidence.isProbed ? timesLongest : 1;
  const queuedMs = isProgressVisible ? 0 : Math.min(timesQueued * evidence.queuedMs, queuedAtMostMs);
  const longestMs = timesLongest * Math.max(seenAnswerMs, allowedMs);
  const answerMs = stepMs === null ? longestMs : Math.min(longestMs, timesStep * stepMs);
  // A long answer may stand before what is queued.
  return Math.max(stuckAfterMs, queuedMs + answerMs, timesLongest * seenProbeMs);
}

const seconds = (durationMs: number): string => `${Math.round(durationMs / 100) / 10} s`;
