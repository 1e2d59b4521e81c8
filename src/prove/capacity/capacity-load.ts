import type { StreamedAnswer } from '../../core/capacity/streams/streamed-answer.ts';
import type { Random } from '../../core/statistics/random.ts';
import type { ProvingPorts } from '../ports.ts';

/** Sends one request and resolves with its answer, null of one that was not streamed; `at` counts them, so that each may be another. */
export type Ask = (at: number) => Promise<StreamedAnswer | null>;

export interface Times {
  /** Of each request that was counted, milliseconds; `Infinity` for one that failed. */
  readonly timesMs: readonly number[];
  /** The streamed ones among those that were counted and answered; null where none was streamed. */
  readonly streamed: readonly StreamedAnswer[] | null;
  readonly durationMs: number;
}

type LoadContext = Pick<ProvingPorts, 'clock' | 'signal'>;

/** A service that fails as fast as it is asked is not asked as fast; nor is one that answers at once asked for ever. */
const afterFailureMs = 10;
const requestsAtMost = 500_000;
/** A loop over slow requests goes on beyond its time, up to so many times of it, until each of them was answered twice. */
const longestFactor = 10;

/**
 * So many requests under way all the time. Counted is from the first answer after the warm-up to the first one after the
 * time is over, so that the window holds whole rounds.
 */
export async function closedLoop(
  { clock, signal }: LoadContext,
  ask: Ask,
  {
    concurrency,
    warmUpMs,
    measureMs,
  }: { readonly concurrency: number; readonly warmUpMs: number; readonly measureMs: number },
): Promise<Times> {
  const startMs = clock.monotonicMs();
  const timesMs: number[] = [];
  const streamed: StreamedAnswer[] = [];
  let [sent, fromMs, toMs] = [0, null as number | null, null as number | null];
  const isOver = (nowMs: number, beganMs: number): boolean =>
    nowMs - beganMs >= measureMs && (timesMs.length >= 2 * concurrency || nowMs - beganMs >= longestFactor * measureMs);
  const ended = (timeMs: number, answer: StreamedAnswer | null): void => {
    const nowMs = clock.monotonicMs();
    if (toMs !== null) return;
    if (fromMs !== null) {
      timesMs.push(timeMs);
      if (answer !== null) streamed.push(answer);
    } else if (nowMs - startMs >= warmUpMs) fromMs = nowMs;
    if (sent >= requestsAtMost || (fromMs !== null && isOver(nowMs, fromMs))) toMs = nowMs;
  };
  const worker = async (): Promise<void> => {
    while (toMs === null) {
      signal.throwIfAborted();
      const at = sent;
      sent += 1;
      const sentMs = clock.monotonicMs();
      const answer = await ask(at).catch(() => 'failed' as const);
      const failed = answer === 'failed';
      ended(failed ? Infinity : clock.monotonicMs() - sentMs, failed ? null : answer);
      if (failed) await clock.sleep(afterFailureMs, signal);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { timesMs, streamed: orNull(streamed), durationMs: (toMs ?? startMs) - (fromMs ?? startMs) };
}

const orNull = (streamed: readonly StreamedAnswer[]): readonly StreamedAnswer[] | null =>
  streamed.length === 0 ? null : streamed;

export interface OpenTimes extends Times {
  /** Time in which the client's own process stood still, so that nothing was sent that was due. */
  readonly stoodStillMs: number;
  /** Mean number of requests under way in the second half. */
  readonly underWay: number;
}

/** A timer wakes a little late. Later than that the client itself stood still, and the stream stands still with it. */
const timerMs = 2;
/** Requests before the queue is what it will be are sent and not counted. */
const warmUpShare = 0.05;
/** A client of this size would be a load of its own: a request more counts as one that failed. */
export const underWayAtMost = 256;
/** A share of the requests that is enough to know that the replica does not keep up. */
const refusedShare = 0.05;

/**
 * Requests as a Poisson stream, whatever the replica does: nothing is waited for before the next one is sent, so that a slow
 * service does not slow down what measures it ("coordinated omission"). Where the client's own process stood still, the
 * requests that were due meanwhile come later instead of all at once; the rate is of the time that it really took.
 */
export async function openLoop(
  { clock, signal }: LoadContext,
  ask: Ask,
  plan: { readonly perSecond: number; readonly requests: number; readonly atMostMs: number; readonly random: Random },
): Promise<OpenTimes> {
  const { perSecond, requests, atMostMs, random } = plan;
  const plannedMs = Math.min((1_000 * requests) / perSecond, atMostMs);
  const startMs = clock.monotonicMs();
  const countedFromMs = startMs + warmUpShare * plannedMs;
  const timesMs: number[] = [];
  const streamed: StreamedAnswer[] = [];
  const pending = new Set<Promise<void>>();
  const meter = underWayMeter(startMs + plannedMs / 2);
  let [dueMs, refused, stoodStillMs] = [startMs, 0, 0];
  const send = (at: number, sentMs: number, isCounted: boolean): void => {
    meter.changed(sentMs, 1);
    const request: Promise<void> = ask(at)
      .then(
        (answer) => {
          if (isCounted && answer !== null) streamed.push(answer);
          return clock.monotonicMs() - sentMs;
        },
        () => Infinity,
      )
      .then((timeMs) => {
        if (isCounted) timesMs.push(timeMs);
        meter.changed(clock.monotonicMs(), -1);
        pending.delete(request);
      });
    pending.add(request);
  };
  const refusedAtMost = Math.max(20, refusedShare * (plannedMs / 1_000) * perSecond);
  try {
    for (let at = 0; refused < refusedAtMost; at += 1) {
      dueMs -= (1_000 * Math.log(1 - random.nextShare())) / perSecond;
      if (dueMs - startMs > plannedMs) break;
      const waitMs = dueMs - clock.monotonicMs();
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      signal.throwIfAborted();
      const nowMs = clock.monotonicMs();
      if (nowMs - dueMs > timerMs) {
        stoodStillMs += nowMs - dueMs;
        dueMs = nowMs;
      }
      const isCounted = dueMs >= countedFromMs;
      if (pending.size < underWayAtMost) send(at, nowMs, isCounted);
      else {
        refused += 1;
        if (isCounted) timesMs.push(Infinity);
      }
    }
  } finally {
    meter.stop(clock.monotonicMs());
    await Promise.all(pending);
  }
  const toMs = refused < refusedAtMost ? startMs + plannedMs : dueMs;
  return {
    timesMs,
    streamed: orNull(streamed),
    durationMs: toMs - countedFromMs,
    stoodStillMs,
    underWay: meter.mean(),
  };
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
