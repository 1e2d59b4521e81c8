import type { FastifyBaseLogger } from 'fastify';
import type { ReplayTerms } from '../../core/monitoring/replay/replay-terms.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Release } from '../../core/rollout/release.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import type { ReplicaInspector } from '../../ports/serving/replica-inspector.ts';
import type { WayParts } from './replay-path.ts';

export interface GoldenWatchParts extends WayParts {
  /** Looks at machines and files; absent where nothing can. */
  readonly inspector?: ReplicaInspector;
  readonly service: string;
  readonly environment: string;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  fence(): Fence;
  /** Null where nothing is replayed; undefined while the contract of the live release is not known. */
  terms(): ReplayTerms | null | undefined;
  /** The golden evidence of the live release, as `digestOfMeasured` gives it; undefined where that is not known. */
  measured?(): Digest | undefined;
  /** How many requests a replica has now. */
  inFlight(replicaId: string): number;
  /** Something was recorded that people are shown. */
  recorded(): void;
}

/** What is replayed on: the live release, and its replicas that answer. */
export interface Serving {
  readonly release: Release;
  readonly replicas: readonly ObservedReplica[];
}
