import type { Digest } from '../../core/units/digest.ts';
import type { ModelContent } from '../serving/inference-engine.ts';

/** Where a model server gets the files of model versions from. */
export interface ModelSource {
  /** What could be fetched now, by name and then version. */
  list(signal: AbortSignal): Promise<readonly { readonly name: string; readonly version: number }[]>;
  /**
   * The version that is meant: `version` itself, or for null the one that the source was started with, else the highest.
   * @throws PlimsollError `model-unknown`, `model-version-unknown` (not-found), `model-unreadable`.
   */
  resolve(name: string, version: number | null, signal: AbortSignal): Promise<number>;
  /**
   * The model file of one version, verified against its pinned digest where there is one, and with it every pinned file beside
   * it, which it may refer to. @throws PlimsollError as `resolve`, `model-corrupt` (corrupt, with both digests),
   * `model-not-pinned` (refused).
   */
  fetch(name: string, version: number, signal: AbortSignal): Promise<FetchedModel>;
}

export interface FetchedModel {
  /** Relative path of the file, for people. */
  readonly file: string;
  readonly digest: Digest;
  /** True when the digest was compared with a pinned one. */
  readonly verified: boolean;
  readonly sizeBytes: number;
  readonly content: ModelContent;
  /** After it was loaded: what was loaded is what was hashed. @throws PlimsollError `model-changed` (corrupt). */
  requireUnchanged(): Promise<void>;
}
