import type { SignalSample } from '../../../src/schemas/view/view.ts';
import { useClock } from '../live/use-live.ts';

/** A sample comes once a second, and takes a moment. */
const lateMs = 1_500;

/**
 * The newest second that could have been heard of, in milliseconds of the control plane's clock: the right edge of a
 * chart. A steady stream leaves no gap there and moves it by itself; the clock moves it once nothing comes any more.
 */
export function useHeardUntil(samples: readonly SignalSample[]): number {
  const newestMs = samples.at(-1)?.atMs ?? 0;
  return useClock((nowMs) => Math.max(newestMs, nowMs - lateMs));
}
