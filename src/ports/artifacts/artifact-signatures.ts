import type { ArtifactFile } from '../../core/registry/model-version.ts';
import type { Digest } from '../../core/units/digest.ts';

/** A signature as it lies in a registry. Nothing of it is verified. */
export type AttachedSignature =
  /** A simple signing payload, and the signature of it in base64: what cosign keeps under the tag `sha256-HEX.sig`. */
  | { readonly form: 'simple'; readonly payload: Uint8Array; readonly signature: string }
  /** A Sigstore bundle that refers to the manifest. */
  | { readonly form: 'bundle'; readonly bundle: unknown };

export interface SignedManifest {
  readonly digest: Digest;
  readonly signatures: readonly AttachedSignature[];
}

/** Reads signatures out of OCI registries. Errors as those of ModelRegistry. */
export interface ArtifactSignatures {
  /**
   * Signatures of an image's manifest, and of the index that its reference leads to where that index lists the manifest:
   * an image of several platforms is signed by its index.
   */
  ofImage(reference: string, manifest: Digest, signal: AbortSignal): Promise<readonly SignedManifest[]>;
  /** The files of the model at a place, and signatures of its manifest; null for a place in no OCI registry. */
  ofModel(
    place: string,
    signal: AbortSignal,
  ): Promise<{ readonly files: readonly ArtifactFile[]; readonly manifests: readonly SignedManifest[] } | null>;
}
