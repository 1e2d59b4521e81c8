import type { Random } from '../../statistics/random.ts';
import { drawShare, type DemandForecast } from './demand/demand-forecast.ts';
import type { NamedReplicas } from '../named/named-task.ts';

/** One number with the limits between which it may lie. */
export interface Limits {
  readonly lower: number;
  readonly estimate: number;
  readonly upper: number;
}

/** What the policy held in the simulation of its evidence, over what the mean rate needs there. Each is 1 or more. */
export interface HeldFactors {
  /** Replicas at the peak. */
  readonly peak: Limits;
  /** Replicas on average. */
  readonly mean: number;
}

/** One service of a plan. */
export interface PlannedService {
  /** What one replica takes of a node; `count` is not read. */
  readonly row: NamedReplicas;
  readonly demand: DemandForecast;
  /** Factors of the weekdays, Sunday first; null for none. */
  readonly weekday: readonly number[] | null;
  /** Requests a second that one replica sustains; above 0. */
  readonly perReplica: Limits;
  readonly held: HeldFactors;
  /** Replicas that are there whatever comes. */
  readonly floor: number;
  /** `scaling.replicas.max`; null where nothing bounds them. */
  readonly atMost: number | null;
}

/** What is drawn once for all days of one draw. */
export interface NeedFactors {
  readonly perReplica: number;
  readonly peak: number;
}

export const estimateFactors = ({ perReplica, held }: PlannedService): NeedFactors => ({
  perReplica: perReplica.estimate,
  peak: held.peak.estimate,
});

/** Returns one draw of the factors: the rate log-uniform between its limits, the peak uniform. */
export function drawFactors({ perReplica, held: { peak } }: PlannedService, random: Random): NeedFactors {
  const [rateShare, peakShare] = [drawShare(random), drawShare(random)];
  return {
    perReplica: perReplica.lower * (perReplica.upper / perReplica.lower) ** rateShare,
    peak: peak.lower + (peak.upper - peak.lower) * peakShare,
  };
}

const rounding = 1e-9;

/**
 * Returns the replicas that the peak of a day with this mean rate needs: max(floor, ceil(rate * peak / rate of one replica)).
 *
 * Worked: 30 requests/s, a peak of 2.5, 14 requests/s of one replica: 5.36, so 6.
 */
export function needAtPeak(ratePerSecond: number, { perReplica, peak }: NeedFactors, floor: number): number {
  return Math.max(floor, Math.ceil((ratePerSecond * peak) / perReplica - rounding));
}

/** Returns the replicas that are held on average: max(floor, rate * mean factor / rate of one replica); not whole. */
export function needOnAverage(
  ratePerSecond: number,
  { perReplica }: NeedFactors,
  { floor, held }: Pick<PlannedService, 'floor' | 'held'>,
): number {
  return Math.max(floor, (ratePerSecond * held.mean) / perReplica);
}

/**
 * Returns what a simulation held beyond the mean.
 *
 * Replicas are whole, so the work behind a peak of n replicas is above n - 1 and at most n: the estimate is n - 1/2. A peak is
 * never below the mean.
 *
 * Worked: 20 requests/s on average, 14 requests/s a replica: the mean needs 1.43. A peak of 4 gives 3.5 / 1.43 = 2.45 (2.1 to
 * 2.8). 2.5 replicas on average give 1.75.
 */
export function heldFactors(shown: {
  readonly meanRatePerSecond: number;
  readonly perReplicaPerSecond: number;
  readonly peakReplicas: number;
  readonly meanReplicas: number;
}): HeldFactors {
  const { meanRatePerSecond, perReplicaPerSecond, peakReplicas, meanReplicas } = shown;
  const needed = meanRatePerSecond / perReplicaPerSecond;
  const over = (replicas: number): number => Math.max(1, replicas / needed);
  const peak = {
    lower: over(peakReplicas - 1),
    estimate: over(peakReplicas - 0.5),
    upper: over(peakReplicas),
  };
  return { peak, mean: Math.min(peak.estimate, over(meanReplicas)) };
}

/** Limits that are all one number. */
export const exactly = (value: number): Limits => ({ lower: value, estimate: value, upper: value });
