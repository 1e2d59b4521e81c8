import type { StreamedAnswer } from '../../core/capacity/streams/streamed-answer.ts';
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

export const orNull = (streamed: readonly StreamedAnswer[]): readonly StreamedAnswer[] | null =>
  streamed.length === 0 ? null : streamed;

/**
 * When each of so many answers came, with so many requests under way all the time, milliseconds since the beginning. The same
 * requests each time, so that two of these runs differ by the replica alone. Ends early after `atMostMs`, and at a failure.
 */
export async function answerEnds(
  { clock, signal }: LoadContext,
  ask: Ask,
  plan: { readonly concurrency: number; readonly requests: number; readonly atMostMs: number },
): Promise<readonly number[]> {
  const startMs = clock.monotonicMs();
  const endsMs: number[] = [];
  let [sent, isEnded] = [0, false];
  const worker = async (): Promise<void> => {
    while (!isEnded && sent < plan.requests) {
      signal.throwIfAborted();
      const at = sent;
      sent += 1;
      await ask(at).then(
        () => endsMs.push(clock.monotonicMs() - startMs),
        () => (isEnded = true),
      );
      isEnded ||= clock.monotonicMs() - startMs >= plan.atMostMs;
    }
  };
  await Promise.all(Array.from({ length: plan.concurrency }, worker));
  return endsMs;
}
