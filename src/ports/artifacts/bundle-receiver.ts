import type { Bundle } from '../../core/bundle/bundle.ts';
import type { Digest } from '../../core/units/digest.ts';

export interface MissingBlob {
  readonly digest: Digest;
  /** The first path that has it. */
  readonly path: string;
  readonly bytes: number;
  /** Of `bytes`, from an upload that broke off. */
  readonly received: number;
}

export interface BundleOffer {
  readonly bundle: Digest;
  /** By digest, each once, in the order of the manifest: files inside, then the model's where they are known. */
  readonly missing: readonly MissingBlob[];
}

export interface BlobPart {
  /** A bundle that was offered and that names the blob. */
  readonly bundle: Digest;
  readonly offset: number;
  /** Of the whole blob, as the bundle says. */
  readonly totalBytes: number;
}

/** The bytes of a blob from an offset on; asked again where a connection broke. */
export type BytesFrom = (offset: number) => AsyncIterable<Uint8Array>;

/** Refuses by throwing what the bundle's service and environment do not allow. */
export type BundleGuard = (bundle: Pick<Bundle, 'service' | 'environment'>) => void;

/**
 * Takes bundles in: the manifest first, then the blobs that it lacks. A guard is asked before anything is stored or told.
 *
 * All throw PlimsollError `bundle-unknown` (not-found) for a bundle that was not offered, and `upload-size` (input) where a
 * manifest states another size than its blob has.
 */
export interface BundleReceiver {
  /** Stores the manifest. @throws PlimsollError `bundle-invalid`, `model-too-large` (input). */
  offer(manifest: Uint8Array, guard?: BundleGuard): Promise<BundleOffer>;
  missing(bundle: Digest, guard?: BundleGuard): Promise<BundleOffer>;
  /**
   * Sends one blob, or a part of it. A blob that is there already is complete without a byte.
   * @throws PlimsollError `blob-not-in-bundle` (not-found), and what `Uploads.append` throws.
   */
  send(
    digest: Digest,
    part: BlobPart,
    bytes: BytesFrom,
    guard?: BundleGuard,
  ): Promise<{ readonly received: number; readonly complete: boolean }>;
}
