import type { Digest } from '../../core/units/digest.ts';

/**
 * A place outside Plimsoll where models live already: MLflow, an OCI registry, a bucket, a folder. Every call is bounded in
 * time, size and attempts, and ends when its signal does.
 *
 * Errors of every call: `remote-unreachable` (unavailable) when it is down, slow or in trouble after the attempts allowed;
 * `remote-refused` (unauthorized) for credentials; `remote-answer` (unavailable) for an answer that is not of its protocol.
 */
export interface ModelRegistry {
  /** As people write it: `mlflow://127.0.0.1:5000`, `oci://registry.example/team/digits`. */
  readonly location: string;
  /** Sorted. A registry that is one repository has one. */
  names(signal: AbortSignal): Promise<readonly string[]>;
  /** Oldest first where the registry tells an order, else sorted. @throws `remote-model-unknown` (not-found). */
  versions(name: string, signal: AbortSignal): Promise<readonly RemoteVersion[]>;
  /** Alias to version; none where the registry knows no aliases. @throws `remote-model-unknown` (not-found). */
  aliases(name: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /**
   * The files of one version, sorted by path; an alias is resolved by the caller, so that what moves meanwhile mixes nothing.
   * @throws `remote-model-unknown`, `remote-version-unknown` (not-found), `remote-source-unreadable` (input) for files in a
   *   place that is not read, `remote-too-large` (input), `remote-path-unsafe` (input).
   */
  files(name: string, version: string, signal: AbortSignal): Promise<RemoteFiles>;
  /**
   * Points an alias, or takes it away for null; not there where aliases cannot be written. The same again changes nothing.
   * @throws `remote-version-unknown` (not-found), `remote-without-aliases` (refused) for servers older than aliases.
   */
  setAlias?(name: string, alias: string, version: string | null, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface RemoteVersion {
  readonly version: string;
  /** What the registry itself says the content is; most say nothing. */
  readonly digest: Digest | null;
  /** `pending` and `failed` have no files that may be read. */
  readonly state: 'ready' | 'pending' | 'failed';
  readonly createdAtMs: number | null;
  /** For people, as the registry has it. */
  readonly note: string | null;
}

export interface RemoteFile {
  /** Relative, `/` separated, checked: never out of its folder. */
  readonly path: string;
  /** Null where the registry does not tell. */
  readonly bytes: number | null;
  readonly digest: Digest | null;
}

export interface RemoteFiles {
  readonly files: readonly RemoteFile[];
  /** Of a registry of manifests: the one that named these files, and what whoever pushed it wrote on it, unproven. */
  readonly manifest?: { readonly digest: Digest; readonly annotations: Readonly<Record<string, string>> };
  /**
   * From its start; goes on where a connection broke. Ends only when all of the file was given.
   * @throws `remote-changed` (conflict) when the file became another one on the way.
   */
  read(file: RemoteFile, signal: AbortSignal): AsyncIterable<Uint8Array>;
}
