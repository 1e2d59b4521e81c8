import { mserCut } from '../../statistics/fitting/mser.ts';

/**
 * Answers a second of a closed loop without its warm-up, which MSER-5 finds in the times between answers. Null of fewer than
 * two answers, or of no time.
 *
 * @param endsMs when each answer came, in order
 */
export function probeRate(endsMs: readonly number[]): number | null {
  const gaps = endsMs.slice(1).map((endMs, at) => endMs - (endsMs[at] ?? 0));
  const cut = mserCut(gaps);
  const [fromMs, toMs] = [endsMs[cut], endsMs.at(-1)];
  if (fromMs === undefined || toMs === undefined || toMs <= fromMs) return null;
  return (1_000 * (endsMs.length - 1 - cut)) / (toMs - fromMs);
}
