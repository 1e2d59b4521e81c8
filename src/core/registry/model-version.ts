import type { Digest } from '../units/digest.ts';
import type { EvidenceKind } from '../evidence/lock/lock.ts';
import type { TensorSpec } from '../units/tensor.ts';
import type { Verdict } from '../units/verdict.ts';

export interface ArtifactFile {
  /** Relative path inside the artifact, `/` separated. */
  readonly path: string;
  readonly digest: Digest;
  readonly bytes: number;
}

export interface ModelVersion {
  readonly environment: string;
  readonly name: string;
  /** 1, 2, 3, ... per (environment, name). */
  readonly version: number;
  /** Digest of the list of files (path, digest), so of the whole version. */
  readonly digest: Digest;
  readonly format: 'onnx' | 'safetensors' | 'gguf' | 'other';
  readonly files: readonly ArtifactFile[];
  readonly signature: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] } | null;
  /** What the format's parser found: opset, IR version, weights bytes, producer. JSON-safe. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly lineage: Lineage;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** Where a model version comes from. What is not known is not there. */
export interface Lineage {
  /** Data version that it was trained on, `name:version`, and its digest. */
  readonly trainedOn?: { readonly data: string; readonly digest: Digest };
  /** Code that preprocesses for it: the digest of the code axis that it was trained and evaluated with. */
  readonly preprocessing?: Digest;
  /** Version of the same model that this one was trained from, or that it replaces. */
  readonly parent?: number;
  /** Where it came from, for people and for fetching it again: a folder, `mlflow://host/models/digits/3`, `oci://host/digits:3`. */
  readonly source?: string;
  readonly note?: string;
  /** Files that are pickled, which somebody allowed: loading them runs whatever program they hold. */
  readonly allowedPickle?: readonly string[];
}

export interface DataVersion {
  readonly environment: string;
  readonly name: string;
  readonly version: number;
  /** Digest of the content (rows and schema), not of the container. */
  readonly digest: Digest;
  readonly files: readonly ArtifactFile[];
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Blob of the per-column profile (core/registry/data-profile.ts); not there for data that was added before profiles. */
  readonly profile?: Digest;
  readonly source?: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

export interface AliasMove {
  readonly environment: string;
  readonly name: string;
  readonly alias: string;
  readonly from: number | null;
  readonly to: number | null;
  readonly reason: string;
  /** What the move rests on; not there where it was moved by hand without any. */
  readonly evidence?: readonly AliasEvidence[];
  readonly by: string;
  readonly atMs: number;
}

/** One piece of evidence that a promotion rests on, by the digest of what was measured. */
export interface AliasEvidence {
  readonly kind: EvidenceKind;
  /** Digest of the evidence record as it stands in `plimsoll.lock`. */
  readonly digest: Digest;
  readonly verdict: Verdict;
}
