import type { EvidenceKind, Invalidation, Waiver } from '../../core/evidence/lock/lock.ts';
import type { EvidenceSighting } from '../../core/evidence/sighting.ts';
import type { ArtifactClaim, ArtifactKind, ArtifactName } from '../../core/fleet/artifact-claim.ts';
import type { EnvironmentRecord } from '../../core/fleet/environment/environment-record.ts';
import type { HeldService } from '../../core/fleet/held-services.ts';
import type { ServiceClaim } from '../../core/fleet/service-claim.ts';
import type { HistoryLength, HistorySpan } from '../../core/health/history.ts';
import type { NotifyState } from '../../core/monitoring/notify/notify-state.ts';
import type { ReplayState } from '../../core/monitoring/replay/replay-state.ts';
import type { AliasMove, DataVersion, ModelVersion } from '../../core/registry/model-version.ts';
import type { ReleaseOutcome } from '../../core/rollout/outcome.ts';
import type { Axis, Bar, Deployment, Release } from '../../core/rollout/release.ts';
import type { ReleaseAsk } from '../../core/rollout/release-ask.ts';
import type { CanaryRecord, CanarySample } from '../../core/rollout/judge/canary.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { ChainHead } from '../../core/records/audit/event-chain.ts';
import type { AuditEntry } from '../../core/records/audit/verify-chain.ts';
import type { NewEvent, StoredEvent } from '../../core/records/event.ts';
import type { IsolationReader, IsolationWriter } from './isolation-records.ts';
import type { DriftReader, DriftWriter } from './drift-records.ts';
import type { ArrivalReader, ArrivalWriter } from './arrival-records.ts';
import type { LabelReader, LabelWriter } from './label-records.ts';
import type { LedgerReader, LedgerWriter } from './ledger-records.ts';

/**
 * What is recorded. Reads need nothing; every write happens in a transaction that carries the fencing token of a lease
 * and checks it inside the same transaction, so that a holder that lost its lease cannot write.
 */
export interface Store extends StoreReader {
  readonly leases: Leases;
  /**
   * Runs `work` in one transaction; commits when it resolves, rolls back when it rejects. Calls are serialized.
   * @throws PlimsollError `lease-lost` (conflict) when the fence is not the newest token of its lease;
   *   `store-locked` (unavailable) after a bounded wait; `storage-full` (unavailable).
   */
  transaction<T>(fence: Fence, work: (tx: StoreWriter) => Promise<T>): Promise<T>;
  /**
   * Checks the whole store (`PRAGMA integrity_check` or its like), and that the outcomes of releases are those that the
   * events decide. Problems in words, none when sound.
   */
  check(): Promise<readonly string[]>;
  /**
   * Null while whoever opens this store now finds what is written here; else why not: its file was moved away or another
   * one stands in its place.
   */
  astray(): Promise<string | null>;
  close(): Promise<void>;
}

export interface Fence {
  readonly lease: string;
  readonly token: number;
}

export interface Lease extends Fence {
  readonly holder: string;
  readonly expiresAtMs: number;
}

export interface Leases {
  /**
   * Takes the lease when it is free, expired, already this holder's, or when `isDead(holder)` says that its holder is gone.
   * The token grows by one with each change of holder. Null when somebody else holds it.
   */
  acquire(request: {
    lease: string;
    holder: string;
    ttlMs: number;
    nowMs: number;
    isDead?: (holder: string) => boolean | Promise<boolean>;
  }): Promise<Lease | null>;
  /** Null when it was lost. */
  renew(lease: Lease, request: { ttlMs: number; nowMs: number }): Promise<Lease | null>;
  release(lease: Lease): Promise<void>;
  current(lease: string): Promise<Lease | null>;
}

