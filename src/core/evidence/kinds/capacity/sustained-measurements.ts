/**
 * A horizon is one run of requests as they come, at one rate, for a fixed time. It begins with nothing under way. Its first
 * quarter is cut.
 */
export interface MeasuredHorizon {
  /** Requests that were due after the cut, those that were refused or cut short included. */
  readonly requests: number;
  /** Those of them that failed. */
  readonly failed: number;
  /** Those of them that were not sent because the client had as many under way as it may have. They count as failed too. */
  readonly refused: number;
  /** Mean time of the requests that were answered, milliseconds; null where none was. */
  readonly meanMs: number | null;
  /** By quantile, from when each request was due; null where it lies among requests that failed. */
  readonly quantiles: Readonly<Record<string, number | null>>;
  /** Mean number of requests under way in the second half. */
  readonly underWay: number;
  /** Ended as soon as it was certain to be outside. The quantiles are then lower limits. */
  readonly isCutShort: boolean;
  /** Median time that requests were sent after they were due, milliseconds: what the client itself was late. */
  readonly sendDelayMs: number;
  /** How many times longer requests took in the last third of the horizon than in the first, by `growthOf`; null of too few. */
  readonly growth: number | null;
}

/** A rate that was tried on horizons of its own after the search. */
export interface TriedCandidate {
  readonly perSecond: number;
  /** Its part of the probability of error of the limit. */
  readonly alphaShare: number;
  /** Horizons that were decided on before the first of them ran. */
  readonly planned: number;
  readonly horizons: readonly MeasuredHorizon[];
  /** One before the first horizon and one after each; none of a candidate for the upper limit. */
  readonly probes: readonly Probe[];
}

/** Throughput of the same requests, so many under way all the time, at one moment of the measurement. */
export interface Probe {
  /** Since the measurement began, milliseconds. */
  readonly atMs: number;
  readonly perSecond: number;
}

/** What is known of the client that sent the requests. */
export interface GeneratorFacts {
  /** Answers a second that the client reads from a server that computes nothing; null where it was not measured. */
  readonly ceilingPerSecond: number | null;
  /** Share of one processor core that the client took at most in a horizon; null where it is not known. */
  readonly busyShare: number | null;
  /** Requests that it may have under way at once. */
  readonly underWayAtMost: number;
}

/** What horizons say of one replica; part of the measurements of capacity evidence. */
export interface SustainedMeasurements {
  readonly horizonMs: number;
  /** Horizons of the search: no limit rests on them. */
  readonly located: readonly { readonly perSecond: number; readonly isInside: boolean }[];
  /** Largest rates first. */
  readonly lower: readonly TriedCandidate[];
  /** Smallest rates first. */
  readonly upper: readonly TriedCandidate[];
  readonly generator: GeneratorFacts;
  /** What the node showed while it was measured and may slow a replica down, for people; empty where nothing was seen. */
  readonly nodeFacts: readonly string[];
  /** Other programs took a part of the processors that matters: what looks like a slower replica may be them. Absent: no. */
  readonly isBusy?: true;
}

/** A rate is sustained when at least this share of horizons is inside the objective. */
export const sustainedShare = 0.8;
/** Of each limit of the interval, one-sided. */
export const sustainedConfidenceShare = 0.95;
/** Part of a horizon that is left out: the replica begins with nothing under way. */
export const horizonCutShare = 0.25;
/** Part of a horizon that tells nothing of its growth: connections are opened and clocks rise meanwhile. */
export const settlingShare = 0.05;
/** From the middle of the first third of the rest to the middle of its last third, as a share of the horizon. */
export const growthSpanShare = (2 / 3) * (1 - settlingShare);

type Loose<T> = Readonly<Partial<Record<keyof T, unknown>>>;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isAmount = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0;
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isPositive = (value: unknown): value is number => isAmount(value) && value > 0;
const isListOf = <T>(value: unknown, is: (each: Loose<T>) => boolean): value is readonly Loose<T>[] =>
  Array.isArray(value) && value.every((each) => isObject(each) && is(each as Loose<T>));

/** Whether it is whole; a lock may have been edited. */
export function isSustained(value: unknown): value is SustainedMeasurements {
  if (!isObject(value)) return false;
  const { horizonMs, located, lower, upper, generator, nodeFacts, isBusy } = value as Loose<SustainedMeasurements>;
  return (
    isPositive(horizonMs) &&
    isListOf<SustainedMeasurements['located'][number]>(
      located,
      ({ perSecond, isInside }) => isPositive(perSecond) && typeof isInside === 'boolean',
    ) &&
    isCandidates(lower) &&
    isCandidates(upper) &&
    isGenerator(generator) &&
    Array.isArray(nodeFacts) &&
    nodeFacts.every((fact) => typeof fact === 'string') &&
    (isBusy === undefined || isBusy === true)
  );
}

/** Nobody may spend more of the probability of error than there is. */
function isCandidates(value: unknown): boolean {
  if (!isListOf<TriedCandidate>(value, isCandidate)) return false;
  const spent = value.reduce((sum, { alphaShare }) => sum + (alphaShare as number), 0);
  return spent <= 1 - sustainedConfidenceShare + 1e-9;
}

function isCandidate({ perSecond, alphaShare, planned, horizons, probes }: Loose<TriedCandidate>): boolean {
  return (
    isPositive(perSecond) &&
    isPositive(alphaShare) &&
    isWhole(planned) &&
    isListOf(horizons, isHorizon) &&
    isListOf<Probe>(probes, (probe) => isAmount(probe.atMs) && isPositive(probe.perSecond))
  );
}

function isHorizon(horizon: Loose<MeasuredHorizon>): boolean {
  const { requests, failed, refused, meanMs, quantiles, underWay, isCutShort, sendDelayMs, growth } = horizon;
  return (
    isWhole(requests) &&
    isWhole(failed) &&
    failed <= requests &&
    isWhole(refused) &&
    refused <= failed &&
    (meanMs === null || isPositive(meanMs)) &&
    isObject(quantiles) &&
    Object.values(quantiles).every((ms) => ms === null || isAmount(ms)) &&
    isAmount(underWay) &&
    typeof isCutShort === 'boolean' &&
    isAmount(sendDelayMs) &&
    (growth === null || isPositive(growth))
  );
}

function isGenerator(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { ceilingPerSecond, busyShare, underWayAtMost } = value as Loose<GeneratorFacts>;
  return (
    (ceilingPerSecond === null || isPositive(ceilingPerSecond)) &&
    (busyShare === null || isAmount(busyShare)) &&
    isPositive(underWayAtMost)
  );
}
