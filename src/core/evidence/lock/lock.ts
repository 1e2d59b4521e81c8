import type { Verdict } from '../../units/verdict.ts';
import type { Digest } from '../../units/digest.ts';
import type { TensorSpec } from '../../units/tensor.ts';
import type { Knower } from '../kinds/kind-row.ts';
import type { EvidenceKind } from '../kinds/table.ts';
import type { FeatureViews } from '../features/feature-view.ts';
import type { ImageFacts } from './image-facts.ts';
import type { ModelHardwareFacts } from './model-facts.ts';

export type { EvidenceKind } from '../kinds/table.ts';

/** `plimsoll.lock`: sorted keys, one fact a line, written only by the program. */
export interface Lock {
  readonly lockVersion: 1;
  readonly service: string;
  readonly environments: Readonly<Record<string, LockedEnvironment>>;
}

export interface LockedEnvironment {
  readonly code?: PinnedCode;
  readonly model?: PinnedModel;
  /** By the contract's name of the data: `digits-golden`. */
  readonly data: Readonly<Record<string, PinnedData>>;
  /** Files that compute features, by path: those of `features`, and programs of `monitoring.features`. Absent where the contract names none. */
  readonly features?: Readonly<Record<string, Digest>>;
  /** Feature views of Feast; absent where the contract names none. */
  readonly featureViews?: FeatureViews;
  /** Digests of device classes; the local platform without an accelerator pins its CPU class. */
  readonly deviceClasses: readonly Digest[];
  /** Name of each runtime to version: `{ onnxruntime: "1.30.0" }`. */
  readonly runtime: Readonly<Record<string, string>>;
  readonly evidence: Readonly<Partial<Record<EvidenceKind, Evidence>>>;
}

export interface PinnedCode {
  readonly digest: Digest;
  readonly image?: string;
  /** Path relative to the contract, to the digest of the content. */
  readonly files: Readonly<Record<string, Digest>>;
  /** What was found inside `image`; absent while it was not inspected. */
  readonly facts?: ImageFacts;
}
export interface PinnedModel {
  readonly name: string;
  readonly version: number;
  readonly alias?: string;
  readonly digest: Digest;
  /** Where another machine can fetch it: `mlflow://...`, `oci://...`, `s3://...`. Absent where the registry knows no such place. */
  readonly source?: string;
  readonly format: string;
  readonly signature: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] };
  /** What its file tells of the hardware that it needs; absent while it was not inspected. */
  readonly facts?: ModelHardwareFacts;
}
export interface PinnedData {
  readonly version: number;
  readonly digest: Digest;
}

/**
 * Measurements and what they are *of*. The verdict is not stored: it is recomputed from the present contract, so that
 * neither an edited budget nor an edited lock can pass by itself.
 */
export interface Evidence {
  readonly kind: EvidenceKind;
  /** Name of a subject to its digest at the time of measuring; names as in the row of the kind. */
  readonly subjects: Readonly<Record<string, Digest>>;
  /** JSON-safe, its shape fixed by the kind. */
  readonly measurements: Readonly<Record<string, unknown>>;
  readonly measuredAtMs: number;
  readonly by: string;
  readonly plimsollVersion: string;
}

/** Lets a release out without evidence of one kind that holds; `coversState` says what it covers. */
export interface Waiver {
  readonly kind: EvidenceKind;
  /** Given for evidence that was measured and fails; absent for what is missing, stale, inconclusive or unknown. */
  readonly failing?: true;
  readonly reason: string;
  readonly untilMs: number;
  readonly by: string;
  readonly atMs: number;
}

/** Recorded by the watch: one named piece of evidence no longer holds, and what renews it. */
export interface Invalidation {
  readonly kind: EvidenceKind;
  readonly environment: string;
  readonly reason: string;
  readonly remedy: string;
  readonly atMs: number;
  /**
   * The piece of evidence, as `digestOfMeasured` gives it: this evidence no longer holds, whatever clocks say. Left out by older
   * versions, and where it is not known: then the time alone says which evidence is meant.
   */
  readonly evidence?: Digest;
  /** Seen in the files beside the contract by whoever looks at them, and not by a watch. */
  readonly inFiles?: true;
}

/**
 * | freshness | meaning |
 * |---|---|
 * | fresh | every subject is what was measured |
 * | stale | a subject moved, or the watch found that it no longer holds |
 * | unknown | whether a subject moved cannot be known now |
 * | missing | nothing was measured |
 * | not-asked | the contract does not ask for it |
 */
export type Freshness = 'fresh' | 'stale' | 'unknown' | 'missing' | 'not-asked';

/** A subject of one piece of evidence. */
export interface SubjectState {
  readonly subject: string;
  readonly knownBy: Knower;
  /** When it was measured; null where it was not there. */
  readonly measured: Digest | null;
  /** Null where it is not there, or not known. */
  readonly present: Digest | null;
  /** Why the present one is not known; absent where it is known, or not there. */
  readonly unknown?: string;
}

/** One row of the evidence table: in `check`, in `status`, on the page. */
export interface EvidenceState {
  readonly kind: EvidenceKind;
  readonly freshness: Freshness;
  readonly verdict: Verdict;
  /** Which subject moved, from what to what; or what is missing. */
  readonly reasons: readonly string[];
  /** The command that renews it; undefined when there is nothing to renew. */
  readonly renew?: string;
  readonly waiver?: Waiver;
  /** False for a kind whose machinery does not exist yet in this version. */
  readonly available: boolean;
  readonly measuredAtMs?: number;
  /** What was measured, and what is there now; absent where nothing was measured. */
  readonly subjects?: readonly SubjectState[];
  /** Subjects that only a store or nodes tell: taken from the lock by this judge, and looked at on release. */
  readonly judgedOnRelease?: readonly string[];
  /** The watch judges it while the release is live; `unknown` where nobody here sees what runs. */
  readonly judgedLive?: true;
  /** Who was the first to send it, as the control plane authenticated them; left out where nobody here knows. */
  readonly sentBy?: string;
  /** Of a kind that is not asked for and was measured all the same. */
  readonly unasked?: { readonly freshness: Freshness; readonly verdict: Verdict };
}
