import type { ArtifactFile } from '../../core/registry/model-version.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { Descriptor, PackedJson } from '../../schemas/artifact/model-pack.ts';
import type { ModelRegistry } from './model-registry.ts';

/** A registry of models that takes pushes, and evidence attached to what lies in it. Errors as those of ModelRegistry. */
export interface ArtifactRepository extends ModelRegistry {
  /** Every file, then what describes them: a manifest never names bytes that are not there. What is there is not sent. */
  push(
    pack: { readonly files: readonly ArtifactFile[]; readonly config: PackedJson; readonly manifest: PackedJson },
    read: (digest: Digest, from: number, length: number) => AsyncIterable<Uint8Array>,
    tag: string | null,
    signal: AbortSignal,
  ): Promise<void>;
  manifestOf(version: string, signal: AbortSignal): Promise<Descriptor>;
  /** By the referrers API, or where there is none by the tag that stands for it. */
  attach(
    subject: Digest,
    evidence: { readonly blob: PackedJson; readonly config: PackedJson; readonly manifest: PackedJson },
    signal: AbortSignal,
  ): Promise<void>;
  /** The records that were attached, as they were pushed; whoever reads them parses them. */
  evidence(subject: Digest, signal: AbortSignal): Promise<readonly unknown[]>;
}
