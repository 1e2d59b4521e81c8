import type {
  MeasuredHorizon,
  SustainedMeasurements,
  TriedCandidate,
} from '../../core/evidence/kinds/capacity/sustained-measurements.ts';
import { measureLoad } from '../../core/capacity/measure-load.ts';
import type {
  CapacityMeasurements,
  ClosedLevel,
  OpenRun,
} from '../../core/evidence/kinds/capacity/capacity-measurements.ts';

/** Times from `fromMs` to `toMs`, evenly, and some failures. */
export function makeLoad(count: number, fromMs: number, toMs: number, durationMs: number, failed = 0) {
  const times = Array.from({ length: count }, (_, at) =>
    at < failed ? Infinity : fromMs + ((toMs - fromMs) * (at + 1)) / count,
  );
  const measured = measureLoad(times, durationMs, ['p95']);
  if (measured === null) throw new Error('a load of something');
  return measured;
}
export const makeLevel = (
  concurrency: number,
  perSecond: number,
  ms: number,
  changes: Partial<ClosedLevel> = {},
): ClosedLevel => ({
  ...makeLoad(perSecond * 3, ms, ms * 1.2, 3_000),
  concurrency,
  meanBatchRows: null,
  ...changes,
});
export const makeOpenRun = (
  perSecond: number,
  ms: number,
  changes: Partial<OpenRun> = {},
  requests = 3_000,
): OpenRun => ({
  ...makeLoad(requests, ms / 2, ms, (requests * 1_000) / perSecond),
  underWay: 2,
  ...changes,
});

export const makeHorizon = (ms: number, changes: Partial<MeasuredHorizon> = {}): MeasuredHorizon => ({
  requests: 3_000,
  failed: 0,
  refused: 0,
  meanMs: 0.75 * ms,
  quantiles: { p50: 0.7 * ms, p90: 0.95 * ms, p95: 0.98 * ms, p99: ms },
  underWay: 2,
  isCutShort: false,
  sendDelayMs: 0.1,
  growth: 1,
  ...changes,
});

/** All horizons with the same p99, and probes of a replica that keeps its speed. */
export const makeCandidate = (
  perSecond: number,
  ms: number,
  count: number,
  changes: Partial<TriedCandidate> = {},
): TriedCandidate => ({
  perSecond,
  alphaShare: 0.044,
  planned: 14,
  horizons: Array.from({ length: count }, () => makeHorizon(ms)),
  probes: Array.from({ length: count + 1 }, (_, at) => ({ atMs: 1_000 * at, perSecond: 300 + (at % 2) })),
  ...changes,
});

/** Sustains 262 requests/s with a p99 of 45 ms, and not 300. */
export const sustainedMeasured: SustainedMeasurements = {
  horizonMs: 120_000,
  located: [{ perSecond: 270, isInside: true }],
  lower: [makeCandidate(262, 45, 14)],
  upper: [makeCandidate(300, 90, 2, { alphaShare: 0.0402, planned: 2, probes: [] })],
  generator: { ceilingPerSecond: 9_000, busyShare: 0.2, underWayAtMost: 256 },
  nodeFacts: [],
};

/** One replica that sustains at least 262 requests a second with a p99 of at most 50 ms. */
export const measuredCapacity: CapacityMeasurements = {
  capacityVersion: 1,
  protocol: 'open-inference-v2',
  requestsOf: 'digits-golden version 1',
  objective: { p99: 50 },
  batchLimitRows: null,
  closed: [makeLevel(1, 100, 10), makeLevel(2, 180, 11), makeLevel(4, 300, 13), makeLevel(8, 305, 26)],
  rowsAtOnce: [{ rows: 8, requests: 100, meanMs: 13 }],
  open: [makeOpenRun(240, 40), makeOpenRun(285, 60), makeOpenRun(262, 45)],
  sustained: sustainedMeasured,
};
