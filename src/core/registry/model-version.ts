import type { Digest } from '../units/digest.ts';
import type { TensorSpec } from '../units/tensor.ts';

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

export interface Lineage {
  /** Data version that it was trained on, `name:version`, and its digest. */
  readonly trainedOn?: { readonly data: string; readonly digest: Digest };
  readonly source?: string;
  readonly note?: string;
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
  readonly by: string;
  readonly atMs: number;
}