export interface StoreReader extends DriftReader, LabelReader, IsolationReader, LedgerReader, ArrivalReader {
  /** Every environment that has a model version or a data version, sorted. */
  environments(): Promise<readonly string[]>;
  modelNames(environment: string): Promise<readonly string[]>;
  modelVersions(environment: string, name: string): Promise<readonly ModelVersion[]>;
  modelVersion(environment: string, name: string, version: number): Promise<ModelVersion | null>;
  modelVersionByDigest(environment: string, name: string, digest: Digest): Promise<ModelVersion | null>;
  /** Alias to version number. */
  aliases(environment: string, name: string): Promise<Readonly<Record<string, number>>>;
  /** Oldest first. */
  aliasHistory(environment: string, name: string): Promise<readonly AliasMove[]>;
  dataNames(environment: string): Promise<readonly string[]>;
  dataVersions(environment: string, name: string): Promise<readonly DataVersion[]>;
  dataVersion(environment: string, name: string, version: number): Promise<DataVersion | null>;
  /** Every service that is held or was, sorted by service and environment. */
  heldServices(): Promise<readonly HeldService[]>;
  /** What services may do with a model or data, sorted by service; empty where nobody used it yet. */
  artifactClaims(environment: string, kind: ArtifactKind, name: string): Promise<readonly ArtifactClaim[]>;
  /** Null before its first release since services are claimed. */
  serviceClaim(service: string, environment: string): Promise<ServiceClaim | null>;
  /** What holds for every service of an environment; null where nothing was ever recorded. */
  environmentRecord(environment: string): Promise<EnvironmentRecord | null>;
  /** Of each environment that has one, sorted by environment. */
  environmentRecords(): Promise<readonly EnvironmentRecord[]>;
  /** What is remembered of the alerts of a service; null before the first look, and where another version wrote it. */
  notifyState(service: string, environment: string): Promise<NotifyState | null>;
  /** What is remembered of scheduled golden replays; null before the first, and where another version wrote it. */
  replayState(service: string, environment: string): Promise<ReplayState | null>;
  /** Every service and environment that has a release, sorted by service and environment. */
  released(): Promise<readonly { readonly service: string; readonly environment: string }[]>;
  /** Oldest first. */
  releases(service: string, environment: string): Promise<readonly Release[]>;
  release(service: string, environment: string, number: number): Promise<Release | null>;
  /** What became of each release, by number; a release that is still undecided is not in it. */
  releaseOutcomes(service: string, environment: string): Promise<ReadonlyMap<number, ReleaseOutcome>>;
  deployment(service: string, environment: string): Promise<Deployment | null>;
  bars(service: string, environment: string): Promise<readonly Bar[]>;
  waivers(service: string, environment: string): Promise<readonly Waiver[]>;
  invalidations(service: string, environment: string): Promise<readonly Invalidation[]>;
  routing(service: string, environment: string): Promise<RoutingTable | null>;
  /** The step that is under way; null when none is. */
  canary(service: string, environment: string): Promise<CanaryRecord | null>;
  /** Oldest first, at most the newest 2,000 of a release. */
  canarySamples(service: string, environment: string, release: number): Promise<readonly CanarySample[]>;
  /**
   * All that one decision of scaling was made from, by its event; the newest `scalingRecordsAtMost` are kept. As whatever
   * version wrote it: `readScalingRecord` says what this one can read.
   */
  scalingRecord(service: string, environment: string, seq: number): Promise<StoredScaling | null>;
  /** What was decided last, also where it changed nothing; null before the first decision. */
  scalingMemory(service: string, environment: string): Promise<StoredScaling | null>;
  /** Whether a journal entry that was written while the store was away has been carried over into it. */
  journaled(id: string): Promise<boolean>;
  /** Replicas that reproduced their golden set, by replica id. */
  admissions(service: string, environment: string): Promise<readonly Admission[]>;
  /** Oldest first: the newest `releaseAsksAtMost`, and every one that is open. */
  releaseAsks(service: string, environment: string): Promise<readonly ReleaseAsk[]>;
  /** Every ask that is not decided, of every service, in order of id. */
  openReleaseAsks(): Promise<readonly ReleaseAsk[]>;
  releaseAsk(id: string): Promise<ReleaseAsk | null>;
  /** Oldest first. */
  evidenceSightings(service: string, environment: string): Promise<readonly EvidenceSighting[]>;
  /** Of each release whose evidence was renewed after it was made: the bundle whose lock it is read from. */
  releaseEvidence(service: string, environment: string): Promise<ReadonlyMap<number, Digest>>;
  /** Oldest first: spans of one length that begin at `sinceMs` or later. What is older than `keptMs` of that length may be gone. */
  history(
    service: string,
    environment: string,
    length: HistoryLength,
    sinceMs: number,
  ): Promise<readonly HistorySpan[]>;
  /** The newest hash of the chain of events; null before the first that was sealed. */
  chainHead(): Promise<ChainHead | null>;
  /** Events and their seals with greater numbers, in order of these; fewer than `limit` only at the end. */
  auditEntries(query: { readonly afterSeq: number; readonly limit: number }): Promise<readonly AuditEntry[]>;
  /** In order of `seq`, which never repeats and never goes back, whatever the clock does. */
  events(query: EventQuery): Promise<readonly StoredEvent[]>;
}

