import { readQuantileName } from '../../../contract/objective/capacity-objective.ts';
import type { Protocol, QuantileBudget } from '../../../contract/contract.ts';
import { sampleForUpperLimit } from '../../../statistics/limits/order-limits.ts';
import { isMeasuredMix, type MeasuredMix } from './request-mix.ts';
import { isSustained, type SustainedMeasurements } from './sustained-measurements.ts';

/** Of every limit in capacity evidence, one-sided. */
export const capacityConfidenceShare = 0.95;

/** One quantile of the times of requests, milliseconds. Null: it lies among requests that failed, or needs more of them. */
export interface MeasuredQuantile {
  readonly valueMs: number | null;
  readonly lowerMs: number | null;
  readonly upperMs: number | null;
}

export interface TokenCounts {
  /** Null where the server does not count its input. */
  readonly in: number | null;
  readonly out: number;
  /** Input tokens from the server's prefix cache; null where it does not say. */
  readonly cached: number | null;
}

/** What one load did to one replica. A request that failed counts as one that took for ever. */
export interface MeasuredLoad {
  /** Requests that ended in the time that was measured, warm-up left out. */
  readonly requests: number;
  /** Those of them that failed. */
  readonly failed: number;
  readonly durationMs: number;
  /** Mean time of the requests that were answered; null where none was. */
  readonly meanMs: number | null;
  /** By quantile: `p50`, `p90`, `p99`, and those of the objective (names as in `capacityObjective`). */
  readonly quantiles: Readonly<Record<string, MeasuredQuantile>>;
  /** Of streamed answers: tokens of those that were answered; absent where nothing was streamed. */
  readonly tokens?: TokenCounts;
}

/** So many requests of one row under way all the time, each sent when the one before it was answered. */
export interface ClosedLevel extends MeasuredLoad {
  readonly concurrency: number;
  /** Mean rows of a batch meanwhile, as the server counts them; null where it does not. */
  readonly meanBatchRows: number | null;
}

/** One request after another, each of so many rows. */
export interface RowsAtOnce {
  readonly rows: number;
  readonly requests: number;
  readonly meanMs: number;
}

/** Requests of one row sent as a Poisson stream whatever the replica does; times count from when each was due. */
export interface OpenRun extends MeasuredLoad {
  /** Mean number of requests under way in the second half: what grows where the replica does not keep up. */
  readonly underWay: number;
}

/** What `plimsoll capacity` stores as `measurements` of capacity evidence. Curve and rate follow from it. */
export interface CapacityMeasurements {
  readonly capacityVersion: 1;
  readonly protocol: Protocol;
  /** What was sent, for people: `digits-golden version 1`. */
  readonly requestsOf: string;
  /** `objective.latency` of the contract when it was measured; null where it promised none. */
  readonly objective: QuantileBudget | null;
  /** Largest batch that the server forms, as it says. */
  readonly batchLimitRows: number | null;
  /** In increasing order of concurrency; at least one. */
  readonly closed: readonly ClosedLevel[];
  readonly rowsAtOnce: readonly RowsAtOnce[];
  /** In the order in which they ran. */
  readonly open: readonly OpenRun[];
  /** Horizons after the search, which the lower limit rests on. Absent: measured by a version that had none. */
  readonly sustained?: SustainedMeasurements;
  /** The request mix that was sent; absent where requests were rows of data, one at a time. */
  readonly mix?: MeasuredMix;
}

/** `p99` is 0.99, and so is `ttft.p99`. */
export const levelOf = (quantile: string): number => Number(quantile.slice(quantile.lastIndexOf('p') + 1)) / 100;

/** Requests a second that were answered. */
export const answeredPerSecond = ({ requests, failed, durationMs }: MeasuredLoad): number =>
  ((requests - failed) * 1_000) / durationMs;

/** Requests a second that were sent. */
export const sentPerSecond = ({ requests, durationMs }: MeasuredLoad): number => (requests * 1_000) / durationMs;

