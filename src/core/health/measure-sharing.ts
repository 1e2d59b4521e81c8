import { quantileOf, type OutcomeSpan } from './outcomes.ts';
import { shiftOfMeans } from '../statistics/distributions/student-t.ts';

/** What another service on the same device or machine costs a service in latency. */
export interface SharingCost {
  /** Minutes in which the service answered, while the other had no request. */
  readonly idleMinutes: number;
  /** Minutes in which both had requests. */
  readonly busyMinutes: number;
  /** Mean of the median latencies of these minutes; null without any. */
  readonly idleMs: number | null;
  readonly busyMs: number | null;
  /** How much longer it takes while the other is busy, with 95% limits. Null: not measured yet, too few minutes of either. */
  readonly difference: { readonly estimateMs: number; readonly lowerMs: number; readonly upperMs: number } | null;
}

/** Minutes of each kind from which on a difference is told. */
export const sharingMinutesAtLeast = 5;
const confidenceShare = 0.975;

/**
 * Compares the latency of a service in minutes in which another one was idle with those in which it was busy. A minute of which
 * the other has no record counts for neither: nobody knows what it did. Minutes are taken as independent, and the median of each
 * is one value, so that a busy minute weighs no more than a quiet one.
 *
 * It tells what went along with the other's load. Load of both that rises together is not told apart from what sharing costs.
 */
export function measureSharing(own: readonly OutcomeSpan[], other: readonly OutcomeSpan[]): SharingCost {
  const requestsOf = new Map(other.map(({ fromMs, requests }) => [fromMs, requests]));
  const [idle, busy]: [number[], number[]] = [[], []];
  for (const minute of own) {
    const requests = requestsOf.get(minute.fromMs);
    const latencyMs = quantileOf(minute, 0.5);
    if (requests === undefined || latencyMs === null) continue;
    (requests === 0 ? idle : busy).push(latencyMs);
  }
  const isMeasured = Math.min(idle.length, busy.length) >= sharingMinutesAtLeast;
  const shift = isMeasured ? shiftOfMeans(idle, busy, confidenceShare) : null;
  return {
    ...{ idleMinutes: idle.length, busyMinutes: busy.length, idleMs: meanOf(idle), busyMs: meanOf(busy) },
    difference: shift && { estimateMs: shift.estimate, lowerMs: shift.lower, upperMs: shift.upper },
  };
}

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
