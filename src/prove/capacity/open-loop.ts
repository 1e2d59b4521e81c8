import type { StreamedAnswer } from '../../core/capacity/streams/streamed-answer.ts';
import type { SentRequest } from '../../core/capacity/sustained/horizon-growth.ts';
import type { ProvingPorts } from '../ports.ts';
import { orNull, type Ask } from './closed-loop.ts';

/** What is sent, and what of it counts. */
export interface OpenPlan {
  /** When each request is due since the beginning, milliseconds, in order. */
  readonly dueMs: readonly number[];
  readonly durationMs: number;
  /** Requests that are due before are sent and do not count: the queue is not yet what it will be. */
  readonly countedFromMs: number;
  /** Ends the run: more requests than these are later than a limit. Empty: it goes on to its end. */
  readonly lateAllowed: readonly { readonly limitMs: number; readonly atMost: number }[];
  /** Ends the run likewise: so many requests were not sent, because too many are under way. */
  readonly refusedAtMost: number;
}

export interface OpenTimes {
  /** Of each request that counts, in the order in which they were due, milliseconds; `Infinity` for one that failed. */
  readonly timesMs: readonly number[];
  /** Each request that was sent and ended, those that do not count included, in the order in which they were due. */
  readonly sent: readonly SentRequest[];
  /** The streamed ones among those that count and were answered, their times from when each was due; null where none was streamed. */
  readonly streamed: readonly StreamedAnswer[] | null;
  /** From when requests count to the end; shorter than planned where the run was ended. */
  readonly durationMs: number;
  /** Requests that count and were not due yet when the run was ended. */
  readonly unseen: number;
  /** Requests that count and were not sent. They failed. */
  readonly refused: number;
  /** Mean number of requests under way in the second half. */
  readonly underWay: number;
  /** Median time that requests were sent after they were due, milliseconds. */
  readonly sendDelayMs: number;
}

/** A timer wakes a little late: up to this much is the clock's and not the service's. */
const timerMs = 2;
/** A client of this size would be a load of its own: a request more counts as one that failed. */
export const underWayAtMost = 256;

/**
 * Sends requests when they are due, whatever the replica does. Nothing is waited for before the next one is sent, and times
 * count from when a request was due. So neither a slow service nor a client that stood still hides how long requests would
 * have waited ("coordinated omission").
 */
export async function openLoop(
  { clock, signal }: Pick<ProvingPorts, 'clock' | 'signal'>,
  ask: Ask,
  { dueMs, durationMs, countedFromMs, lateAllowed, refusedAtMost }: OpenPlan,
): Promise<OpenTimes> {
  const startMs = clock.monotonicMs();
  const times = new Map<number, number>();
  const streamed: StreamedAnswer[] = [];
  const delays: number[] = [];
  const late = lateAllowed.map(() => 0);
  const pending = new Set<Promise<void>>();
  const meter = underWayMeter(startMs + durationMs / 2);
  let [refused, refusedOfCounted, isEnded, endedMs] = [0, 0, false, durationMs];
  const count = (at: number, timeMs: number): void => {
    times.set(at, timeMs);
    if ((dueMs[at] ?? 0) < countedFromMs) return;
    for (const [index, { limitMs, atMost }] of lateAllowed.entries()) {
      if (timeMs > limitMs && (late[index] = (late[index] ?? 0) + 1) > atMost) isEnded = true;
    }
  };
  const send = (at: number, fromMs: number): void => {
    const sentMs = clock.monotonicMs();
    meter.changed(sentMs, 1);
    const request: Promise<void> = ask(at)
      .then(
        (answer) => {
          if (answer !== null && (dueMs[at] ?? 0) >= countedFromMs) streamed.push(sinceDue(answer, sentMs - fromMs));
          return clock.monotonicMs() - fromMs;
        },
        () => Infinity,
      )
      .then((timeMs) => {
        count(at, timeMs);
        meter.changed(clock.monotonicMs(), -1);
        pending.delete(request);
      });
    pending.add(request);
  };
  try {
    for (const [at, offsetMs] of dueMs.entries()) {
      const waitMs = startMs + offsetMs - clock.monotonicMs();
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      signal.throwIfAborted();
      isEnded ||= refused > refusedAtMost;
      if (isEnded) {
        endedMs = offsetMs;
        break;
      }
      const nowMs = clock.monotonicMs();
      const delayMs = Math.max(0, nowMs - startMs - offsetMs);
      delays.push(delayMs);
      if (pending.size < underWayAtMost) send(at, delayMs <= timerMs ? nowMs : startMs + offsetMs);
      else {
        refused += 1;
        if (offsetMs >= countedFromMs) refusedOfCounted += 1;
        count(at, Infinity);
      }
    }
  } finally {
    meter.stop(clock.monotonicMs());
    await Promise.all(pending);
  }
  const counted = dueMs.flatMap((offsetMs, at) => (offsetMs >= countedFromMs ? [at] : []));
  const timesMs = counted.flatMap((at) => times.get(at) ?? []);
  return {
    timesMs,
    sent: dueMs.flatMap((offsetMs, at) => {
      const timeMs = times.get(at);
      return timeMs === undefined ? [] : [{ dueMs: offsetMs, timeMs }];
    }),
    streamed: orNull(streamed),
    durationMs: Math.max(0, endedMs - countedFromMs),
    unseen: counted.length - timesMs.length,
    refused: refusedOfCounted,
    underWay: meter.mean(),
    sendDelayMs: medianOf(delays),
  };
}

const sinceDue = (answer: StreamedAnswer, lateMs: number): StreamedAnswer => ({
  ...answer,
  ttftMs: answer.ttftMs + lateMs,
  lastTokenMs: answer.lastTokenMs + lateMs,
});

function medianOf(values: readonly number[]): number {
  return Float64Array.from(values).sort()[Math.floor(values.length / 2)] ?? 0;
}

/** Mean of a number that changes, over the time from a moment on; over all of it when that moment never came. */
function underWayMeter(fromMs: number) {
  let [count, lastMs, area, beganMs] = [0, null as number | null, 0, null as number | null];
  let isStopped = false;
  const advance = (nowMs: number): void => {
    if (lastMs === null) beganMs = nowMs;
    else {
      area += count * (nowMs - lastMs);
      if (lastMs < fromMs && nowMs >= fromMs) {
        area = count * (nowMs - fromMs);
        beganMs = fromMs;
      }
    }
    lastMs = nowMs;
  };
  return {
    changed(nowMs: number, by: number): void {
      if (!isStopped) advance(nowMs);
      count += by;
    },
    stop(nowMs: number): void {
      advance(nowMs);
      isStopped = true;
    },
    mean(): number {
      const durationMs = (lastMs ?? 0) - (beganMs ?? 0);
      return durationMs > 0 ? area / durationMs : 0;
    },
  };
}
