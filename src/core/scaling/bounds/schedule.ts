import type { Policy, ScalingTerms } from '../policy.ts';

/** From `atMs` of the simulation's beginning on, so many replicas are wanted. */
export interface ScheduleStep {
  readonly atMs: number;
  readonly desired: number;
}

/** In order of time, the first at 0. */
export type Schedule = readonly ScheduleStep[];

/** The fewest replicas that a policy may want. */
export function leastWanted({ toZero, minReplicas }: ScalingTerms): number {
  return toZero ? 0 : minReplicas;
}

/** What is wanted at a moment: what the last step at or before it says. */
export function desiredAt(schedule: Schedule, atMs: number): number {
  let [low, high] = [0, schedule.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((schedule[middle] as ScheduleStep).atMs <= atMs) low = middle;
    else high = middle - 1;
  }
  return (schedule[low] as ScheduleStep).desired;
}

/** A policy that follows a schedule, whatever it sees; its state is when it began. */
export function makePlannedPolicy(schedule: Schedule, periodMs: number): Policy<number> {
  return {
    name: 'planned',
    periodMs,
    blind: true,
    begin: (nowMs) => nowMs,
    decide({ nowMs, terms }, beganAtMs) {
      const planned = desiredAt(schedule, nowMs - beganAtMs);
      const desired = Math.min(terms.maxReplicas, Math.max(leastWanted(terms), planned));
      return {
        decision: { desired, reason: `the plan wants ${planned} at ${nowMs - beganAtMs} ms`, terms: { planned } },
        state: beganAtMs,
      };
    },
  };
}
