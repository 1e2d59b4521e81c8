/** What was seen of one alarm. Whoever gathers it says `unknown` wherever it did not look, or could not see enough. */
export interface Observations {
  /** The earliest and the latest moment at which what alarmed may have begun. */
  readonly onset: { readonly fromMs: number; readonly toMs: number };
  /** One for each replica that takes traffic. */
  readonly golden: readonly ReplicaGolden[];
  /** Replica against replica of one release, on the random share. */
  readonly replicas: ControlFinding;
  /** Release against release, on the random share. */
  readonly releases: ControlFinding;
  /** Of the whole service, against its reference. */
  readonly inputs: DriftFinding;
  readonly outputs: DriftFinding;
  /** Inputs of the whole service that an open alarm says changed, however far they are from their reference. */
  readonly changedInputs?: readonly string[];
  readonly quality: QualityFinding;
  /** Replica against replica on ordinary traffic, which is not drawn at random. */
  readonly traffic: TrafficFinding;
  /** What was found of the model's files, for each replica that was looked at. */
  readonly files: readonly FileFinding[];
  readonly nodeEvents: readonly NodeEvent[];
  readonly changes: readonly Change[];
}

/** The newest golden replays of one replica. */
export interface ReplicaGolden {
  readonly replicaId: string;
  readonly release: number;
  /** Null where it is not known; nothing that is not known is ever the same. */
  readonly node: string | null;
  readonly deviceClass: string | null;
  /** Of runtime, driver and engine. */
  readonly fingerprint: string | null;
  readonly verdict: 'pass' | 'fail' | 'unknown';
  /** Replays in a row with this verdict, up to the newest. */
  readonly replays: number;
  /** When the newest replay ended. */
  readonly atMs: number;
}

/**
 * | verdict | meaning |
 * |---|---|
 * | named | the alarm stands; `arm` is null where the comparison does not tell which of two |
 * | none | no alarm, over `rows` of the random share; `neededRows` would have shown a shift that matters |
 * | one-arm | nothing to compare with |
 * | unknown | nothing is compared |
 */
export type ControlFinding =
  | { readonly verdict: 'named'; readonly arm: string | null; readonly rows: number }
  | { readonly verdict: 'none'; readonly rows: number; readonly neededRows: number }
  | { readonly verdict: 'one-arm' | 'unknown' };

/** Moved: the lower limit of the distance to the reference is beyond the tolerance. Stable: the upper limit is within. */
export interface DriftFinding {
  readonly verdict: 'moved' | 'stable' | 'unknown';
  /** What moved, for people: `amount`. */
  readonly features: readonly string[];
}

/** Fell: the lower limit of the live risk is above the upper limit of the evaluated risk and the margin. */
export interface QualityFinding {
  readonly verdict: 'fell' | 'held' | 'unknown';
}

export interface TrafficFinding {
  readonly verdict: 'differs' | 'alike' | 'unknown';
  /** The replica or release whose ordinary answers or inputs differ. */
  readonly arm: string | null;
  /** Whether each replica and release gets the share that routing ordered. */
  readonly shares: 'as-ordered' | 'skewed' | 'unknown';
  /** By which the replica gets other requests than the random share; absent where these two were not compared. */
  readonly features?: readonly string[];
}

export interface FileFinding {
  readonly replicaId: string;
  /** Whether the digest of the files that the replica reads is the pinned digest. */
  readonly verdict: 'matches' | 'differs' | 'unknown';
}

export interface NodeEvent {
  readonly node: string;
  readonly atMs: number;
  /** `left-peers`: an accelerator of the node is below those of other nodes (`hardware.left-peers`). */
  readonly kind: 'xid' | 'ecc-corrected' | 'ecc-uncorrected' | 'throttle' | 'link' | 'driver-changed' | 'left-peers';
  /** The number of an XID; null of the others. */
  readonly code: number | null;
  /** What was compared, of `left-peers`. */
  readonly detail?: string;
}

export interface Change {
  readonly kind: 'release' | 'rollback' | 'rollout-step' | 'scaling' | 'routing' | 'runtime';
  readonly atMs: number;
  /** For people: `release 4 went live`. */
  readonly what: string;
  /** Of a change of the runtime: the fingerprint that replicas have since. */
  readonly fingerprint?: string;
}