/** A lock may have been edited: whatever is not whole, or cannot be, proves nothing. */
export function readCapacityMeasurements(value: Readonly<Record<string, unknown>>): CapacityMeasurements | null {
  const { capacityVersion, protocol, requestsOf, objective, batchLimitRows, closed, rowsAtOnce, open, sustained, mix } =
    value;
  const whole =
    capacityVersion === 1 &&
    (protocol === 'open-inference-v2' || protocol === 'openai') &&
    typeof requestsOf === 'string' &&
    (objective === null || isBudget(objective)) &&
    (batchLimitRows === null || isCount(batchLimitRows)) &&
    isListOf(closed, isClosedLevel) &&
    closed.length > 0 &&
    closed.every((level, at) => at === 0 || (level.concurrency as number) > (closed[at - 1]?.concurrency as number)) &&
    isListOf(rowsAtOnce, isRowsAtOnce) &&
    isListOf(open, isOpenRun) &&
    (sustained === undefined || isSustained(sustained)) &&
    (mix === undefined || isMeasuredMix(mix));
  return whole ? (value as unknown as CapacityMeasurements) : null;
}

type Loose<T> = Readonly<Partial<Record<keyof T, unknown>>>;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isAmount = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0;
const isListOf = <T>(value: unknown, is: (each: Loose<T>) => boolean): value is readonly Loose<T>[] =>
  Array.isArray(value) && value.every((each) => isObject(each) && is(each as Loose<T>));

function isBudget(value: unknown): boolean {
  if (!isObject(value)) return false;
  const entries = Object.entries(value);
  return entries.length > 0 && entries.every(([name, ms]) => isQuantile(name) && isAmount(ms) && ms > 0);
}

const isQuantile = (name: string): boolean => readQuantileName(name) !== null && levelOf(name) > 0 && levelOf(name) < 1;

function isLoad({ requests, failed, durationMs, meanMs, quantiles, tokens }: Loose<MeasuredLoad>): boolean {
  return (
    (tokens === undefined || isTokens(tokens)) &&
    isCount(requests) &&
    isAmount(failed) &&
    Number.isSafeInteger(failed) &&
    failed <= requests &&
    isAmount(durationMs) &&
    durationMs > 0 &&
    (meanMs === null ? failed === requests : isAmount(meanMs) && meanMs > 0 && failed < requests) &&
    isObject(quantiles) &&
    Object.entries(quantiles).every(([name, one]) => isQuantile(name) && isMeasured(one, levelOf(name), requests))
  );
}

function isTokens(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { in: input, out, cached } = value;
  const isTold = (count: unknown): boolean => count === null || isAmount(count);
  return isAmount(out) && isTold(input) && isTold(cached) && Number(cached ?? 0) <= Number(input ?? Infinity);
}

/** In order, and with no upper limit that so few requests cannot give. */
function isMeasured(value: unknown, level: number, requests: number): boolean {
  if (!isObject(value)) return false;
  const { valueMs, lowerMs, upperMs } = value as Loose<MeasuredQuantile>;
  if (!isMs(valueMs) || !isMs(lowerMs) || !isMs(upperMs)) return false;
  const ordered = (lowerMs ?? 0) <= (valueMs ?? Infinity) && (valueMs ?? Infinity) <= (upperMs ?? Infinity);
  return ordered && (upperMs === null || requests >= sampleForUpperLimit(level, capacityConfidenceShare));
}

const isMs = (value: unknown): value is number | null => value === null || isAmount(value);

function isClosedLevel(level: Loose<ClosedLevel>): boolean {
  const { concurrency, meanBatchRows } = level;
  return (
    isLoad(level) && isCount(concurrency) && (meanBatchRows === null || (isAmount(meanBatchRows) && meanBatchRows >= 1))
  );
}

function isRowsAtOnce({ rows, requests, meanMs }: Loose<RowsAtOnce>): boolean {
  return isCount(rows) && isCount(requests) && isAmount(meanMs) && meanMs > 0;
}

function isOpenRun(run: Loose<OpenRun>): boolean {
  return isLoad(run) && isAmount(run.underWay);
}
