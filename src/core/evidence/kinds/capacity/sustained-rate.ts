import { quantileWords } from '../../../contract/objective/capacity-objective.ts';
import type { QuantileBudget } from '../../../contract/contract.ts';
import { clopperPearson } from '../../../statistics/distributions/binomial.ts';
import { sampleForUpperLimit } from '../../../statistics/limits/order-limits.ts';
import {
  answeredPerSecond,
  capacityConfidenceShare,
  levelOf,
  sentPerSecond,
  type CapacityMeasurements,
  type ClosedLevel,
  type MeasuredLoad,
  type OpenRun,
} from './capacity-measurements.ts';
import { missedWords } from './objective-words.ts';

/**
 * What one load says about an objective.
 *
 * | word | meaning |
 * |---|---|
 * | holds | the upper limit of each quantile is inside |
 * | misses | the lower limit of one is outside |
 * | undecided | neither: more requests would decide |
 */
export type LoadStanding = 'holds' | 'misses' | 'undecided' | 'not-measured';

export function standingOf({ quantiles, requests, failed }: MeasuredLoad, objective: QuantileBudget): LoadStanding {
  let standing: LoadStanding = 'holds';
  const failedAtLeastShare = clopperPearson(failed, requests, capacityConfidenceShare).lower;
  for (const [name, limitMs] of Object.entries(objective)) {
    const measured = quantiles[name];
    if (measured === undefined) return 'not-measured';
    if ((measured.lowerMs ?? 0) > limitMs || failedAtLeastShare > 1 - levelOf(name)) return 'misses';
    if (measured.upperMs === null || measured.upperMs > limitMs) standing = 'undecided';
  }
  return standing;
}

/** A service that adds less than this share of throughput from one level to the next is at its knee. */
const kneeGrowthShare = 0.05;
/** Without an objective a rate is sustained while no more requests than so many times those of the knee are under way. */
const underWayFactor = 4;
/** Without an objective there is no quantile that says how many requests are enough. */
export const requestsWithoutObjective = 100;

/** The level beyond which throughput grows by less than 5%. */
export function kneeOf(closed: readonly ClosedLevel[]): ClosedLevel | null {
  const at = closed.findIndex((level, index) => {
    const next = closed[index + 1];
    return next === undefined || answeredPerSecond(next) < (1 + kneeGrowthShare) * answeredPerSecond(level);
  });
  return closed[at] ?? null;
}

/** Whether an open-loop run held: inside the objective, or, without one, with no failure and a queue that does not grow. */
export function standingOfRun(
  run: OpenRun,
  objective: QuantileBudget | null,
  closed: readonly ClosedLevel[],
): LoadStanding {
  if (objective !== null) return standingOf(run, objective);
  if (kneeOf(closed) === null) return 'undecided';
  if (run.failed > 0 || run.underWay > underWayWithoutObjective(closed)) return 'misses';
  return run.requests >= requestsWithoutObjective ? 'holds' : 'undecided';
}

/** The largest rate at which one replica is inside the objective, or why there is none. */
export type SustainedRate =
  | { readonly kind: 'sustained'; readonly run: OpenRun }
  | { readonly kind: 'missed' | 'undecided' | 'not-measured'; readonly reason: string };

/**
 * The largest rate of the open-loop runs that holds, below the smallest that misses. Closed loops do not count for it: they
 * slow down with the replica and so hide how a queue grows. They say that there is none where even one request at a time
 * misses the objective.
 */
export function sustainedRate(
  { closed, open }: Pick<CapacityMeasurements, 'closed' | 'open'>,
  objective: QuantileBudget | null,
): SustainedRate {
  const none = whyNoRate(closed, objective);
  if (none !== null) return none;
  const standings = open.map((run) => ({ run, standing: standingOfRun(run, objective, closed) }));
  const missed = standings.filter(({ standing }) => standing === 'misses').map(({ run }) => sentPerSecond(run));
  const bound = Math.min(Infinity, ...missed);
  const held = standings.filter(({ run, standing }) => standing === 'holds' && sentPerSecond(run) < bound);
  const [largest] = held.map(({ run }) => run).toSorted((a, b) => sentPerSecond(b) - sentPerSecond(a));
  if (largest !== undefined) return { kind: 'sustained', run: largest };
  return { kind: 'undecided', reason: whyUndecided(open, objective, bound) };
}

/** Why no rate can be inside the objective, or why nothing says so; null where a rate may be. */
export function whyNoRate(
  closed: readonly ClosedLevel[],
  objective: QuantileBudget | null,
): { readonly kind: 'missed' | 'not-measured'; readonly reason: string } | null {
  const single = closed[0];
  if (single === undefined) return { kind: 'not-measured', reason: 'nothing was measured' };
  const absent = objective === null ? undefined : Object.keys(objective).find((name) => !isMeasuredIn(single, name));
  if (absent !== undefined) return { kind: 'not-measured', reason: `${quantileWords(absent)} was not measured` };
  const alone = missedAlone(single, objective);
  return alone === null ? null : { kind: 'missed', reason: alone };
}

/** Without an objective a rate is sustained while at most so many requests are under way; 0 of no closed loop. */
export function underWayWithoutObjective(closed: readonly ClosedLevel[]): number {
  return underWayFactor * (kneeOf(closed)?.concurrency ?? 0);
}

const isMeasuredIn = ({ quantiles }: MeasuredLoad, name: string): boolean => quantiles[name] !== undefined;

function missedAlone(single: ClosedLevel, objective: QuantileBudget | null): string | null {
  const { concurrency, requests, failed, quantiles } = single;
  if (concurrency !== 1) return null;
  if (failed === requests) return `none of ${requests} requests was answered, one at a time`;
  if (objective === null || standingOf(single, objective) !== 'misses') return null;
  const missed = Object.entries(objective).find(([name, limitMs]) => (quantiles[name]?.lowerMs ?? 0) > limitMs);
  if (missed === undefined) return `${failed} of ${requests} requests failed, one at a time`;
  const [name, limitMs] = missed;
  return `${missedWords(name, quantiles[name]?.lowerMs ?? 0, limitMs)} (${requests} requests)`;
}

function whyUndecided(open: readonly OpenRun[], objective: QuantileBudget | null, bound: number): string {
  const most = Math.max(0, ...open.map(({ requests }) => requests));
  const needed = requestsNeeded(objective);
  if (most < needed.requests) {
    return `${most} requests are too few: ${needed.requests} are the fewest that can show ${needed.of}`;
  }
  const missed = Number.isFinite(bound) ? `; ${rateText(bound)} misses it` : '';
  return `no rate that was tried is shown to be inside the objective${missed}`;
}

export const rateText = (perSecond: number): string =>
  `${perSecond.toLocaleString('en-US', { maximumSignificantDigits: 3 })} requests/s`;

/** Fewest requests of a run that can show the whole objective, and which part of it asks for so many. */
export function requestsNeeded(objective: QuantileBudget | null): { readonly requests: number; readonly of: string } {
  let needed = { requests: requestsWithoutObjective, of: 'that a rate is sustained' };
  for (const name of Object.keys(objective ?? {})) {
    const requests = sampleForUpperLimit(levelOf(name), capacityConfidenceShare);
    if (requests > needed.requests || needed.of.startsWith('that'))
      needed = { requests, of: `an upper limit of ${name}` };
  }
  return needed;
}
