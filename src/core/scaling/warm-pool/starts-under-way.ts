import type { RecordedTime, StartOrder } from './start-order.ts';

/**
 * Returns the share of the recorded time in which n starts were ordered within the last `windowMs`, for n from 0 to the most. A spare
 * that a start took is replaced after that time, so that n spares are away. The shares add up to 1.
 *
 * Worked: one start at 10 s and two at 15 s, within 20 s, from 0 to 100 s: none for 75 s, one for 5 s (10 to 15), three for
 * 15 s (15 to 30), two for 5 s (30 to 35): 0.75, 0.05, 0.05, 0.15.
 */
export function findSharesUnderWay(
  orders: readonly StartOrder[],
  windowMs: number,
  { fromMs, toMs }: RecordedTime,
): readonly number[] {
  if (!(toMs > fromMs)) return [1];
  const within = (atMs: number): number => Math.min(toMs, Math.max(fromMs, atMs));
  const changes = orders.flatMap(({ atMs, starts }) => [
    { atMs: within(atMs), by: starts },
    { atMs: within(atMs + windowMs), by: -starts },
  ]);
  changes.sort((a, b) => a.atMs - b.atMs);
  const lastedMs: number[] = [0];
  let [sinceMs, count] = [fromMs, 0];
  const pass = (untilMs: number): void => {
    for (let n = lastedMs.length; n <= count; n += 1) lastedMs.push(0);
    lastedMs[count] = (lastedMs[count] ?? 0) + untilMs - sinceMs;
    sinceMs = untilMs;
  };
  for (const { atMs, by } of changes) {
    if (atMs > sinceMs) pass(atMs);
    count += by;
  }
  pass(toMs);
  return lastedMs.map((each) => each / (toMs - fromMs));
}
