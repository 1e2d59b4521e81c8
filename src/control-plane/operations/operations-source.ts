import type { BlobProofs } from '../bundles/blob-proofs.ts';
import type { Grant } from '../../core/access/requester.ts';
import type { Promises } from '../../core/contract/promises.ts';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import type { ReplayTerms } from '../../core/monitoring/replay/replay-terms.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import type { ReadinessAnswer } from '../../core/readiness/readiness.ts';
import type { GoldenRejection } from '../../core/rollout/deployment/rollout-state.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { TestedTarget } from '../../ports/monitoring/alert-sender.ts';
import type { Countersign } from '../../core/trust/evidence-receipt.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store, StoreWriter } from '../../ports/records/store.ts';
import { tellOrigin } from '../audit/origin.ts';
import type { LiveDiagnosis } from '../diagnosis/live-diagnoses.ts';
import type { WatchedHealth } from '../health/service-health.ts';
import type { Judging } from '../judging/judging.ts';
import type { FleetSpares } from '../../schemas/view/fleet-view.ts';
import type { GatewayView, ScalingView } from '../../schemas/view/view.ts';

/** What the operations of one service stand on; the control plane and the command line each compose their own. */
export interface OperationsSource {
  readonly service: string;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly plimsollVersion: string;
  /** Who asks: the token's name, or the operating system's user. */
  readonly by: string;
  /** What they may do: whose a service is goes by the scopes of these. */
  readonly grants: readonly Grant[];
  /**
   * Runs `write` with the fence of the lease of (service, environment): held all along by the control plane, taken
   * briefly by the command line.
   */
  withFence<T>(environment: string, write: (fence: Fence) => Promise<T>): Promise<T>;
  /** Called after something was written, so that reconcilers need not wait for their period. */
  changed(): void;
  /** What bundles are judged by, beside the store. */
  readonly judging: Judging;
  /** Signs who sent evidence first; left out where no control plane runs. */
  readonly countersign?: Countersign;
  /** Ids of the requests that this process decides just now; nobody else here takes them up. */
  readonly deciding: Set<string>;
  /** Sends a test message to each target of alerts; left out where no control plane runs. */
  readonly testNotify?: () => Promise<readonly TestedTarget[]>;
  /** Which services sent the bytes of which blobs; left out where no bundles are taken. */
  readonly proofs?: Pick<BlobProofs, 'has' | 'add'>;
  readonly facts: ServiceFacts;
}

/** What is known beside the store: by watching, where somebody watches. */
export interface ServiceFacts {
  owner(): Promise<string | null>;
  evidence(environment: string): Promise<readonly EvidenceState[]>;
  /** The release that `evidence` is of; null before the first. */
  evidenceOf(environment: string): Promise<number | null>;
  readiness(environment: string): Promise<readonly ReadinessAnswer[]>;
  replicas(environment: string): Promise<readonly ObservedReplica[]>;
  rejections(): readonly GoldenRejection[];
  gateways(): readonly GatewayView[];
  /** Null where nothing scales, or nobody watches. */
  scaling(): ScalingView | null;
  /** Spares that fit the service; null where none is kept for it. Left out where nobody watches. */
  spares?(): FleetSpares | null;
  health(): WatchedHealth;
  /** What was read of it last while it serves. Left out where nobody watches. */
  diagnosis?(): LiveDiagnosis;
  /** Of the contract of the release that is shown; null where it is not known. */
  promises(environment: string): Promise<Promises | null>;
  /** What the live release says of watching its answers; null where nothing is captured, undefined where it is not known. */
  monitoring(environment: string): Promise<MonitoringTerms | null | undefined>;
  /** How golden sets are replayed; null where they are not, undefined where that is not known. Left out where nobody watches. */
  replay?(): Promise<ReplayTerms | null | undefined>;
}

/** One write transaction of an environment; the reconcilers are told afterwards. */
export async function write<T>(
  source: Pick<OperationsSource, 'store' | 'withFence' | 'changed'>,
  environment: string,
  work: (tx: StoreWriter) => Promise<T>,
): Promise<T> {
  const result = await source.withFence(environment, (fence) =>
    source.store.transaction(fence, (tx) => work(tellOrigin(tx))),
  );
  source.changed();
  return result;
}
