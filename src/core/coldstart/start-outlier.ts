import type { Phase } from '../contract/contract.ts';
import { groupMs, phaseGroups } from '../evidence/kinds/cold-start/start-groups.ts';
import { studentTwoSided } from '../statistics/distributions/student-t.ts';
import { formatElapsed } from '../units/quantity/quantity-duration.ts';
import type { ObservedStart } from './start-distribution.ts';

/** How often one start of the same distribution is said to leave it. */
export const falseAlarmShare = 0.01;
/** With fewer starts nothing can be said of a further one. */
export const leastReference = 10;

export interface StartDeparture {
  /** Empty where it is the whole start. */
  readonly phases: readonly Phase[];
  readonly tookMs: number;
  readonly limitMs: number;
  /** One sentence with the numbers. */
  readonly reason: string;
}

/**
 * Where a further start took longer than starts of the same distribution do: the whole of it, and each phase, all together with
 * at most the false alarm share (half of it for the whole, the other half among the phases). Only starts that became ready are
 * compared with; one that failed or still runs leaves the distribution as soon as it has lasted longer than the limit. Empty
 * where it does not leave it, or where there are too few starts to say.
 */
export function startDepartures(
  start: ObservedStart,
  reference: readonly ObservedStart[],
  alarmShare = falseAlarmShare,
): readonly StartDeparture[] {
  const ready = reference.filter(({ outcome }) => outcome === 'ready');
  if (ready.length < leastReference) return [];
  const groups = phaseGroups([...ready, start]);
  const compare = (
    phases: readonly Phase[],
    tookMs: number | null,
    times: readonly number[],
    share: number,
  ): readonly StartDeparture[] => {
    if (tookMs === null || times.length < leastReference) return [];
    const limitMs = predictionLimit(times, share);
    if (tookMs <= limitMs) return [];
    const what = phases.length === 0 ? 'the whole start' : phases.join(' + ');
    const lasting = start.outcome === 'ready' || phases.length > 0 ? 'took' : 'has lasted';
    const reason = `${what} ${lasting} ${formatElapsed(tookMs)}; ${times.length} measured starts say at most ${formatElapsed(limitMs)}`;
    return [{ phases, tookMs, limitMs, reason }];
  };
  return [
    ...compare(
      [],
      start.totalMs,
      ready.map(({ totalMs }) => totalMs),
      alarmShare / 2,
    ),
    ...groups.flatMap((group) => {
      const times = ready.map((each) => groupMs(each, group)).filter((ms) => ms !== null);
      return compare(group, groupMs(start, group), times, alarmShare / 2 / groups.length);
    }),
  ];
}

/**
 * Upper prediction limit of one further observation. From (1 - a) / a observations on it is the order statistic with
 * P(beyond) <= a for any distribution; with fewer, the limit of a log-normal distribution, and never less than the largest,
 * which one further observation exceeds once in n + 1 whatever the distribution is.
 */
export function predictionLimit(times: readonly number[], share: number): number {
  const n = times.length;
  const sorted = times.toSorted((a, b) => a - b);
  const rank = Math.ceil((n + 1) * (1 - share));
  if (rank <= n) return sorted[rank - 1] ?? Infinity;
  // A phase may take no time at all; a tenth of a millisecond is what is measured.
  const logs = times.map((ms) => Math.log(Math.max(ms, 0.1)));
  const mean = logs.reduce((sum, log) => sum + log, 0) / n;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (n - 1);
  const limit = Math.exp(mean + studentTwoSided(1 - 2 * share, n - 1) * Math.sqrt(variance * (1 + 1 / n)));
  return Math.max(limit, sorted.at(-1) ?? Infinity);
}
