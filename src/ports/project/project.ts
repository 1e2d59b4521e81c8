import type { LoadedContract } from '../../core/contract/contract.ts';
import type { FeatureViews } from '../../core/evidence/features/feature-view.ts';
import type { Lock } from '../../core/evidence/lock/lock.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import type { EvidenceRecords } from '../../core/proof/judge-environment.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import type { Digest } from '../../core/units/digest.ts';

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
  /**
   * Reads the lock, and writes what `update` makes of it, whole and durably. Nobody else changes the lock between the two,
   * in this process or in another one of the same state folder. An update that throws leaves the lock as it was.
   * @throws PlimsollError `lock-invalid` (input), `file-locked` (overloaded) when another change takes ten seconds.
   */
  changeLock(update: LockUpdate, options?: ChangeLockOptions): Promise<void>;
  /**
   * The files of `code.files` as they are now: folders walked, sorted by path, none twice.
   * @throws PlimsollError `code-file-missing`, `code-file-escapes`, `code-files-too-many` (input).
   */
  codeFiles(): Promise<readonly ArtifactFile[]>;
  /**
   * What the metrics of `evaluation.metrics` are made of, as far as it is in the folder: modules, named files, and each
   * argument of a command that is a file. Sorted by path, none twice.
   */
  metricFiles(): Promise<readonly ArtifactFile[]>;
  /**
   * The same of the programs of `monitoring.features`, and the files and folders of `features`.
   * @throws PlimsollError as `codeFiles`, for those of `features`.
   */
  featureFiles(): Promise<readonly ArtifactFile[]>;
  /**
   * What defines the feature views of `features`; null where there are none, or a registry is no file of this machine and
   * `readElsewhere` is not given.
   * @throws PlimsollError `feast-registry-missing` (unavailable); `feast-unknown` (not-found) for a view that is not there;
   * `feast-invalid`, `feast-version-unknown`, `feast-projects-several` (input).
   */
  featureViews(readElsewhere?: (uri: string) => Promise<Uint8Array>): Promise<FeatureViews | null>;
  /**
   * Digest of the code axis as it is now; for `code.image` with the image that the lock pins, or null when it pins another
   * reference, because only a registry can tell then. @throws as `codeFiles`.
   */
  codeDigest(environment: string): Promise<Digest | null>;
  /** This machine, as the local platform lands replicas on it. */
  machine(): Promise<MachineFacts>;
  /** Digest of a file beside the contract, by its path from there; null when there is none. */
  fileDigest(path: string): Promise<Digest | null>;
  /** The pool's snapshot beside the contract; null when there is none. @throws PlimsollError `pool-invalid` (input). */
  pool(name: string): Promise<PoolSnapshot | null>;
  /** What the store of the state folder holds about evidence; nothing where there is no store, as in CI. */
  records(environment: string): Promise<EvidenceRecords>;
  /** Whether the state folder holds all of these; null where there is no state folder to look into. */
  holdsBlobs(digests: readonly Digest[]): Promise<boolean | null>;
  /**
   * The same project for one judgement: what was read of contract, lock and code stays as it was read. Such a judgement is of
   * one state of the files, and each of them is read once.
   */
  snapshot(): Project;
}

/** What the lock is to be. Given null where there is none. Short: everybody else who changes the lock waits for it. */
export type LockUpdate = (lock: Lock | null) => Lock | Promise<Lock>;

export interface ChangeLockOptions {
  /** A lock that cannot be read counts as none, and is replaced. */
  readonly replaceUnreadable?: boolean;
}

export interface MachineFacts {
  /** Device class of the CPU: what a service without an accelerator is coupled to. */
  readonly deviceClass: { readonly digest: Digest; readonly description: string };
  /** The class of the same CPU as labels of node-feature-discovery tell it; left out where they would not. */
  readonly labelledClass?: Digest;
  /** Inference runtimes of this installation by version: `{ onnxruntime: "1.30.0" }`. */
  readonly runtime: Readonly<Record<string, string>>;
}
