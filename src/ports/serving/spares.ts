import type { SpareNeeds } from '../../core/scaling/warm-pool/spare-key.ts';
import type { ReplicaDevices } from '../../core/rollout/replica-devices.ts';

/** Spares that a platform is asked to keep: processes with their runtime loaded that have no model yet. */
export interface SpareSpec {
  /** Whose services may take them. */
  readonly environment: string;
  /** `makeSpareKey` of the needs: a replica whose workload has the same key can be made of one. */
  readonly fits: string;
  readonly needs: SpareNeeds;
  /** Free ones that are kept; one that is taken is replaced. */
  readonly count: number;
  /** Replicas that services left to free ones of them, by service: others may take only what is beyond. Left out: nobody did. */
  readonly left?: Readonly<Record<string, number>>;
}

/** A spare as a platform shows it. */
export interface ObservedSpare {
  /** Unique for all time. */
  readonly spareId: string;
  readonly environment: string;
  readonly fits: string;
  /** `taken`: a replica is made of it. */
  readonly state: 'starting' | 'free' | 'taken';
  /** Null until the record of that replica names it. */
  readonly takenBy: string | null;
  readonly pid: number | null;
  readonly node: string;
  /** How many devices it was asked to have; 0 for none. */
  readonly deviceCount: number;
  /** Left out where it has none, or the platform hands none out. */
  readonly devices?: ReplicaDevices;
}

/** What a platform that keeps spares can do. */
export interface SpareKeeping {
  /**
   * Keeps these spares and no others, of all environments; returns at once, progress shows in `observe`. Idempotent. What an
   * earlier control plane started is adopted by the first call.
   */
  keep(spares: readonly SpareSpec[], signal: AbortSignal): Promise<void>;
  /** Spares that start or are free, and those that a replica that runs was made of. */
  observe(signal: AbortSignal): Promise<readonly ObservedSpare[]>;
}
