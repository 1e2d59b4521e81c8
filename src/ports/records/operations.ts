import type { EvidenceKind, EvidenceState, Waiver } from '../../core/evidence/lock/lock.ts';
import type { Scope } from '../../core/access/requester.ts';
import type { ArtifactClaim, ShareRequest } from '../../core/fleet/artifact-claim.ts';
import type { ServiceClaim } from '../../core/fleet/service-claim.ts';
import type { EnvironmentRecord, EnvironmentTerms, TermKey } from '../../core/fleet/environment/environment-record.ts';
import type { AliasMove, DataVersion, ModelVersion } from '../../core/registry/model-version.ts';
import type { RegistrySync } from '../../core/registry/registry-sync.ts';
import type { Axis, Bar, Release } from '../../core/rollout/release.ts';
import type { SteerAction } from '../../core/rollout/deployment/steer.ts';
import type {
  AcknowledgeDriftRequest,
  DriftAnswer,
  DriftHistoryAnswer,
  DriftSamplesAnswer,
} from '../../schemas/http/monitoring/http-drift.ts';
import type { CostReport, CostRequest, RebuiltLedger } from '../../schemas/http/cost/http-cost.ts';
import type { CostedHours, CostExport, CostRange, ExportFormat } from '../../schemas/http/cost/http-cost-export.ts';
import type { IsolateReplicaRequest, IsolationAnswer } from '../../schemas/http/release/http-isolation.ts';
import type { ExplainDriftAnswer, ExplainDriftRequest } from '../../schemas/http/monitoring/http-explain.ts';
import type {
  AskedLabels,
  AskLabelsRequest,
  LabelsAnswer,
  LabelsRequest,
  LabelsStatus,
} from '../../schemas/http/monitoring/http-labels.ts';
import type {
  ArrivalsAnswer,
  CapacityPlanAnswer,
  CapacityPlanRequest,
} from '../../schemas/http/fleet/http-capacity-plan.ts';
import type { DiagnosisAnswer, RecordDiagnosisRequest } from '../../schemas/diagnosis/http-diagnosis.ts';
import type { RemovalAnswer } from '../../schemas/http/release/http-release.ts';
import type { RolloutAnswer, SteerAnswer } from '../../schemas/http/release/http-rollout.ts';
import type { ScalingAnswer, ScalingRecordAnswer, ServiceView } from '../../schemas/view/view.ts';
import type { ReleaseAnswer, ReleaseRequest } from '../../schemas/http/operations.ts';
import type { HistoryPoint } from '../../core/health/history.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { ReleaseAsk } from '../../core/rollout/release-ask.ts';
import type { TestedTarget } from '../monitoring/alert-sender.ts';
import type { EventQuery } from './store.ts';
import type { StoredEvent } from '../../core/records/event.ts';

/**
 * What people and programs may ask of the control plane. Two forms of one interface: over HTTP when a control plane
 * runs, in process with its lease otherwise. `by` is the token's name or the operating system's user.
 */
