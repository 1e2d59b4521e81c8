import { PlimsollError } from '../../units/errors.ts';
import type { ScalingDecision } from '../policy.ts';
import type { Arrival } from './world.ts';

export function refuseArrival({ atMs, workMs }: Arrival, beforeMs: number): PlimsollError {
  return new PlimsollError({
    code: 'arrivals-invalid',
    category: 'input',
    message:
      atMs < beforeMs
        ? `a request arrives at ${atMs} ms, and the one before it at ${beforeMs} ms`
        : `a request arrives at ${atMs} ms with a work of ${workMs} ms`,
    next: 'give arrivals in the order of their times, from 0 on, with a work of at least 0',
    details: { atMs, workMs, beforeMs },
  });
}

export function refusePeriod(policy: string, periodMs: number, metricPeriodMs: number): PlimsollError {
  return new PlimsollError({
    code: 'period-invalid',
    category: 'input',
    message: `policy ${policy} is asked each ${periodMs} ms, and signals are taken each ${metricPeriodMs} ms`,
    next: 'both periods are above 0',
    details: { periodMs, metricPeriodMs },
  });
}

export function refuseCount(policy: string, { desired, reason }: ScalingDecision, nowMs: number): PlimsollError {
  return new PlimsollError({
    code: 'decision-invalid',
    category: 'bug',
    message: `policy ${policy} wants ${desired} replicas at ${nowMs} ms: ${reason}`,
    next: 'a policy decides a whole number of replicas',
    details: { policy, nowMs },
  });
}
