import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import type { ServiceHealth } from '../../core/health/health.ts';
import type { ReadinessAnswer } from '../../core/readiness/readiness.ts';
import type { Bar, Deployment } from '../../core/rollout/release.ts';
import type { ScalingRecord } from '../../core/scaling/acting/scaling-record.ts';
import type { ToldNumbers } from '../../core/scaling/departure/learned-text.ts';
import type { LearnedEvidence } from '../../core/scaling/policy.ts';
import type { ScalingSignals } from '../../core/scaling/signals.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { OnInconclusive, Protocol, ScalingSection } from '../../core/contract/contract.ts';
import type { Promises } from '../../core/contract/promises.ts';
import type { CanaryJudgement, CanaryPause } from '../../core/rollout/judge/canary.ts';
import type { Isolation } from '../../core/rollout/isolation/isolation.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { ShownAsk } from '../../core/rollout/release-ask.ts';
import type { FleetSpares } from './fleet-view.ts';

/** All that a page or `status` shows of one service; sent whole as the server-sent event `view` whenever it changes. */
export interface ServiceView {
  readonly service: string;
  readonly environment: string;
  readonly owner: string | null;
  readonly plimsollVersion: string;
  readonly nowMs: number;
  /** First gateway's address for clients; null while there is none. */
  readonly gatewayUrl: string | null;
  readonly model: string;
  /** Of the live (else incoming) model; null when its format tells none. */
  readonly signature: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] } | null;
  readonly deployment: Deployment | null;
  /** Which protocol clients speak; absent before the first release, and from an older control plane. */
  readonly protocol?: Protocol;
  /** The rollback that would be accepted now: `plimsoll rollback --model`; null where none would. Absent as `health`. */
  readonly rollback?: string | null;
  /** No replica of the release that is kept warm answers: going back starts it anew. Absent where one answers, and where none is kept. */
  readonly isWarmSilent?: true;
  /** Absent from a control plane that does not judge it. */
  readonly health?: ServiceHealth;
  /** What the contract of the live release promises; null where it is not known. */
  readonly promises?: Promises | null;
  /** Newest first, bounded. */
  readonly releases: readonly ReleaseSummary[];
  /**
   * Requests for a release that are not decided yet, and the newest decided one where it is newer than the newest release;
   * newest first. Absent from a control plane that does not tell them.
   */
  readonly asks?: readonly ShownAsk[];
  readonly evidence: readonly EvidenceState[];
  /** The release that `evidence` is of; null before the first. Absent from a control plane that does not tell it. */
  readonly evidenceOf?: number | null;
  readonly readiness: readonly ReadinessAnswer[];
  readonly replicas: readonly ReplicaView[];
  readonly gateways: readonly GatewayView[];
  readonly bars: readonly Bar[];
  readonly routingGeneration: number;
  /** The step that is under way; absent when none is. */
  readonly rollout?: RolloutView;
  /** Absent where nothing scales: one number of replicas, or nobody watches. */
  readonly scaling?: ScalingView;
  /** Spares that its starts can take. Absent where none is kept for it, or nobody watches. */
  readonly spares?: FleetSpares;
}

/** What scaling last decided, and on what. */
export interface ScalingView {
  /** What the policy decided last; null before it was asked. */
  readonly desired: number | null;
  /** What is asked of the platform; null where that is what the release began with. */
  readonly ordered: number | null;
  readonly min: number;
  readonly max: number;
  readonly actuator: ScalingSection['actuator'];
  readonly policy: string;
  readonly reason: string;
  /** Why the policy is not asked now; null when it is. */
  readonly held: string | null;
  readonly decidedAtMs: number | null;
  readonly signals: ScalingSignals;
  /** What the last decision learned of its evidence, and what that tells. Absent where the policy learns nothing. */
  readonly learned?: LearnedView;
  /** Why the capacity evidence no longer holds, while decisions go on by it and by what is learned. */
  readonly doubt?: string;
}

export interface LearnedView extends LearnedEvidence {
  readonly told: ToldNumbers;
}

/** One decision of `GET /v1/scaling`; `plimsoll scale explain SEQ` has all that it was made from. */
export interface ScalingDecisionView {
  /** Of its event. */
  readonly seq: number;
  readonly atMs: number;
  readonly release: number;
  readonly policy: { readonly name: string; readonly plimsollVersion: string };
  readonly before: number;
  readonly desired: number;
  /** Null where it was not ordered: another one writes the number. */
  readonly ordered: number | null;
  readonly reason: string;
  readonly terms: Readonly<Record<string, number | null>>;
}

/** `GET /v1/scaling/SEQ`. */
export interface ScalingRecordAnswer {
  readonly seq: number;
  readonly record: ScalingRecord;
}

export interface ScalingAnswer {
  /** Null where nothing scales, or no control plane runs. */
  readonly scaling: ScalingView | null;
  /** Newest last. */
  readonly decisions: readonly ScalingDecisionView[];
}

/** One step of a rollout as people follow it; bounded, and sent whenever the judge has looked again. */
export interface RolloutView {
  readonly release: number;
  readonly against: number;
  /** Index into `steps`; -1 for the shadow. */
  readonly step: number;
  readonly steps: readonly number[];
  readonly shadowShare: number;
  /** Of the traffic now; 0 in the shadow. */
  readonly share: number;
  readonly startedAtMs: number;
  /** Pauses left out. */
  readonly elapsedMs: number;
  readonly atLeastMs: number;
  readonly withinMs: number;
  readonly onInconclusive: OnInconclusive;
  readonly pause: CanaryPause | null;
  readonly promote: CanaryPause | null;
  readonly judgement: CanaryJudgement | null;
}

export interface ReleaseSummary {
  readonly number: number;
  readonly code: { readonly digest: string; readonly label: string };
  readonly model: { readonly name: string; readonly version: number; readonly digest: string };
  readonly cause: string;
  /** A rollback of one axis made a pair that never ran before. */
  readonly unprovenPair: boolean;
  readonly waived: readonly string[];
  /** Of `waived`, the kinds that had been measured and failed; absent from a control plane that does not tell them apart. */
  readonly waivedFailing?: readonly string[];
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly state: 'incoming' | 'live' | 'warm' | 'failed' | 'retired';
}

/** `release` is the one that its pair is there for now, which a rollback may have made a later one than it was started for. */
export interface ReplicaView extends ObservedReplica {
  readonly admitted: boolean;
  /** Why it is not admitted, or which golden set it reproduced. */
  readonly admission: string;
  readonly modelVersion: number;
  /** That it is kept from traffic for diagnosis; absent where it is not. */
  readonly isolation?: Isolation;
}

export interface GatewayView {
  readonly gatewayId: string;
  readonly address: string;
  readonly acknowledgedGeneration: number;
  readonly lastSeenMs: number;
  readonly residentBytes: number;
}

/**
 * One second of signals over all gateways and replicas; the server-sent event `signals`. What no gateway reports is
 * null: unknown, which is not zero.
 */
export interface SignalSample {
  readonly atMs: number;
  readonly requestsPerSecond: number | null;
  readonly errorsPerSecond: number | null;
  readonly queueDepth: number | null;
  readonly inFlight: number | null;
  readonly latencyP50Ms: number | null;
  readonly latencyP99Ms: number | null;
  /** Mean rows per batch over the largest batch, of all replicas; null where no replica exports it. */
  readonly batchFillShare: number | null;
}
