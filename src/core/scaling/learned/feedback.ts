/** Replicas by what the queue does, and by no evidence. JSON-safe. */
export interface Feedback {
  /** A fraction. */
  readonly replicas: number;
  /** Requests a second that a ready replica answered while requests waited; null before that was seen. */
  readonly answeredPerSecond: number | null;
  /** Requests that waited at the last decision. */
  readonly backlog: number;
  /** Starts for which requests were late although nothing loads any more, 0 to 2: the integral. */
  readonly lateStarts: number;
}

/** What was seen of the queue between two decisions. */
export interface QueueTick {
  readonly elapsedMs: number;
  readonly late: boolean;
  readonly backlog: number;
  /** Since the decision before. */
  readonly arrivals: number;
  /** Smoothed. */
  readonly arrivalsPerSecond: number;
  /** Null where it is not known. */
  readonly answersPerSecond: number | null;
  readonly ready: number;
  /** Ready and loading. */
  readonly present: number;
  readonly startMs: number;
  readonly drainMs: number;
}

/** What a replica answers while requests wait is the mean of so long. */
const answeredMs = 20_000;
const lateStartsAtMost = 2;
const perLateStart = 0.5;
/** Without a late request so much of it goes in a start. */
const givenBackShare = 0.1;
/** A replica that hardly answers at all is not divided by: at most so many times the ready ones are asked for. */
const growthAtMost = 4;

/** Takes over from the replicas that there are, so that nothing jumps. */
export const beginFeedback = (present: number, backlog: number): Feedback => ({
  replicas: present,
  backlog,
  answeredPerSecond: null,
  lateStarts: 0,
});

/**
 * Returns the replicas after one more tick: what arrives and the backlog, drained in `drainMs`, over what a replica was seen to answer
 * (the proportional part), and half as many more for each start for which requests stayed late with nothing loading (the integral). Never less
 * than before while requests are late; a tenth less a start while none are.
 */
export function followQueue(before: Feedback, tick: QueueTick): Feedback {
  const { elapsedMs, late, backlog, ready, present, startMs, drainMs } = tick;
  const answeredPerSecond = answeredOf(before, tick);
  const waited = late && present <= ready ? elapsedMs / startMs : late ? 0 : -elapsedMs / startMs;
  const lateStarts = Math.max(0, Math.min(lateStartsAtMost, before.lateStarts + waited));
  const asked = tick.arrivalsPerSecond + (late ? (backlog * 1_000) / drainMs : 0);
  const most = growthAtMost * Math.max(1, ready);
  const needed =
    answeredPerSecond === null ? (late ? ready + 1 : 0) : (asked / answeredPerSecond) * (1 + perLateStart * lateStarts);
  const kept = late
    ? before.replicas
    : before.replicas * Math.exp((Math.log(1 - givenBackShare) * elapsedMs) / startMs);
  return { replicas: Math.max(kept, Math.min(most, needed)), answeredPerSecond, backlog, lateStarts };
}

/**
 * What a ready replica answers. Where nothing waits replicas may be idle: what they answer then says nothing of what they could. Where answers are
 * not counted they are what arrived less what the queue grew by.
 */
function answeredOf(
  before: Feedback,
  { answersPerSecond, arrivals, backlog, ready, elapsedMs }: QueueTick,
): number | null {
  const { answeredPerSecond } = before;
  if (backlog < ready || before.backlog < ready || ready === 0 || elapsedMs <= 0) return answeredPerSecond;
  const counted = answersPerSecond ?? Math.max(0, ((arrivals - (backlog - before.backlog)) * 1_000) / elapsedMs);
  const now = counted / ready;
  if (answeredPerSecond === null) return now > 0 ? now : null;
  const share = 1 - Math.exp(-elapsedMs / answeredMs);
  return answeredPerSecond + share * (now - answeredPerSecond);
}
