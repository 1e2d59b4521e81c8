import type { AlarmRemedy } from '../remedy/alarm-remedy.ts';
import type { TriageAnswer } from '../triage/answer.ts';
import type { LogprobState } from './logprob-bets.ts';

/** What is known of where a replica runs. Null where it is not known. */
export interface ReplicaPlace {
  readonly node: string | null;
  readonly deviceClass: string | null;
  readonly driver: string | null;
  /** Of runtime, driver and engine. */
  readonly fingerprint: string | null;
}

/** A replica that takes part: ready, and of the release that is live. */
export interface ReplayedReplica extends ReplicaPlace {
  readonly replicaId: string;
  readonly release: number;
}

/** Which way the requests went: as those of clients do, or past the gateways. */
export type ReplayPath = 'gateway' | 'direct';

/** One scheduled replay, with its confirmation where it failed. */
export interface ReplayOutcome {
  readonly atMs: number;
  readonly verdict: 'pass' | 'fail' | 'unknown';
  /** Replays in a row with this verdict: two where a failure was confirmed. */
  readonly replays: number;
  readonly path: ReplayPath;
  readonly requests: number;
  /** How long the replica was busy with it. */
  readonly busyMs: number;
  /** What was off; empty for a pass. */
  readonly reason: string;
}

/** All that is kept of one replica. */
export interface ReplicaReplays extends ReplayedReplica {
  readonly passed: number;
  readonly failed: number;
  readonly unknown: number;
  /** Charged as golden replay: what all replays and comparisons took of this replica. */
  readonly requests: number;
  readonly busyMs: number;
  /** The newest verdict, how often it came in a row, and since when. */
  readonly verdict: ReplayOutcome['verdict'];
  readonly inARow: number;
  readonly sinceMs: number;
  /** Not replayed before. */
  readonly dueAtMs: number;
  /** Newest last. */
  readonly recent: readonly ReplayOutcome[];
  /** When it was told that this replica answers otherwise; null while it does not. */
  readonly divergedAtMs: number | null;
  readonly diagnosis?: TriageAnswer;
  /** What the watch did about it by itself; absent where there was nothing that it could do. */
  readonly remedied?: AlarmRemedy;
  /** When it was seen last; null while it is there. */
  readonly goneAtMs: number | null;
}

/** Captured requests that two replicas of one release and runtime answered. */
export interface PairCount {
  /** Sorted. */
  readonly replicas: readonly [string, string];
  readonly release: number;
  readonly fingerprint: string | null;
  /** Distinct inputs, and how many of them were answered otherwise. */
  readonly compared: number;
  readonly differ: number;
  /** The newest difference, in words. */
  readonly example: string | null;
}

/** What is remembered of the golden replays of one service; bounded plain JSON. */
export interface ReplayState {
  readonly stateVersion: 1;
  readonly replicas: readonly ReplicaReplays[];
  readonly pairs: readonly PairCount[];
  /** Short hashes of what was compared: the same input counts once for a pair. */
  readonly seen: readonly string[];
  readonly rotateAtMs: number;
  /** When the watch last isolated a replica by what golden replays say; absent for never. */
  readonly actedAtMs?: number;
  /** Told that every replica gives other answers; absent while one does not. */
  readonly leftEverywhere?: true;
  /** Of a service that answers in text; absent before its first replay. */
  readonly text?: LogprobState;
}

export const emptyReplays: ReplayState = { stateVersion: 1, replicas: [], pairs: [], seen: [], rotateAtMs: 0 };

/** Replays in a row after which a failure counts: a single one may be a replay that broke. */
export const replaysThatCount = 2;
