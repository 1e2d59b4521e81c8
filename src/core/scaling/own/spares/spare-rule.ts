import { meanReadyTimeMs, readyTimeMs } from '../../../coldstart/start-times.ts';
import type { PolicyInput } from '../../policy.ts';
import { presentReplicas, type PresentReplicas } from '../in-flight.ts';
import { sizeForBacklog, type BacklogOutlook } from '../size-rule.ts';

/** Spares as one turn plans with them. */
export interface SpareGround {
  readonly free: number;
  readonly found: number;
  /** Until an order that takes a spare can be relied on to serve, and until it serves on the mean, milliseconds. */
  readonly startMs: number;
  readonly meanStartMs: number;
  /** The same with the time until it is decided on again, milliseconds. */
  readonly horizonMs: number;
  /** Replicas by what is expected of them within that horizon. */
  readonly present: PresentReplicas;
}

/**
 * Returns the spares that a turn plans with.
 *
 * | known of spares | a turn plans with |
 * |---|---|
 * | nothing, or no start with one | none |
 * | a start with one takes as long as one without | none |
 * | a start with one is shorter | those that are free now, and those that are found nearly always |
 *
 * @param longMs start without a spare, milliseconds, of the same quantile
 */
export function readSpareGround(
  { spares, starts, replicas, nowMs }: PolicyInput,
  longMs: number,
  { quantile, decidedMs }: { readonly quantile: number; readonly decidedMs: number },
): SpareGround | null {
  if (spares === undefined) return null;
  const startMs = readyTimeMs(spares.starts, quantile);
  if (!(startMs > 0 && startMs < longMs)) return null;
  const horizonMs = startMs + decidedMs;
  return {
    free: spares.free,
    found: spares.found,
    startMs,
    meanStartMs: meanReadyTimeMs(spares.starts),
    horizonMs,
    present: presentReplicas(replicas, starts, nowMs, horizonMs, spares.starts),
  };
}

/**
 * Returns the replicas (a fraction) that need not be ordered yet. What the demand wants one whole start ahead, and does not want one start with
 * a spare ahead, can wait until then, as far as spares are free.
 *
 * Worked: 5 replicas are wanted in 40 s and 3.5 in 5 s. With 1 spare free 1 is left to it, with 3 free 1.5 are.
 */
export const leaveToSpares = (wanted: number, wantedSoon: number, free: number): number =>
  Math.max(0, Math.min(free, wanted - wantedSoon));

/**
 * Returns the replicas (a fraction) more that drain a backlog, where the first `free` of them are there after a start with a spare. They find more
 * of the backlog left, and have less time to drain it in, so that more of them are worth their price. Those beyond the spares come too late
 * for that: of them as many are wanted as without spares.
 *
 * Worked: without spares 2 are wanted; with a start of 5 s 6 would be. With 4 free it is 4, with 1 free 2.
 */
export function sizeForBacklogWithSpares(
  backlog: number,
  outlook: BacklogOutlook,
  soon: { readonly free: number; readonly sparePerSecond: number; readonly startMs: number },
): number {
  const whole = sizeForBacklog(backlog, outlook);
  if (soon.free === 0 || backlog === 0) return whole;
  const { sparePerSecond, startMs } = soon;
  return Math.max(whole, Math.min(soon.free, sizeForBacklog(backlog, { ...outlook, sparePerSecond, startMs })));
}
