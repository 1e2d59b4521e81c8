import type { ClientRules } from '../../access/shares/client-limits.ts';
import type { AnswerLimits } from '../../contract/objective/answer-limits.ts';
import type { Protocol } from '../../contract/contract.ts';
import type { GoldenTolerance } from '../../monitoring/golden.ts';

/** One numbered generation of where requests go. Gateways acknowledge each and serve on with their last one. */
export interface RoutingTable {
  readonly service: string;
  readonly environment: string;
  /** Increases by at least 1 with each change; a gateway never goes back to a lower one. */
  readonly generation: number;
  readonly protocol: Protocol;
  /** Name that the model has in the protocol's paths. */
  readonly model: string;
  /** Shares sum to 1 when there is any split. */
  readonly splits: readonly RoutingSplit[];
  /** True while a replica is on its way: a gateway without a ready replica then holds requests until their deadline. */
  readonly starting: boolean;
  readonly issuedAtMs: number;
  /** The service was removed: there is nothing to wait for. */
  readonly removed?: true;
  /** Contract `rollout.stickyBy: header:x-user`: the value of this field decides the split (sticky-choice.ts). */
  readonly stickyBy?: StickyBy;
  /** Requests of which a copy goes to a release that answers nobody. */
  readonly shadow?: RoutingShadow;
  /** The step that is judged: gateways count units for it, and begin anew whenever it changes. Absent: nothing is counted. */
  readonly canary?: RoutingCanary;
  /** Which requests are captured; absent where none. */
  readonly capture?: RoutingCapture;
  /** What an answer has to keep to count as inside the objective; absent where the contract promises no latency. */
  readonly objective?: AnswerLimits;
  /** Who counts as one client, and what each may ask; absent where the contract sets no limit. */
  readonly clients?: ClientRules;
}

/** What a gateway draws for each inference request at its arrival, and how much it keeps of those that were drawn. */
export interface RoutingCapture {
  /** Kept with their answers. */
  readonly sampleShare: number;
  /** Sent to a replica drawn at random, and kept. */
  readonly controlShare: number;
  /** Of each request and of each answer; the rest is cut off. */
  readonly maxBodyBytes: number;
  /** Of the spool of one gateway, in which they wait for the control plane. */
  readonly spoolBytes: number;
}

/** Of a request, and of an answer. */
export const capturedBodyBytes = 64 * 1024;

export interface StickyBy {
  /** Lower case. */
  readonly header: string;
}

/** Mirrored requests. Its replicas are in no split; one that is in both answers clients too. */
export interface RoutingShadow {
  readonly release: number;
  readonly modelVersion: number;
  /** Of the inference requests of which a copy can be made, above 0 and at most 1. */
  readonly share: number;
  readonly replicas: readonly RoutedReplica[];
  /** When two answers count as the same; `defaultShadowAgreement` where it is not said. */
  readonly agreement?: ShadowAgreement;
}

/**
 * | rule | a floating-point output agrees when |
 * |---|---|
 * | values | every element is within the golden comparison's tolerance of the live answer's |
 * | arg-max | the same, or, where its last axis has two or more elements, each row's largest one stays where it was |
 *
 * Everything else (integers, booleans, text) must be the very same under both.
 */
export interface ShadowAgreement {
  readonly rule: 'values' | 'arg-max';
  readonly tolerance: GoldenTolerance;
}

/** Another model version is expected to move its scores, and not its choice. */
export const defaultShadowAgreement: ShadowAgreement = {
  rule: 'arg-max',
  tolerance: { absolute: 1e-4, relative: 1e-3, argMax: true },
};

/** Names the step that counts belong to. Two are the same when all four fields are. */
export interface RoutingCanary {
  readonly release: number;
  readonly against: number;
  /** Index into the release's `steps`; -1 may stand for a shadow before the first of them. */
  readonly step: number;
  readonly startedAtMs: number;
}

export interface RoutingSplit {
  readonly release: number;
  /** Model version of that release: for metrics and the page. */
  readonly modelVersion: number;
  readonly share: number;
  readonly replicas: readonly RoutedReplica[];
}

export interface RoutedReplica {
  readonly replicaId: string;
  /** `http://127.0.0.1:4711`, without a path. */
  readonly endpoint: string;
  /**
   * What the replica told of itself when it was admitted: a gateway asks for it on each new connection, and sends nothing
   * where another answers. Absent where it tells nothing, or where its address is never another's.
   */
  readonly answersAs?: string;
}
