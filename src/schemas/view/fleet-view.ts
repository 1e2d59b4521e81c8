import type { ServiceHealth } from '../../core/health/health.ts';

/** One service in one environment as the fleet's list shows it; the opened service has a `ServiceView`. */
export interface FleetEntry {
  readonly service: string;
  readonly environment: string;
  readonly owner: string | null;
  /** Null before the first look. */
  readonly health: Pick<ServiceHealth, 'state' | 'sentence' | 'sinceMs' | 'next'> | null;
  /** Null before the first release went live. */
  readonly live: {
    readonly release: number;
    readonly code: string;
    readonly model: { readonly name: string; readonly version: number };
    readonly sinceMs: number;
  } | null;
  /** What the contract promises, and what the last hour kept of it; null where nothing is promised. */
  readonly objective: {
    readonly availabilityShare: number;
    /** Null without a request in the last hour. */
    readonly metShare: number | null;
  } | null;
  /** Kinds of evidence that are asked for, and those of them that are neither fresh nor waived. */
  readonly evidence: { readonly asked: number; readonly gaps: number };
  /** Of the live release; `wanted` is null where nobody knows. */
  readonly replicas: { readonly ready: number; readonly wanted: number | null };
  /** A rollout, a request that is fetched, a failed release, in a few words; null where nothing is. */
  readonly underWay: string | null;
  /** What changed of its live answers, by an open alarm; null where none is open. */
  readonly drift: string | null;
}

/** Spares of services of an environment that one spare fits. */
export interface FleetSpares {
  readonly environment: string;
  /** Their spare key (`makeSpareKey`). */
  readonly fits: string;
  readonly services: readonly string[];
  /** Free ones that the record of the environment asks for. */
  readonly wanted: number;
  readonly free: number;
  readonly starting: number;
  /** Replicas that run and were made of one. */
  readonly taken: number;
  /** Starts that took one in the last 24 hours. Absent from an older control plane, and until it was counted. */
  readonly takenLastDay?: number;
  /** What those that are free or starting cost an hour. Null where a price is not known; absent from an older control plane. */
  readonly pricePerHour?: { readonly micros: number; readonly currency: string } | null;
}

/** Every service that the reader may see; sorted by service and environment. */
export interface FleetView {
  readonly plimsollVersion: string;
  readonly nowMs: number;
  readonly services: readonly FleetEntry[];
  /** Whose rights replicas have, and whether those are the control plane's own; absent from an older one. */
  readonly rights?: { readonly runAs: string; readonly areOwn: boolean };
  /** Absent where none is kept, and from an older control plane. */
  readonly spares?: readonly FleetSpares[];
}

/** A change to it, as the server-sent event `fleet-change`: entries that are new or differ, those that are gone, and spares where they changed. */
export interface FleetChange {
  readonly nowMs: number;
  readonly changed: readonly FleetEntry[];
  readonly gone: readonly { readonly service: string; readonly environment: string }[];
  /** All of them. Absent where none of them changed, and from an older control plane. */
  readonly spares?: readonly FleetSpares[];
}
