import type { EventNews } from '../../records/event.ts';
import type { ScaleOrder } from '../../scaling/acting/scale-order.ts';
import type { KnownSleep, SleepTarget } from '../sleep/sleep-stage.ts';
import type { Digest } from '../../units/digest.ts';
import type { CanaryRecord } from '../judge/canary.ts';
import type { Axis, Deployment, Release } from '../release.ts';
import type { Isolation } from '../isolation/isolation.ts';
import type { ObservedReplica } from '../replica.ts';
import type { RoutingTable } from '../routing/routing.ts';

/** All that a rollout decision depends on. Nothing else is read: no clock, no store. */
export interface RolloutState {
  readonly service: string;
  readonly environment: string;
  /** Every release of the service in the environment, oldest first. */
  readonly releases: readonly Release[];
  readonly deployment: Deployment | null;
  /** The step that is under way, with all that was counted up to now. */
  readonly canary: CanaryRecord | null;
  /** The newest table that was recorded. */
  readonly routing: RoutingTable | null;
  readonly replicas: readonly ObservedReplica[];
  /** How many replicas the live release is to have; null where nothing scales it, and it has its minimum. */
  readonly scale: ScaleOrder | null;
  /** Replica id to the golden set that it reproduced; null for a release without one. */
  readonly admissions: ReadonlyMap<string, Digest | null>;
  readonly rejections: readonly GoldenRejection[];
  /** Replica id to what it told of itself; null where it tells nothing. Absent where nobody is asked. */
  readonly identities?: ReadonlyMap<string, string | null>;
  /** Replicas that are kept from traffic for diagnosis, oldest first. */
  readonly isolations: readonly Isolation[];
  /** Replica id to what is known of its sleep. Absent where nothing sleeps. */
  readonly sleep?: ReadonlyMap<string, KnownSleep>;
  /** Gateways heard of lately. */
  readonly gateways: readonly GatewayState[];
  /**
   * When this control plane began to look. Until `gatewayLostMs` later the absence of a gateway means nothing, and no
   * start timeout counts from before it.
   */
  readonly observingSinceMs: number;
  /** Since when a set is wanted by no release of the deployment: bounds the wait for its last requests. */
  readonly unwantedSinceMs: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

export interface GoldenRejection {
  readonly replicaId: string;
  readonly golden: Digest | null;
  /** Names the first offending input, expected and actual. */
  readonly reason: string;
}

export interface GatewayState {
  readonly gatewayId: string;
  readonly acknowledgedGeneration: number;
  /** When that generation was issued: two tables may have one number after a store was restored. Absent from an older gateway. */
  readonly acknowledgedIssuedAtMs?: number | undefined;
  /** Replica id to requests in flight on it from this gateway. */
  readonly inFlight: ReadonlyMap<string, number>;
}

export interface RolloutPlan {
  readonly sets: readonly PlannedSet[];
  /** Sets of pairs that no release here knows, which gateways may still send requests to. */
  readonly untouched: readonly string[];
  /** Replicas that are told to sleep and to wake. Empty lists where nothing sleeps. */
  readonly sleep: SleepOrders;
  /** Null when nothing changes. */
  readonly routing: RoutingTable | null;
  /** Null when nothing changes. */
  readonly deployment: Omit<Deployment, 'revision'> | null;
  /** The step that begins, or that none is under way any more; null when that does not change. */
  readonly canary: CanaryChange | null;
  /** Digests that may not come back until somebody lifts the bar. */
  readonly bars: readonly PlannedBar[];
  /** As they stand after this plan; null when none of them moves. */
  readonly isolations: readonly Isolation[] | null;
  /** One for each change, each with its reason; recorded as events in the transaction of the change. */
  readonly decisions: readonly RolloutDecision[];
}

export interface SleepOrders {
  readonly sleep: readonly SleepTarget[];
  readonly wake: readonly SleepTarget[];
}

export type CanaryChange =
  { readonly change: 'begin'; readonly record: Omit<CanaryRecord, 'revision'> } | { readonly change: 'end' };

export interface PlannedBar {
  readonly axis: Axis;
  readonly digest: Digest;
  readonly reason: string;
}

/** A replica set that should exist; the platform's specification is made of it and of its release. */
export interface PlannedSet {
  readonly set: string;
  readonly pair: Digest;
  /** The first release with this pair: it never changes while the set lives, so that adopting a set touches nothing. */
  readonly release: number;
  readonly replicas: number;
  /** Replica ids to stop first when there are more than `replicas`. */
  readonly stopFirst: readonly string[];
  /** Ids of those that sleep or are told to: a server without its model has not failed. Absent: none. */
  readonly asleep?: readonly string[];
  /** Ids of those that are stuck: they are ended, and others started in their place. Absent: none. */
  readonly stuck?: readonly string[];
  readonly startTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly reason: string;
}

/** The event of a decision; `by` is a person, else the control plane decided. */
export type RolloutDecision = EventNews;

/** Bounds of a rollout, in milliseconds or in counts. */
export const rolloutBounds = {
  /** How long an incoming release may take when it does not say so itself. */
  startTimeoutMs: 600_000,
  /** Starts of one slot without ever becoming ready after which waiting on makes no sense. */
  crashLoopRestarts: 5,
  drainTimeoutMs: 30_000,
  /** How long a set that nobody wants waits for gateways to let go of it. */
  letGoMs: 60_000,
  /** A gateway that has not reported for this long does not count any more. */
  gatewayLostMs: 10_000,
} as const;
