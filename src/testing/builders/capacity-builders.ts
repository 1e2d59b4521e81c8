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

/** One replica that takes 262 requests a second with a p99 of at most 50 ms. */
export const measuredCapacity: CapacityMeasurements = {
  capacityVersion: 1,
  protocol: 'open-inference-v2',
  requestsOf: 'digits-golden version 1',
  objective: { p99: 50 },
  batchLimitRows: null,
  closed: [makeLevel(1, 100, 10), makeLevel(2, 180, 11), makeLevel(4, 300, 13), makeLevel(8, 305, 26)],
  rowsAtOnce: [{ rows: 8, requests: 100, meanMs: 13 }],
  open: [makeOpenRun(240, 40), makeOpenRun(285, 60), makeOpenRun(262, 45)],
};
