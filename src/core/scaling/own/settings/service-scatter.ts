import type { ScalingSignals } from '../../signals.ts';

/** How far the times of requests with a replica scatter, by the mean times of readings. JSON-safe. */
export interface ServiceScatter {
  readonly readings: number;
  /** Answers that the mean rests on, and the mean, milliseconds. */
  readonly answers: number;
  readonly meanMs: number;
  /** Squared coefficient of variation of one request's time. */
  readonly squaredVariation: number;
}

export const noServices: ServiceScatter = { readings: 0, answers: 0, meanMs: 0, squaredVariation: 1 };

/** Readings that are remembered, and those before which nothing is believed. */
const [readingsKept, readingsNeeded] = [600, 120] as const;
const answersPerReading = 20;

/**
 * Returns the scatter after one more reading. The mean of n times varies by a n-th of what one time does, so n times the squared distance of
 * a reading's mean from the mean of all estimates that. Times that go up and down together, as of a batch or of a load that slows replicas
 * down, look as if they scattered more, which is the careful side.
 *
 * @param elapsedMs that the signals speak of
 */
export function observeServices(
  scatter: ServiceScatter,
  { serviceMs, completionsPerSecond }: Pick<ScalingSignals, 'serviceMs' | 'completionsPerSecond'>,
  elapsedMs: number,
): ServiceScatter {
  const count = Math.round(((completionsPerSecond ?? 0) * elapsedMs) / 1_000);
  if (serviceMs === null || !(serviceMs > 0) || count < 1) return scatter;
  const readings = Math.min(readingsKept, scatter.readings + 1);
  const answers = Math.min(answersPerReading * readingsKept, scatter.answers + count);
  const meanMs = scatter.meanMs + (Math.min(answers, count) / answers) * (serviceMs - scatter.meanMs);
  const squared = count * ((serviceMs - meanMs) / meanMs) ** 2;
  const squaredVariation =
    scatter.readings === 0 ? 1 : scatter.squaredVariation + (squared - scatter.squaredVariation) / readings;
  return { readings, answers, meanMs, squaredVariation };
}

/**
 * Returns the squared coefficient of variation of a service for the formula of queueing: 1, that of exponential times, while little was seen
 * and where times scatter more; what is beyond that the replays see as backlogs.
 */
export function serviceVariability({ readings, squaredVariation }: ServiceScatter): number {
  return readings < readingsNeeded ? 1 : Math.max(0, Math.min(1, squaredVariation));
}
