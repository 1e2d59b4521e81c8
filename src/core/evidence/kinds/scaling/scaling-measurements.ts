import type { SleepSection } from '../../../contract/contract.ts';
import { isDigest, shortDigest, type Digest } from '../../../units/digest.ts';

/** One seed: what one simulation of the policy came to. */
export interface SimulatedRun {
  readonly seed: number;
  readonly requests: number;
  /** Answered within the objective's latency: late and dropped ones are not, whatever made them late. */
  readonly inTime: number;
  /** In all states. */
  readonly acceleratorSeconds: number;
}

/** What was simulated. */
export interface SimulatedArrivals {
  readonly kind: 'trace' | 'generated';
  /** A trace's path relative to the contract; a generated one's whole text. */
  readonly name: string;
  /** Of the file's bytes, or of the text. */
  readonly digest: Digest;
  readonly requests: number;
  readonly spanMs: number;
}

/** What it would cost to keep the last replica for so long after the last request, by the gaps of the arrivals. */
export interface CheapestKeepAlive {
  /** Null: for ever. */
  readonly keepAliveMs: number | null;
  readonly gaps: number;
  readonly idleSeconds: number;
  readonly loadingSeconds: number;
  readonly coldRequests: number;
}

/** The price list that was weighed with. */
export interface SimulatedPrices {
  /** As the subject `prices` has it. */
  readonly digest: Digest;
  readonly currency: string;
  /** Of an accelerator of the pinned class: `2.50/h`; null where the list has none for it. */
  readonly accelerator: string | null;
}

/** What `plimsoll scale simulate --record` stores as `measurements` of scaling evidence; in the lock a run is one line of text. */
export interface ScalingMeasurements {
  readonly scalingVersion: 1;
  readonly policy: string;
  readonly arrivals: SimulatedArrivals;
  readonly scoreFromMs: number;
  readonly endMs: number;
  /** What a request had to keep. */
  readonly latencyMs: number;
  readonly replicas: { readonly min: number; readonly max: number };
  readonly warmPool: number;
  /** As the contract had it; absent where nothing slept. */
  readonly sleep?: SleepSection;
  /** Measured starts, and the sustained rate of one replica, that it rested on. */
  readonly starts: number;
  readonly ratePerSecond: number;
  /** The most replicas that were there at once with the first seed; left out by versions that did not say. */
  readonly peakReplicas?: number;
  /** Null where there was none; left out by versions that did not say. */
  readonly prices?: SimulatedPrices | null;
  /** With scaling to zero where the contract has `toZero: when-proven`; in order of the seeds. */
  readonly runs: readonly SimulatedRun[];
  /** The same seeds with the last replica kept; null where the contract keeps it anyway. */
  readonly withoutZero: readonly SimulatedRun[] | null;
  readonly keepAlive: CheapestKeepAlive | null;
}

/** `priced at EUR 2.50/h (price list 1f2e3d4c5b6a)`. */
export const pricesText = ({ digest, currency, accelerator }: SimulatedPrices): string =>
  `priced at ${accelerator === null ? '1 for each accelerator-second' : `${currency} ${accelerator}`} (price list ${shortDigest(digest)})`;

/** As they stand in the lock: one fact a line. */
export function scalingRecord(measured: ScalingMeasurements): Readonly<Record<string, unknown>> {
  const { runs, withoutZero } = measured;
  return { ...measured, runs: runs.map(runLine), withoutZero: withoutZero?.map(runLine) ?? null };
}

/** `seed 1: 11987 of 12000 in time, 3512.4 accelerator-seconds`. */
export function runLine({ seed, requests, inTime, acceleratorSeconds }: SimulatedRun): string {
  return `seed ${seed}: ${inTime} of ${requests} in time, ${Number(acceleratorSeconds.toFixed(1))} accelerator-seconds`;
}