export interface Operations {
  addModelVersion(
    version: Omit<ModelVersion, 'version' | 'createdAtMs' | 'createdBy'>,
  ): Promise<{ version: ModelVersion; created: boolean }>;
  addDataVersion(
    version: Omit<DataVersion, 'version' | 'createdAtMs' | 'createdBy'>,
  ): Promise<{ version: DataVersion; created: boolean }>;
  moveAlias(move: Omit<AliasMove, 'by' | 'atMs'>): Promise<void>;
  /** Records as an event what became of a version or an alias that is shared with a registry elsewhere. */
  recordRegistrySync(sync: RegistrySync & { readonly environment: string }): Promise<void>;
  /**
   * Lets another service release an artifact of this one, or no more. The answer is what services may do with it then.
   * @throws PlimsollError `model-claimed`, `data-claimed` (conflict); `unknown-model`, `unknown-data` (not-found).
   */
  shareArtifact(request: ShareRequest): Promise<readonly ArtifactClaim[]>;
  /** Says of which tokens a service is from now on. @throws PlimsollError `scope-elsewhere` (input). */
  transferService(request: { service: string; environment: string; to: Scope }): Promise<ServiceClaim>;
  /**
   * Judges a bundle that was sent before, by evidence, bars and signature; then records a numbered release.
   * @throws PlimsollError (refused) with `details.refusals` and, where it came to that, `details.evidence`.
   */
  release(request: ReleaseRequest): Promise<ReleaseAnswer>;
  /** A request for a release and what became of it. @throws PlimsollError `ask-unknown` (not-found). */
  releaseAsk(request: { service: string; environment: string; id: string }): Promise<ReleaseAsk>;
  /** Takes back a request that is not decided yet. @throws PlimsollError `ask-unknown`, `ask-decided` (conflict). */
  cancelAsk(request: { service: string; environment: string; id: string; reason: string }): Promise<ReleaseAsk>;
  rollback(request: {
    service: string;
    environment: string;
    axis: Axis;
    to?: number;
    reason: string;
    /** To show that a way back is there: nothing is barred. */
    drill?: boolean;
    /** The store is away and the lease has run out: whoever asks answers for it that no other control plane acts. */
    emergency?: boolean;
  }): Promise<Release & { readonly journaled?: string }>;
  liftBar(request: { service: string; environment: string; axis: Axis; digest: string; reason: string }): Promise<Bar>;
  waive(request: {
    service: string;
    environment: string;
    kind: EvidenceKind;
    /** For what was measured and fails; absent for what is missing, stale, inconclusive or unknown. */
    failing?: true;
    reason: string;
    untilMs: number;
  }): Promise<void>;
  /** Takes back every waiver of a kind. What was released on one stays released, and says so. */
  withdrawWaivers(request: {
    service: string;
    environment: string;
    kind: EvidenceKind;
    reason: string;
  }): Promise<readonly Waiver[]>;
  /** Lets a bundle be released where the policy asks for somebody else than the releaser. The answer is who may release it now. */
  approveRelease(request: {
    service: string;
    environment: string;
    bundle: Digest;
    reason: string;
  }): Promise<{ readonly bundle: Digest; readonly by: string; readonly atMs: number }>;
  /** Pauses, resumes, promotes or takes back the release that comes in. @throws PlimsollError (conflict) with why not. */
  steerRollout(request: {
    service: string;
    environment: string;
    action: SteerAction;
    /** The release that is meant; refused when another one is under way. */
    release?: number;
    reason: string;
  }): Promise<SteerAnswer>;
  /**
   * Lets a service leave: its traffic is taken away, its replicas drain and stop, its records stay. Asked again, it says how
   * far that is.
   */
  removeService(request: { service: string; environment: string; reason: string }): Promise<RemovalAnswer>;
  /**
   * Records which answers were right, or what they should have been; a request id that has a label keeps it.
   * @throws PlimsollError `too-many-labels` (input).
   */
  addLabels(request: LabelsRequest & { service: string; environment: string }): Promise<LabelsAnswer>;
  /**
   * Chooses requests to be labelled; the same ask id again gives the same ones.
   * @throws PlimsollError `labels-not-judged`, `nothing-to-ask` (conflict).
   */
  askLabels(request: AskLabelsRequest & { service: string; environment: string }): Promise<AskedLabels>;
  /** What came of labels, and what those of mature predictions say. */
  labels(request: { service: string; environment: string }): Promise<LabelsStatus>;
  /** Sends a marked message to each target of alerts of the live release, and says what became of it. */
  testNotify(request: { service: string; environment: string }): Promise<readonly TestedTarget[]>;
  /** The step that is under way, and the judge's evidence over time of one release. */
  rollout(request: { service: string; environment: string; release?: number }): Promise<RolloutAnswer>;
  /** What scaling stands at, and its newest decisions (200 at most), oldest first. */
  scaling(request: { service: string; environment: string; last?: number }): Promise<ScalingAnswer>;
  /** All that one decision was made from, by its event. @throws PlimsollError `scaling-record-missing` (not-found). */
  scalingDecision(request: { service: string; environment: string; seq: number }): Promise<ScalingRecordAnswer>;
  /** Mean rates of the newest recorded days without a gap, 56 at most, oldest first. */
  arrivals(request: { service: string; environment: string }): Promise<ArrivalsAnswer>;
  /** Replicas, devices and money of the weeks to come, of the live release alone on its pool, and the day when the pool is full. */
  capacityPlan(request: CapacityPlanRequest): Promise<CapacityPlanAnswer>;
  /**
   * The signals of the last hours (192 at most), oldest first: a point a minute for the last two, one in ten minutes before.
   * A time in which no gateway reported has no point.
   */
  signalHistory(request: { service: string; environment: string; hours: number }): Promise<readonly HistoryPoint[]>;
  /** What starves the accelerator, as it was watched last and as somebody diagnosed it last. */
  diagnosis(request: { service: string; environment: string }): Promise<DiagnosisAnswer>;
  /** Records what a diagnosis read and measured. The finding is decided by whoever reads it. */
  recordDiagnosis(request: RecordDiagnosisRequest): Promise<DiagnosisAnswer>;
  /** How the watch of live answers stands, or why that cannot be said. */
  drift(request: { service: string; environment: string }): Promise<DriftAnswer>;
  /** The features over the newest `last` windows (2,000 at most), worst first, and the evidence over time. */
  driftHistory(request: { service: string; environment: string; last?: number }): Promise<DriftHistoryAnswer>;
  /** The newest captured requests as rows of features (500 at most), newest last. */
  driftSamples(request: { service: string; environment: string; last?: number }): Promise<DriftSamplesAnswer>;
  /** Replays what series saw, and compares it with the live state. @throws PlimsollError `no-such-series` (not-found). */
  explainDrift(request: ExplainDriftRequest): Promise<ExplainDriftAnswer>;
  /** Lets what an alarm named be watched again. @throws PlimsollError `no-such-alarm` (not-found). */
  acknowledgeDrift(request: AcknowledgeDriftRequest): Promise<DriftAnswer>;
  /**
   * Keeps a replica from traffic for diagnosis, gives it back, or stops it. @throws PlimsollError `unknown-replica` (not-found);
   * `replica-ended`, `not-isolated` (conflict).
   */
  isolateReplica(request: IsolateReplicaRequest): Promise<IsolationAnswer>;
  /** Where the time of devices went; without a service, of the whole fleet. */
  cost(request: CostRequest): Promise<CostReport>;
  /** Whether recorded hours of the ledger come out the same again. */
  rebuildCost(request: { readonly sinceMs: number }): Promise<RebuiltLedger>;
  /**
   * Recorded hours of the whole fleet as FOCUS 1.2 or as OpenCost has them, 31 days at most.
   * @throws PlimsollError `export-needs-prices`, `opencost-one-currency` (input).
   */
  exportCost(request: CostRange & { readonly format: ExportFormat }): Promise<CostExport>;
  /** Money of recorded hours of the whole fleet by device, 31 days at most. */
  costedHours(request: CostRange): Promise<CostedHours>;
  /** Of each environment that has one and that the requester may read, sorted by environment. */
  environmentRecords(): Promise<readonly EnvironmentRecord[]>;
  /**
   * Takes the place of all that was recorded. One that says the same already keeps its version.
   * @param request.version the version that stands (0: none). @throws PlimsollError `environment-moved` (conflict) otherwise.
   */
  setEnvironmentRecord(request: {
    environment: string;
    terms: EnvironmentTerms;
    version?: number;
  }): Promise<EnvironmentRecord>;
  /** Takes these keys back, or all of them where none is named. @throws PlimsollError `nothing-recorded` (not-found). */
  clearEnvironmentRecord(request: { environment: string; keys: readonly TermKey[] }): Promise<EnvironmentRecord>;
  view(service: string, environment: string): Promise<ServiceView>;
  evidence(service: string, environment: string): Promise<readonly EvidenceState[]>;
  releases(service: string, environment: string): Promise<readonly Release[]>;
  events(query: EventQuery): Promise<readonly StoredEvent[]>;
}
