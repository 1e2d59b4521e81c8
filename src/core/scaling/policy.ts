import type { ReplicaCapacity } from '../capacity/service-curve.ts';
import type { StartDistribution } from '../coldstart/start-distribution.ts';
import type { CalendarAhead } from './seasons/calendar-ahead.ts';
import type { ScalingSignals, WorkSignals } from './signals.ts';

/** One replica as a policy sees it. Replicas that are over (stopped, failed) are not among them. */
export interface ScaledReplica {
  readonly replicaId: string;
  readonly state: 'pending' | 'starting' | 'ready' | 'draining';
  /** When its start was ordered, milliseconds. */
  readonly orderedAtMs: number;
  /** When it became ready; null before. */
  readonly readyAtMs: number | null;
  /** Of one that was asleep and is woken: when it will be ready, milliseconds. */
  readonly awakeAtMs?: number;
  /** It was made of a spare: how long it takes to start says nothing of starts without one. */
  readonly ofSpare?: true;
}

/**
 * Replicas that may sleep in place of being stopped: the process and its runtime stay, the weights leave the accelerator for the
 * memory of the host (vLLM's sleep mode; `unload` of the model repository protocol).
 */
export interface SleepTerms {
  /** Asleep at the same time, at most. */
  readonly replicas: number;
  /** From the order until a sleeping one serves, milliseconds. */
  readonly wakeMs: number;
  /** What a second of sleep costs, as a share of an accelerator-second: what is kept for it and may not be used otherwise. */
  readonly priceShare: number;
}

/** Spares that starts of a service take: processes with their runtime loaded that have no model yet. */
export interface SpareTerms {
  /** Free now, and promised to this service and to no other. */
  readonly free: number;
  /** As many were free, or away with this service itself, nearly always of late: what plans of the future count on. */
  readonly found: number;
  /** Starts that took a spare, by themselves. */
  readonly starts: StartDistribution;
}

/** What the contract says about scaling, defaults filled in; the prices are those of `core/cost/prices/scaling-prices.ts`. */
export interface ScalingTerms {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Whether the last replica may stop; only with proof. */
  readonly toZero: boolean;
  /** Replicas loaded beyond demand. */
  readonly warmPool: number;
  /** Latency that `attainmentShare` of the requests have to keep, milliseconds, queueing included. */
  readonly latencyMs: number;
  /** 0.99 for `p99`. */
  readonly attainmentShare: number;
  /** What one accelerator-second of a replica costs, in any unit of money. */
  readonly acceleratorSecondPrice: number;
  /** What one late request costs, in the same unit. */
  readonly lateRequestPrice: number;
  /** Absent: nothing sleeps. */
  readonly sleep?: SleepTerms;
}

export interface PolicyInput {
  /** Milliseconds; only differences mean anything. */
  readonly nowMs: number;
  readonly signals: ScalingSignals;
  /** Those that sleep are not among them. */
  readonly replicas: readonly ScaledReplica[];
  /** Replicas that sleep: an order wakes them before it starts anew. Absent: 0. */
  readonly asleep?: number;
  readonly starts: StartDistribution;
  readonly capacity: ReplicaCapacity;
  readonly terms: ScalingTerms;
  /** What the calendar expects at most between now and one horizon ahead. Absent or null: nothing. */
  readonly ahead?: CalendarAhead | null;
  /** Absent: none that starts of this service can take, or nobody knows how long a start with one lasts. */
  readonly spares?: SpareTerms;
}

export interface ScalingDecision {
  /** Replicas that should exist: ready, starting and pending together. Between the terms' minimum and maximum. */
  readonly desired: number;
  /** Of those that are given up, how many are to sleep in place of being stopped, sleeping ones included. Absent: 0. */
  readonly asleep?: number;
  /** Replicas that would have been ordered now, and wait because a spare is promised for each of them. Absent: 0. */
  readonly leftToSpares?: number;
  /** One sentence for people, with the numbers that decided. */
  readonly reason: string;
  /** The numbers behind it by name, for pages and for explaining. JSON-safe. */
  readonly terms: Readonly<Record<string, number | null>>;
  /** Absent: the policy does not learn. */
  readonly learned?: LearnedEvidence;
}

/** What live data say of the evidence that a decision was asked with. */
export interface LearnedEvidence {
  /** Real over told rate of a full replica. */
  readonly capacity: LearnedRatio;
  /** Real over told start time. */
  readonly starts: LearnedRatio;
  /** False: promises were broken, and the policy acts on feedback alone. */
  readonly trusted: boolean;
  /** Since when it is not trusted, milliseconds; null while it is. */
  readonly distrustedSinceMs: number | null;
  /** What requests cost by their work. Absent: no work is told. */
  readonly work?: WorkEvidence;
  /** How the ratio of the capacity changes with the occupancy. Absent: not at all, as far as is known. */
  readonly shape?: ShapeEvidence;
}

/** Replicas that were seen were less full than those that the ratio of the capacity is of. */
export interface ShapeEvidence {
  /** Taken share of the slots, most of the time: 0 to 1. */
  readonly lowerShare: number;
  readonly upperShare: number;
  /** Real over told rate there. */
  readonly seenRatio: number;
}

export interface WorkEvidence {
  readonly unit: WorkSignals['unit'];
  /** Whether requests are counted by their work, because it foretells their cost better than their number. */
  readonly isUsed: boolean;
  /** Share of what the number of requests leaves unexplained that the work explains, out of sample; at most 1, below 0 where it explains nothing. */
  readonly explainedShare: number;
  /** Parts of the cost of a mean request: of the request itself, then of each kind of the unit (prompt and answer for tokens). They add up to 1. */
  readonly costShares: readonly number[];
  /** Cost of a request that arrives over the cost that the rate of a replica is of; 1 while it is not used. */
  readonly factor: number;
  /** Blocks of requests that it rests on. */
  readonly blocks: number;
}

export interface LearnedRatio {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  /** Answers or starts that it rests on. */
  readonly samples: number;
}

/**
 * A pure rule: the same input and state give the same decision and state, bit for bit, so that a recorded decision can be
 * replayed. The state is JSON-safe and holds whatever the rule remembers.
 */
export interface Policy<State = unknown> {
  readonly name: string;
  /** How often it is asked, milliseconds: its sync or poll period. */
  readonly periodMs: number;
  /** True: it goes by the clock alone, and its signals may be unknown ones. A simulation gathers none for it. */
  readonly blind?: boolean;
  begin(nowMs: number): State;
  decide(input: PolicyInput, state: State): { readonly decision: ScalingDecision; readonly state: State };
  /**
   * How many of the next decisions leave the count as the last one had it, and the state after them: exactly what that many calls of
   * `decide` would give. Only a simulation asks, so that a long silence costs no more than a short one. Absent: none.
   */
  rest?(last: PolicyInput, state: State, silence: Silence): Rested<State>;
}

/**
 * A time in which nothing happens: replicas stay as the last decision saw them, all of them ready with nothing under way. Signals are those
 * that it saw, of nothing that waits, is under way, arrived or was answered.
 */
export interface Silence {
  /** Those that lie in it, `periodMs` apart. */
  readonly decisions: number;
  /** Moment that the signals of one of them speak of, milliseconds; 1 for the first. */
  readonly signalsAtMs: (decision: number) => number;
}

export interface Rested<State> {
  /** From 0 to all of them. */
  readonly decisions: number;
  readonly state: State;
}