/** A lock may have been edited: whatever is not whole, or cannot be, proves nothing. */
export function readScaling(value: Readonly<Record<string, unknown>>): ScalingMeasurements | null {
  const { scalingVersion, policy, arrivals, scoreFromMs, endMs, latencyMs, replicas, warmPool, starts } = value;
  const { ratePerSecond, keepAlive } = value;
  const runs = readRuns(value['runs']);
  const withoutZero = value['withoutZero'] === null ? null : readRuns(value['withoutZero']);
  const whole =
    scalingVersion === 1 &&
    typeof policy === 'string' &&
    isArrivals(arrivals) &&
    isAmount(scoreFromMs) &&
    isAmount(endMs) &&
    endMs > scoreFromMs &&
    isAmount(latencyMs) &&
    latencyMs > 0 &&
    isReplicas(replicas) &&
    isWhole(warmPool) &&
    (value['sleep'] === undefined || isSleep(value['sleep'])) &&
    isWhole(starts) &&
    starts > 0 &&
    isAmount(ratePerSecond) &&
    ratePerSecond > 0 &&
    (keepAlive === null || isKeepAlive(keepAlive)) &&
    (value['peakReplicas'] === undefined || (isWhole(value['peakReplicas']) && value['peakReplicas'] > 0)) &&
    ((value['prices'] ?? null) === null || isPrices(value['prices']));
  if (!whole || runs === null) return null;
  if (value['withoutZero'] !== null && (withoutZero === null || !sameSeeds(runs, withoutZero))) return null;
  if ([...runs, ...(withoutZero ?? [])].some(({ requests }) => requests > arrivals.requests)) return null;
  return { ...(value as unknown as ScalingMeasurements), runs, withoutZero };
}

const lineForm = /^seed (\d{1,9}): (\d{1,12}) of (\d{1,12}) in time, (\d{1,15}(?:\.\d)?) accelerator-seconds$/;

/** At least one, each seed once and in order, and no more in time than there were. */
function readRuns(value: unknown): readonly SimulatedRun[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const runs = value.map((line): SimulatedRun | null => {
    const match = typeof line === 'string' ? lineForm.exec(line) : null;
    if (match === null) return null;
    const [seed = 0, inTime = 0, requests = 0, acceleratorSeconds = 0] = match.slice(1).map(Number);
    return requests > 0 && inTime <= requests ? { seed, requests, inTime, acceleratorSeconds } : null;
  });
  if (!runs.every((run) => run !== null)) return null;
  return runs.every((run, at) => at === 0 || run.seed > (runs[at - 1]?.seed ?? 0)) ? runs : null;
}

const sameSeeds = (a: readonly SimulatedRun[], b: readonly SimulatedRun[]): boolean =>
  a.length === b.length && a.every(({ seed }, at) => seed === b[at]?.seed);

type Loose<T> = Readonly<Partial<Record<keyof T, unknown>>>;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isAmount = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0;
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isArrivals(value: unknown): value is SimulatedArrivals {
  if (!isObject(value)) return false;
  const { kind, name, digest, requests, spanMs } = value as Loose<SimulatedArrivals>;
  return (
    (kind === 'trace' || kind === 'generated') &&
    typeof name === 'string' &&
    typeof digest === 'string' &&
    isDigest(digest) &&
    isWhole(requests) &&
    isAmount(spanMs)
  );
}

function isPrices(value: unknown): value is SimulatedPrices {
  if (!isObject(value)) return false;
  const { digest, currency, accelerator } = value as Loose<SimulatedPrices>;
  const isText = typeof currency === 'string' && (accelerator === null || typeof accelerator === 'string');
  return typeof digest === 'string' && isDigest(digest) && isText;
}

function isReplicas(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { min, max } = value;
  return isWhole(min) && isWhole(max) && min <= max;
}

function isSleep(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { replicas, wakeMs, priceShare } = value as Loose<SleepSection>;
  return isWhole(replicas) && isAmount(wakeMs) && isAmount(priceShare);
}

function isKeepAlive(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { keepAliveMs, ...amounts } = value;
  return (keepAliveMs === null || isAmount(keepAliveMs)) && Object.values(amounts).every(isAmount);
}
