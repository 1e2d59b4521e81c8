import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { HistoryPoint } from '../../core/health/history.ts';
import { makeCounted, type CountedSpan } from '../../core/scaling/simulation/arrivals/counted.ts';
import type { Arrivals } from '../../core/scaling/simulation/world.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';

/** Arrivals that are replayed with several contracts. */
export interface ReplayedArrivals {
  readonly kind: 'recorded' | 'trace';
  /** `recorded by the control plane`, or the trace's file. */
  readonly name: string;
  readonly requests: number;
  readonly endMs: number;
  readonly arrivals: Arrivals;
  /** `tokens`: the arrivals have them as their units. */
  readonly unit: 'tokens' | null;
  readonly notes: readonly string[];
}

const leastMs = 600_000;
const leastRequests = 2;
/** The same counts give the same arrivals, so that two runs of a command agree. */
const arrivalsSeed = 1;

/**
 * Returns what the control plane counted as arrivals: as many in each span as were counted, at random times of it. Time that nobody
 * counted is left out, and what follows moves up: no report is not the same as no request.
 * @param points oldest first
 * @param workMs of each request, or its factor on a batch
 * @throws PlimsollError `arrivals-missing` (input) for less than ten minutes or two requests.
 */
export function readRecordedArrivals(points: readonly HistoryPoint[], workMs: number): ReplayedArrivals {
  const spans: readonly CountedSpan[] = points.map(({ requestsPerSecond, spanMs }) => ({
    spanMs,
    requests: Math.round((requestsPerSecond * spanMs) / 1_000),
  }));
  const endMs = spans.reduce((sum, { spanMs }) => sum + spanMs, 0);
  const requests = spans.reduce((sum, each) => sum + each.requests, 0);
  if (endMs < leastMs || requests < leastRequests) throw nothingRecorded(endMs, requests);
  const longestMs = Math.max(...spans.map(({ spanMs }) => spanMs));
  const holesMs = sumHoles(points);
  return {
    kind: 'recorded',
    unit: null,
    name: 'recorded by the control plane',
    requests,
    endMs,
    arrivals: makeCounted(spans, { seed: arrivalsSeed, workMs }),
    notes: [
      `arrivals are counts of up to ${formatElapsed(longestMs)}: a burst shorter than that is spread over it (--trace has exact times)`,
      ...(holesMs === 0 ? [] : [`${formatElapsed(holesMs)} without a report of a gateway are left out`]),
    ],
  };
}

function sumHoles(points: readonly HistoryPoint[]): number {
  return points.reduce((sum, { atMs, spanMs }, at) => {
    const endedMs = points[at - 1]?.atMs ?? atMs - spanMs;
    return sum + Math.max(0, atMs - spanMs - endedMs);
  }, 0);
}

function nothingRecorded(endMs: number, requests: number): PlimsollError {
  return new PlimsollError({
    code: 'arrivals-missing',
    category: 'input',
    message: `${requests} requests in ${formatElapsed(endMs)} are recorded, too little for a replay (10m and 2 requests at least)`,
    next: nextStep(proveSteps, 'arrivals-missing'),
  });
}
