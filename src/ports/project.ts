import type { LoadedContract } from '../core/contract/contract.ts';
import type { EvidenceState, Lock } from '../core/evidence/lock.ts';
import type { Digest } from '../core/units/digest.ts';

/** The folder that holds plimsoll.yaml and plimsoll.lock, and what the contract names beside them. */
export interface Project {
  /** Absolute. */
  readonly folder: string;
  /** State folder, `.plimsoll` beside the contract unless told otherwise. Absolute. */
  readonly stateFolder: string;
  /** @throws PlimsollError `contract-missing`, `contract-invalid` (input; details.problems has file, line, column each). */
  contract(): Promise<LoadedContract>;
  /** Null when there is none. @throws PlimsollError `lock-invalid` (input). */
  lock(): Promise<Lock | null>;
  /** Atomic: temporary name, sync, rename. */
  writeLock(lock: Lock): Promise<void>;
  /** Digests of every subject as it is now; a subject that is not there is absent. */
  presentSubjects(environment: string): Promise<Readonly<Record<string, Digest>>>;
  /** The evidence table of an environment as of now: contract, lock, present digests, waivers and invalidations together. */
  evidenceStates(environment: string, nowMs: number): Promise<readonly EvidenceState[]>;
}
