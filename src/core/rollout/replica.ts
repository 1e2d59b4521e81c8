import type { PhaseUse } from '../coldstart/phase-use.ts';
import type { Phase } from '../contract/contract.ts';
import type { Digest } from '../units/digest.ts';
import type { ReplicaDevices } from './replica-devices.ts';

/**
 * `asleep`: its process runs and its weights have left the accelerator. `stuck`: its process is there and nothing moves; it is not
 * busy and not dead. No platform tells either; the control plane asks.
 */
export type ReplicaState = 'pending' | 'starting' | 'ready' | 'asleep' | 'stuck' | 'draining' | 'stopped' | 'failed';

/** One measured part of a start. Parts that cannot be told apart are one entry with several phases, never zero. */
export interface MeasuredPhase {
  readonly phases: readonly Phase[];
  /** Offset from the start of the replica's process (or of its scheduling, where that is measured). */
  readonly startMs: number;
  readonly durationMs: number;
  /** Left out where the server does not tell it. */
  readonly used?: PhaseUse;
}

/** What a platform sees of one replica. */
export interface ObservedReplica {
  /** Unique for all time: it names this start of this process. */
  readonly replicaId: string;
  /** Key of the replica set that it belongs to. */
  readonly set: string;
  readonly pair: Digest;
  /** Release that it was started for; the pair, not this number, decides which releases it may serve. */
  readonly release: number;
  readonly state: ReplicaState;
  /** Why it is in that state, for people: `exit status 1 after 0.4 s; next start in 2 s`. */
  readonly reason: string;
  readonly endpoint: string | null;
  readonly pid: number | null;
  readonly node: string;
  /** Starts of this slot of the set so far, less one. */
  readonly restarts: number;
  readonly startedAtMs: number;
  readonly readyAtMs: number | null;
  readonly phases: readonly MeasuredPhase[];
  /** The spare that it was made of: its start is shorter than one without. Left out where it was started as its own process. */
  readonly spare?: string;
  /** Why it is to be replaced though it serves: what it was started with has another value by now. Left out: it need not be. */
  readonly outdated?: string;
  /** What its port answers that only another kind of server would. Left out where nothing says so, or where the platform cannot tell. */
  readonly foreign?: string;
  /** It was ready and no longer answers whether it is: another that answers is preferred. Left out: it answers, or was never ready. */
  readonly silent?: string;
  /** Left out by a platform that does not hand out accelerators. */
  readonly devices?: ReplicaDevices;
}
