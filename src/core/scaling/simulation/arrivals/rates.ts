import type { VaryingRate } from './generated.ts';

/** A day and its night: `mean (1 + amplitude cos(2 pi (t - peak) / period))`; amplitude from 0 to 1. */
export function diurnalRate(rate: {
  readonly meanPerSecond: number;
  readonly amplitudeShare: number;
  readonly periodMs: number;
  /** When the rate is greatest, milliseconds after the beginning. */
  readonly peakAtMs: number;
}): VaryingRate {
  return {
    greatestPerSecond: rate.meanPerSecond * (1 + rate.amplitudeShare),
    perSecondAt: (atMs) => {
      const angle = (2 * Math.PI * (atMs - rate.peakAtMs)) / rate.periodMs;
      return rate.meanPerSecond * (1 + rate.amplitudeShare * Math.cos(angle));
    },
  };
}

/**
 * A crowd that comes at once: from `atMs` the rate goes up in a straight line over `rampMs` to `factor` times the base, stays
 * for `lastingMs`, and goes down as it came.
 */
export function flashRate(rate: {
  readonly basePerSecond: number;
  readonly factor: number;
  readonly atMs: number;
  readonly lastingMs: number;
  readonly rampMs: number;
}): VaryingRate {
  const { basePerSecond, factor, rampMs } = rate;
  const fullAtMs = rate.atMs + rampMs;
  const fallsAtMs = fullAtMs + rate.lastingMs;
  const shareAt = (atMs: number): number => {
    if (atMs < rate.atMs || atMs >= fallsAtMs + rampMs) return 0;
    if (atMs < fullAtMs) return (atMs - rate.atMs) / rampMs;
    return atMs < fallsAtMs ? 1 : 1 - (atMs - fallsAtMs) / rampMs;
  };
  return {
    greatestPerSecond: basePerSecond * Math.max(1, factor),
    perSecondAt: (atMs) => basePerSecond * (1 + (factor - 1) * shareAt(atMs)),
  };
}
