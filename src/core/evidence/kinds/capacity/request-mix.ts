import { digestOf, type Digest } from '../../../units/digest.ts';

/**
 * What a request is measured in.
 *
 * | dimension | of | counted by |
 * |---|---|---|
 * | tokens-in, tokens-out | the OpenAI protocol | the server (`usage` of its answer) |
 * | rows | the Open Inference Protocol | the first size of the first input |
 * | bytes | both | the body of the request |
 */
export const mixDimensions = ['tokens-in', 'tokens-out', 'rows', 'bytes'] as const;
export type MixDimension = (typeof mixDimensions)[number];

/** Sizes of one request; what is not told is not there. */
export type RequestSizes = Readonly<Partial<Record<MixDimension, number>>>;

/** How one dimension is spread over the requests of a mix. */
export interface SizeSummary {
  readonly mean: number;
  /** Quantiles, in increasing order: `atMostShare` of the requests are at most `value`. */
  readonly points: readonly { readonly value: number; readonly atMostShare: number }[];
}

export type MixSummary = Readonly<Partial<Record<MixDimension, SizeSummary>>>;

/** One closed loop over requests of one size: what the cost of other mixes is told from. */
export interface SurfacePoint {
  readonly sizes: RequestSizes;
  readonly concurrency: number;
  readonly perSecond: number;
  /** Requests that were answered. */
  readonly requests: number;
}

/** The request mix that capacity evidence is of, as it is stored among its measurements. */
export interface MeasuredMix {
  readonly source: 'text' | 'trace' | 'captures';
  /** For people: the text, the name of the file, or how many captured requests. */
  readonly of: string;
  /** Sizes that were summarised and sent. */
  readonly requests: number;
  readonly summary: MixSummary;
  /** Empty where no surface was measured. */
  readonly surface: readonly SurfacePoint[];
}

/** Quantiles that a summary keeps. */
const summaryShares = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const;

/** Returns mean and quantiles of each dimension that every request tells; empty of no requests. */
export function summarizeMix(requests: readonly RequestSizes[]): MixSummary {
  const told = mixDimensions.filter(
    (dimension) => requests.length > 0 && requests.every((request) => request[dimension] !== undefined),
  );
  return Object.fromEntries(
    told.map((dimension) => [dimension, summarize(requests.map((request) => request[dimension] ?? NaN))]),
  );
}

function summarize(sizes: readonly number[]): SizeSummary {
  const sorted = sizes.toSorted((a, b) => a - b);
  const values = summaryShares.map((share) => sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)] ?? NaN);
  const points = [...new Set(values)].map((value) => ({
    value,
    atMostShare: Number((sorted.filter((size) => size <= value).length / sorted.length).toPrecision(6)),
  }));
  return { mean: Number((sorted.reduce((sum, size) => sum + size, 0) / sorted.length).toPrecision(6)), points };
}

/** Returns the digest of a mix: of its summary alone, whoever told it. */
export const digestOfMix = ({ summary }: Pick<MeasuredMix, 'summary'>): Digest => digestOf(summary);

/** Returns the mean size in each dimension of a summary. */
export const meanSizes = (summary: MixSummary): RequestSizes =>
  Object.fromEntries(
    mixDimensions.flatMap((name) => (summary[name] === undefined ? [] : [[name, summary[name].mean]])),
  );

/** Returns the smallest kept quantile that this share of the requests does not exceed, else the largest that is kept; NaN without any. */
export function quantileOfMix(size: SizeSummary | undefined, share: number): number {
  const points = size?.points ?? [];
  return (points.find(({ atMostShare }) => atMostShare >= share) ?? points.at(-1))?.value ?? NaN;
}

/** Returns whether a stored mix is whole: a lock may have been edited. */
export function isMeasuredMix(value: unknown): value is MeasuredMix {
  if (!isObject(value)) return false;
  const { source, of, requests, summary, surface } = value;
  return (
    (source === 'text' || source === 'trace' || source === 'captures') &&
    typeof of === 'string' &&
    isCount(requests) &&
    isObject(summary) &&
    Object.keys(summary).length > 0 &&
    Object.entries(summary).every(([name, each]) => isDimension(name) && isSummary(each)) &&
    Array.isArray(surface) &&
    surface.every(isPoint)
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 0;
const isSize = (value: unknown): value is number => Number.isFinite(value) && Number(value) >= 0;
const isDimension = (name: string): boolean => mixDimensions.some((each) => each === name);

function isSummary(value: unknown): boolean {
  if (!isObject(value) || !isSize(value['mean']) || !Array.isArray(value['points'])) return false;
  let [last, lastShare] = [-1, 0];
  for (const point of value['points'] as unknown[]) {
    if (!isObject(point)) return false;
    const { value: size, atMostShare } = point;
    if (!isSize(size) || !isSize(atMostShare) || size <= last || atMostShare <= lastShare || atMostShare > 1)
      return false;
    [last, lastShare] = [size, atMostShare];
  }
  return last >= 0;
}

function isPoint(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { sizes, concurrency, perSecond, requests } = value;
  return (
    isObject(sizes) &&
    Object.entries(sizes).every(([name, size]) => isDimension(name) && isSize(size)) &&
    isCount(concurrency) &&
    isSize(perSecond) &&
    perSecond > 0 &&
    isCount(requests)
  );
}
