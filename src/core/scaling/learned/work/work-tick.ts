import type { ScalingSignals, WorkSignals } from '../../signals.ts';

/** Requests, and the units of work in them: one sum for each kind of the unit. */
export interface CountedUnits {
  readonly requests: number;
  readonly units: readonly number[];
}

/** Work between two readings of the signals. */
export interface WorkTick {
  readonly unit: WorkSignals['unit'];
  readonly elapsedMs: number;
  readonly answered: CountedUnits;
  /** What arrived; where that is told only by answers, what was answered. */
  readonly arrived: CountedUnits;
}

/** A reading longer ago than this says nothing of a mix that moves. */
const elapsedAtMostMs = 30_000;

/** Kinds of units that have a cost of their own: what is read and what is written for tokens, else one. */
export const kindsOf = (unit: WorkSignals['unit']): number => (unit === 'tokens' ? 2 : 1);

/**
 * Returns the work since the reading before; null where it is not known, or no fitting time passed.
 *
 * | unit | kinds | arrived |
 * |---|---|---|
 * | tokens, told apart | prompt, answer | as answered: only answers tell |
 * | rows, bytes | one | as arrived |
 *
 * @param beforeMs moment of the reading before; null for none
 */
export function readWorkTick(signals: ScalingSignals, beforeMs: number | null): WorkTick | null {
  const elapsedMs = beforeMs === null ? 0 : signals.atMs - beforeMs;
  const { work = null, completionsPerSecond, arrivalsPerSecond } = signals;
  if (!(elapsedMs > 0 && elapsedMs <= elapsedAtMostMs) || work === null || completionsPerSecond === null) return null;
  const completed = completedOf(work);
  if (completed === null) return null;
  const inTime = (perSecond: number): number => (perSecond * elapsedMs) / 1_000;
  const answered = { requests: inTime(completionsPerSecond), units: completed.map(inTime) };
  const { unit, arrivedPerSecond } = work;
  if (arrivedPerSecond === null || arrivalsPerSecond === null) {
    return { unit, elapsedMs, answered, arrived: answered };
  }
  return {
    unit,
    elapsedMs,
    answered,
    arrived: { requests: inTime(arrivalsPerSecond), units: [inTime(arrivedPerSecond)] },
  };
}

/** Null for tokens of which it is not told what was read and what was written: the two differ in cost by far. */
function completedOf({ unit, completedPerSecond, completedTokens }: WorkSignals): readonly number[] | null {
  if (unit !== 'tokens') return [completedPerSecond];
  return completedTokens === undefined ? null : [completedTokens.inPerSecond, completedTokens.outPerSecond];
}