export interface StoreWriter
  extends StoreReader, DriftWriter, LabelWriter, IsolationWriter, LedgerWriter, ArrivalWriter {
  /** Takes the place of what was recorded of this service and environment. */
  setHeldService(held: HeldService): Promise<void>;
  /** Takes the place of the claim of this artifact and service. */
  setArtifactClaim(claim: ArtifactClaim): Promise<void>;
  /** False when there was none. */
  removeArtifactClaim(artifact: ArtifactName, service: string): Promise<boolean>;
  /** Takes the place of the claim of this service and environment. */
  setServiceClaim(claim: ServiceClaim): Promise<void>;
  /**
   * Takes the place of the record of this environment; its version is one more. A record without terms says nothing.
   * @throws PlimsollError `environment-moved` (conflict) where `expected` is given and is not the version that stands (0: none).
   */
  setEnvironmentRecord(record: Omit<EnvironmentRecord, 'version'>, expected?: number): Promise<EnvironmentRecord>;
  /** Takes the place of what was remembered of the alerts of this service and environment. */
  setNotifyState(service: string, environment: string, state: NotifyState): Promise<void>;
  /** Takes the place of what was remembered of the golden replays of this service and environment. */
  setReplayState(service: string, environment: string, state: ReplayState): Promise<void>;
  /** Number is the next of (environment, name). The same digest again returns the version that already has it. */
  addModelVersion(version: Omit<ModelVersion, 'version'>): Promise<{ version: ModelVersion; created: boolean }>;
  addDataVersion(version: Omit<DataVersion, 'version'>): Promise<{ version: DataVersion; created: boolean }>;
  /**
   * Compare-and-swap. @throws PlimsollError `alias-moved` (conflict) when the alias is not at `move.from`;
   *   `model-version-missing` (not-found).
   */
  moveAlias(move: AliasMove): Promise<void>;
  /** Number is the next of (service, environment). */
  addRelease(release: Omit<Release, 'number'>): Promise<Release>;
  /** Compare-and-swap on `revision` (`expected` null: no row yet). @throws PlimsollError `deployment-moved` (conflict). */
  setDeployment(deployment: Omit<Deployment, 'revision'>, expected: number | null): Promise<Deployment>;
  /** Compare-and-swap on `revision` (`expected` null: no record yet). @throws PlimsollError `canary-moved` (conflict). */
  setCanary(record: Omit<CanaryRecord, 'revision'>, expected: number | null): Promise<CanaryRecord>;
  /** False when there was none. */
  endCanary(service: string, environment: string): Promise<boolean>;
  addCanarySample(sample: CanarySample): Promise<void>;
  addScalingRecord(service: string, environment: string, seq: number, record: StoredScaling): Promise<void>;
  setScalingMemory(service: string, environment: string, record: StoredScaling): Promise<void>;
  /** @returns false when that entry was carried over before: then nothing of it may be done again. */
  addJournaled(id: string, atMs: number): Promise<boolean>;
  /** A bar that stands already stays as it is. */
  addBar(bar: Bar): Promise<void>;
  /** False when there was none. */
  liftBar(service: string, environment: string, axis: Axis, digest: Digest): Promise<boolean>;
  addWaiver(service: string, environment: string, waiver: Waiver): Promise<void>;
  /** Every one of this kind; the answer is what was there. */
  withdrawWaivers(service: string, environment: string, kind: EvidenceKind): Promise<readonly Waiver[]>;
  addInvalidation(service: string, invalidation: Invalidation): Promise<void>;
  /** @throws PlimsollError `generation-not-newer` (conflict). */
  setRouting(table: RoutingTable): Promise<void>;
  admit(admission: Admission): Promise<void>;
  forgetAdmission(replicaId: string): Promise<void>;
  /** Takes the place of the ask of this id; an id stays in its service and environment. */
  setReleaseAsk(ask: ReleaseAsk): Promise<void>;
  /** Evidence that was seen before keeps who sent it first, and when. */
  seeEvidence(
    service: string,
    environment: string,
    seen: readonly Pick<EvidenceSighting, 'kind' | 'digest'>[],
    by: string,
    atMs: number,
  ): Promise<void>;
  setReleaseEvidence(service: string, environment: string, release: number, bundle: Digest): Promise<void>;
  /** Takes the place of a span that begins at the same time, and of those that are too old. */
  addHistory(service: string, environment: string, length: HistoryLength, span: HistorySpan): Promise<void>;
  /**
   * An event that decides what becomes of a release (`outcomeOf`) sets its outcome too, in this transaction; and the event
   * is sealed in it.
   */
  appendEvent(event: NewEvent): Promise<StoredEvent>;
}

export interface Admission {
  readonly service: string;
  readonly environment: string;
  readonly replicaId: string;
  /** Blob digest of the golden set that it reproduced; null when the release has none. */
  readonly golden: Digest | null;
  readonly atMs: number;
}

/** JSON-safe. */
export type StoredScaling = Readonly<Record<string, unknown>>;
export interface EventQuery {
  readonly service?: string;
  readonly environment?: string;
  /** Only events with a greater seq. */
  readonly afterSeq?: number;
  /** Only events with a smaller seq. */
  readonly beforeSeq?: number;
  /** The newest `last` ones, still oldest first. */
  readonly last?: number;
  /** At most 10,000, which is what a question without one gets. */
  readonly limit?: number;
  readonly kindPrefix?: string;
}
