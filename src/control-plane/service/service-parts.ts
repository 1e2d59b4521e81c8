import type { BlobProofs } from '../bundles/blob-proofs.ts';
import type { ProcessorTimes } from '../../ports/nodes/processor-times.ts';
import type { FastifyBaseLogger } from 'fastify';
import type { Protocol } from '../../core/contract/contract.ts';
import type { PoolMatrix } from '../../core/hardware/pool-matrix.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Policy } from '../../core/scaling/policy.ts';
import type { Countersign } from '../../core/trust/evidence-receipt.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Journal } from '../../ports/records/journal.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import type { FeatureSource } from '../../ports/monitoring/feature-source.ts';
import type { MetricsSource } from '../../ports/serving/metrics-source.ts';
import type { Platform } from '../../ports/serving/platform.ts';
import type { ReadIdentity } from '../../ports/serving/replica-identity.ts';
import type { ReplicaSleeper } from '../../ports/serving/replica-sleeper.ts';
import type { ReplicaInspector } from '../../ports/serving/replica-inspector.ts';
import type { ReplicaClient } from '../../ports/serving/replica-client.ts';
import type { LiveDiagnoses } from '../diagnosis/live-diagnoses.ts';
import type { NotifierParts } from '../monitoring/notifier.ts';
import type { StreamBudget } from '../http/event-streams.ts';
import type { Judging } from '../judging/judging.ts';
import type { LedgerRecorder } from '../ledger/record/ledger-recorder.ts';
import type { LeaseStanding } from '../lease-keeper.ts';
import type { SpareBoard } from '../spares/spare-board.ts';
import type { CostSource } from '../watches/cost-source.ts';
import type { HardwareSource } from '../watches/hardware-watch.ts';
import type { JudgementSource } from '../watches/judgements.ts';
import type { LearnedSource } from '../watches/learned-watch.ts';
import type { MixSource } from '../watches/mix/mix-watch.ts';
import type { StartSource } from '../watches/start-watch.ts';
import type { ServiceScope } from './service-scope.ts';

/** What every service of a control plane shares. */
export interface SharedParts {
  readonly plimsollVersion: string;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly journal: Journal;
  readonly platform: Platform;
  replicaClientFor(protocol: Protocol): ReplicaClient;
  /** Who answers at an address; left out where the address of a replica is never another's. */
  readonly identityOf?: ReadIdentity;
  /** Puts replicas to sleep and wakes them; left out where none can sleep. */
  readonly sleeper?: ReplicaSleeper;
  /** Replicas that were ready are probed through their engine, and those that are stuck ended. Left out: none is. */
  readonly probesEngines?: boolean;
  /** Left out where nobody can look at what replicas run on. */
  readonly inspector?: ReplicaInspector;
  readonly clock: Clock;
  /** Which services sent the bytes of which blobs; left out where no bundles are taken. */
  readonly proofs?: BlobProofs;
  /** Signs who sent evidence first; left out where nobody signs. */
  readonly countersign?: Countersign;
  /** What bundles are judged by. */
  readonly bundles: Judging;
  /** What decides how many replicas the live release has. */
  readonly policy: Policy;
  /** What the engines of replicas export; whoever opened it closes it. */
  readonly metricsSource: MetricsSource;
  /** Of replicas on this machine; left out where they run elsewhere. */
  readonly processorTimes?: ProcessorTimes;
  /** What runs the programs of features; left out where nobody does. Whoever opened it closes it. */
  readonly features?: FeatureSource;
  /** Looks at services while they serve; left out where nobody does. */
  readonly diagnoses?: LiveDiagnoses;
  readonly log: FastifyBaseLogger;
}

/** What is of one service alone. */
export interface OwnParts {
  readonly judgements: JudgementSource;
  /** Null where replicas land on other machines than this one: then the platform tells of its nodes. */
  readonly hardware: HardwareSource | null;
  readonly starts: StartSource;
  /** What scaling decides by, as it was measured. */
  readonly evidence: LearnedSource;
  /** Null where nobody reads the ledger of the fleet. */
  readonly costs: CostSource | null;
  /** Left out where nobody reads the mix of the capacity evidence. */
  readonly mixes?: MixSource;
  /** Null where nobody is told of alerts. */
  readonly alerts: Pick<NotifierParts, 'sender' | 'targets'> | null;
  /** Judged anew, with what the contract, the lock and the pools say now. */
  pools(): Promise<readonly PoolMatrix[]>;
}

/** The lease of the store, as whoever writes under it sees it. */
export interface HeldLease {
  fence(): Fence;
  standing(): LeaseStanding;
  held(): boolean;
  markLost(): void;
}

export interface ServiceControlParts extends ServiceScope, SharedParts, OwnParts {
  readonly lease: HeldLease;
  readonly ledger: LedgerRecorder;
  /** Promises spares of the environment. */
  readonly spares: SpareBoard;
  /** Of all readers of the control plane. */
  readonly readerBudget: StreamBudget;
  /** Of all its gateways, whose place no reader takes. */
  readonly gatewayBudget: StreamBudget;
  /** Why the store is not where it was; null while it is. */
  astray(): string | null;
  turned(outcome: 'done' | 'failed', tookMs: number): void;
  /** Told of each routing table after it was recorded. */
  published(table: RoutingTable): void;
}
