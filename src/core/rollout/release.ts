import type { ClientRules } from '../access/shares/client-limits.ts';
import type { AnswerLimits } from '../contract/objective/answer-limits.ts';
import type { CodeSection, HostShare, Sharing } from '../contract/contract.ts';
import type { EffectiveCapture, EffectiveJudge } from '../contract/defaults.ts';
import type { Waiver } from '../evidence/lock/lock.ts';
import type { ArtifactFile } from '../registry/model-version.ts';
import type { TensorSpec } from '../units/tensor.ts';
import type { Digest } from '../units/digest.ts';

export type Axis = 'code' | 'model';

/** What runs on the code axis, complete enough to start it again without the contract that it came from. */
export interface ReleasedCode {
  readonly digest: Digest;
  readonly section: CodeSection;
  /** The files of `code.files`, kept as blobs so that a rollback brings back the very bytes. */
  readonly files: readonly ArtifactFile[];
  /** Accelerators of one replica, all on one node; absent for none, and where an older version made it. */
  readonly devices?: number;
  /** Ways of sharing a device that it tolerates; absent for exclusive devices alone, and where an older version made it. */
  readonly sharing?: readonly Sharing[];
  /** What it needs of each device; absent where the contract does not say it. */
  readonly deviceMemoryBytes?: number;
  /** What one replica takes of its node beside them; absent where the contract does not say it. */
  readonly host?: HostShare;
  /** Labels that its node must have; absent for any node. */
  readonly selector?: Readonly<Record<string, string>>;
  /** Runtime class of its pods; absent without accelerators, and where the contract names none. */
  readonly runtimeClass?: string;
}

export interface ReleasedModel {
  readonly name: string;
  readonly version: number;
  readonly digest: Digest;
  readonly format: string;
  readonly files: readonly ArtifactFile[];
  readonly signature: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] } | null;
}

/** The golden set of this model: a blob holding a `GoldenSet` (core/monitoring/golden.ts). */
export interface ReleasedGolden {
  readonly dataName: string;
  readonly blob: Digest;
}

export interface ReleasedReplicas {
  readonly min: number;
  readonly max: number;
  /** Who sets the number while the release is live, on a platform where another one can; absent where Plimsoll does. */
  readonly actuator?: 'keda' | 'none';
  /** Most replicas that sleep at the same time; absent where none does. */
  readonly asleepAtMost?: number;
}

/**
 * One (code, model) pair of a service in an environment; immutable and numbered. What happens to it afterwards is in
 * `Deployment` and in the event log, never in the release.
 */
export interface Release {
  readonly service: string;
  readonly environment: string;
  /** Who answers for it, by its contract: a team or a person; absent where the contract does not say. */
  readonly owner?: string;
  /** 1, 2, 3, ... per (service, environment). */
  readonly number: number;
  readonly code: ReleasedCode;
  readonly model: ReleasedModel;
  readonly golden: ReleasedGolden | null;
  /** Digest of (code digest, model digest): releases with the same pair share warm replicas. */
  readonly pair: Digest;
  /** True when this pair never ran in this environment before (a rollback of one axis can make such a pair). */
  readonly unprovenPair: boolean;
  readonly replicas: ReleasedReplicas;
  readonly keepPreviousMs: number;
  /** How long it may take to become ready before it counts as failed; `rolloutBounds.startTimeoutMs` when not given. */
  readonly startTimeoutMs?: number | undefined;
  /** How long a replica may be silent before it is judged stuck; 60 s when not given. */
  readonly stuckAfterMs?: number | undefined;
  readonly steps: readonly number[];
  /** How its steps are judged; the defaults of the contract when not given. */
  readonly canary?: ReleaseCanary | undefined;
  /** Which requests gateways capture; absent where none, and where an older version made it. */
  readonly capture?: EffectiveCapture | undefined;
  /** What its answers have to keep; absent where the contract promises no latency, and where an older version made it. */
  readonly objective?: AnswerLimits | undefined;
  /** What gateways hold its clients to; absent where the contract sets no limit, and where an older version made it. */
  readonly clients?: ClientRules | undefined;
  readonly cause: ReleaseCause;
  readonly waivers: readonly Waiver[];
  /** What it was made from; absent where a version before bundles made it. */
  readonly bundles?: ReleaseBundles | undefined;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** The bundle that each part of a release came from: a rollback of one axis mixes two. */
export interface ReleaseBundles {
  readonly contract: Digest;
  readonly code: Digest;
  readonly model: Digest;
  /** The one whose lock its evidence is read from, as it was made. */
  readonly evidence: Digest;
}

/** What the contract says of the steps of a release, defaults filled in. */
export interface ReleaseCanary {
  /** As the contract writes it: `header:x-user`. */
  readonly stickyBy?: string | undefined;
  /** 0: no shadow before the first step. */
  readonly shadowShare: number;
  readonly judge: EffectiveJudge;
}

export type ReleaseCause =
  | { readonly kind: 'release' }
  | {
      readonly kind: 'rollback';
      readonly axis: Axis;
      readonly from: number;
      readonly to: number;
      readonly reason: string;
      /** The way there of a drill: nothing was bad about what it left, and it is to come back. */
      readonly drill?: boolean | undefined;
    };

/**
 * | phase | meaning |
 * |---|---|
 * | starting | its replicas start and are admitted; traffic stays where it was |
 * | shadowing | it gets copies of requests, and its answers go to nobody; traffic stays where it was |
 * | stepping | a share of the traffic goes to it, and the judge compares it with the live one |
 * | live | all traffic goes to it |
 * | removed | nothing runs, and nobody is answered: the service was removed |
 * | failed | it did not become ready, did not reproduce its golden set, or was taken back; traffic is where it was |
 */
export type DeploymentPhase = 'starting' | 'shadowing' | 'stepping' | 'live' | 'failed' | 'removed';

/** The mutable side: one row per (service, environment). Moved by compare-and-swap on `revision`. */
export interface Deployment {
  readonly service: string;
  readonly environment: string;
  /** Release that all traffic not in a step goes to; null before the first release is live. */
  readonly live: number | null;
  /** Release being brought in; null when nothing is under way. */
  readonly incoming: number | null;
  readonly phase: DeploymentPhase;
  /** Index into the incoming release's `steps`; 0 outside of `stepping`. */
  readonly step: number;
  /** Release kept warm for a rollback, until when. */
  readonly previous: { readonly release: number; readonly untilMs: number } | null;
  readonly reason: string;
  readonly changedAtMs: number;
  readonly revision: number;
}

/** After a rollback the digest that was left is barred on its axis until somebody lifts the bar. */
export interface Bar {
  readonly service: string;
  readonly environment: string;
  readonly axis: Axis;
  readonly digest: Digest;
  readonly reason: string;
  readonly by: string;
  readonly atMs: number;
}
