import type { ReplicaCapacity } from '../../capacity/service-curve.ts';
import type { StartDistribution } from '../../coldstart/start-distribution.ts';
import type { ScalingTerms } from '../policy.ts';
import type { WorkSignals } from '../signals.ts';
import type { CalendarTerms } from '../seasons/learnt-calendar.ts';

/** One request. `workMs` is its own size, as `ServiceCurve` says: milliseconds alone (slots), or a factor on its batch. */
export interface Arrival {
  /** Milliseconds since the beginning of the simulation, never below the one before. */
  readonly atMs: number;
  readonly workMs: number;
  /** Units of work as a gateway counts them. Absent: none are told. */
  readonly units?: number;
  /** Of units that are tokens, those that are written. Absent: half of them. */
  readonly writtenUnits?: number;
}

/** From the beginning each time it is called; holds no more than a bounded part of a trace, however long that is. */
export type Arrivals = () => Iterator<Arrival>;

/** A time in which no more than so many accelerators of this kind are to be had: what is asked beyond them stays pending. */
export interface StockOut {
  readonly fromMs: number;
  readonly toMs: number;
  readonly replicasAtMost: number;
}

/**
 * What the policy is told in place of the truth. Simulated replicas start and serve as the world says.
 *
 * | field | a policy uses it for |
 * |---|---|
 * | capacity | the rate and the slots that it counts on, and the target of a rule that asks for one |
 * | starts | how far ahead it orders, and when it gives up on a start |
 */
export interface ToldEvidence {
  readonly capacity: ReplicaCapacity;
  readonly starts: StartDistribution;
  /** From then on the policy is told the truth, milliseconds. Absent: never. */
  readonly untilMs?: number;
}

/** Spares that starts take while one is free. They hold accelerators of their own, which no account here counts. */
export interface SimulatedSpares {
  readonly count: number;
  /** Starts that take one are drawn from it. */
  readonly starts: StartDistribution;
  /** Until one that was taken is replaced, milliseconds. */
  readonly replaceMs: number;
  /** Whether the policy is told of them; starts take them either way. */
  readonly isTold: boolean;
}

/** All that happens to a policy and is not of its making. */
export interface SimulatedWorld {
  readonly arrivals: Arrivals;
  /** Arrivals at or after it are left out; the simulation ends when what arrived before it has ended. */
  readonly endMs: number;
  /** Requests that arrive before it are served and not scored, and accelerator-seconds before it are not counted. */
  readonly scoreFromMs: number;
  /** How replicas serve. */
  readonly capacity: ReplicaCapacity;
  /** What starts are drawn from. */
  readonly starts: StartDistribution;
  /** What the policy is told in place of `capacity` and `starts`. Absent: the truth. */
  readonly told?: ToldEvidence;
  readonly terms: ScalingTerms;
  /** Unit that `Arrival.units` are told in. Absent: no work is told. */
  readonly unit?: WorkSignals['unit'];
  /** What the policy is told of the calendar. Absent: nothing. */
  readonly calendar?: CalendarTerms;
  /** Absent: none. */
  readonly spares?: SimulatedSpares;
  /** Replicas that are ready at the beginning. */
  readonly initialReplicas: number;
  /** A request that has waited so long for a replica is dropped; null: it waits on. */
  readonly dropAfterMs: number | null;
  /** Requests that wait at most; one more is dropped at once. */
  readonly queueLimit: number;
  /** Signals are taken so often, and a decision sees those that are at least `metricLagMs` old. */
  readonly metricPeriodMs: number;
  readonly metricLagMs: number;
  /** A start that fails tells so only when it ends; a policy's platform orders the next one by itself after this backoff. */
  readonly restartBackoffMs: number;
  /** A draining replica finishes what it has begun, and is stopped after this at the latest. */
  readonly drainAtMostMs: number;
  readonly stockOuts: readonly StockOut[];
}

/** Accelerator-seconds of the scored time by state; `devices` of a replica are counted by whoever prices them. */
export interface AcceleratorSeconds {
  /** With at least one request under way. */
  readonly serving: number;
  /** Ready, with nothing under way. */
  readonly idle: number;
  /** From the moment that it holds an accelerator until it is ready, failed starts included. */
  readonly loading: number;
  readonly draining: number;
  /** Each second counted for the share of an accelerator-second that it costs (`SleepTerms`). */
  readonly asleep: number;
}

export interface SimulationResult {
  readonly policy: string;
  /** Of the scored time, as all that follows. */
  readonly requests: number;
  /** Share of the requests that were answered within `terms.latencyMs` of their arrival. */
  readonly attainmentShare: number;
  readonly late: number;
  readonly dropped: number;
  /** Requests that found no ready replica when they arrived; they count as late only where they were. */
  readonly coldHits: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  readonly acceleratorSeconds: AcceleratorSeconds;
  readonly starts: number;
  /** Sleeping replicas that were woken; no starts. */
  readonly wakes: number;
  readonly failedStarts: number;
  /** Of the starts, those that took a spare. Absent where the world has none. */
  readonly startsOfSpares?: number;
  /** Changes of the direction of the desired count, an hour. */
  readonly reversalsPerHour: number;
  /** Lowest attainment of any five minutes that begin on a whole minute and hold at least 20 requests; null without one. */
  readonly worstFiveMinutesShare: number | null;
  readonly decisions: number;
}
