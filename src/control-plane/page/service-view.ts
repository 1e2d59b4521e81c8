import { shortDigest } from '../../core/units/digest.ts';
import { rollbackCommand } from '../../core/health/rollback-hint.ts';
import type { Promises } from '../../core/contract/promises.ts';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import { waivedKinds } from '../../core/evidence/lock/waived-marks.ts';
import type { ReadinessAnswer } from '../../core/readiness/readiness.ts';
import { codeName, releaseCause } from '../../core/rollout/release-words.ts';
import { servedRelease } from '../../core/rollout/routing/routable.ts';
import { standingOf, type ReleaseOutcome } from '../../core/rollout/outcome.ts';
import type { CanaryRecord } from '../../core/rollout/judge/canary.ts';
import type { Bar, Deployment, Release } from '../../core/rollout/release.ts';
import { chooseShownAsks, type ReleaseAsk } from '../../core/rollout/release-ask.ts';
import { isolationOf, type Isolation } from '../../core/rollout/isolation/isolation.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { GoldenRejection } from '../../core/rollout/deployment/rollout-state.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Admission } from '../../ports/records/store.ts';
import { serviceHealth, type WatchedHealth } from '../health/service-health.ts';
import { rolloutView } from './rollout-view.ts';
import type { FleetSpares } from '../../schemas/view/fleet-view.ts';
import type { GatewayView, ReleaseSummary, ReplicaView, ScalingView, ServiceView } from '../../schemas/view/view.ts';

export interface ViewState {
  readonly service: string;
  readonly environment: string;
  readonly owner: string | null;
  readonly plimsollVersion: string;
  readonly nowMs: number;
  readonly releases: readonly Release[];
  readonly outcomes: ReadonlyMap<number, ReleaseOutcome>;
  readonly deployment: Deployment | null;
  readonly canary: CanaryRecord | null;
  readonly routing: RoutingTable | null;
  readonly admissions: readonly Admission[];
  readonly rejections: readonly GoldenRejection[];
  readonly isolations: readonly Isolation[];
  readonly replicas: readonly ObservedReplica[];
  readonly gateways: readonly GatewayView[];
  readonly bars: readonly Bar[];
  readonly asks: readonly ReleaseAsk[];
  readonly evidence: readonly EvidenceState[];
  readonly evidenceOf: number | null;
  readonly readiness: readonly ReadinessAnswer[];
  readonly scaling: ScalingView | null;
  readonly spares: FleetSpares | null;
  readonly health: WatchedHealth;
  readonly promises: Promises | null;
}

/** Releases that a view lists; `GET /v1/releases` has them all. */
const releasesAtMost = 50;

export function makeServiceView(state: ViewState): ServiceView {
  const shown =
    state.releases.find((release) => release.number === state.deployment?.live) ??
    state.releases.find((release) => release.number === state.deployment?.incoming) ??
    state.releases.at(-1);
  const rollout = rolloutView(state.canary, state.releases, state.nowMs);
  return {
    service: state.service,
    environment: state.environment,
    owner: state.owner,
    plimsollVersion: state.plimsollVersion,
    nowMs: state.nowMs,
    gatewayUrl: state.gateways[0]?.address ?? null,
    model: shown?.model.name ?? '',
    signature: shown?.model.signature ?? null,
    deployment: state.deployment,
    releases: [...state.releases]
      .reverse()
      .slice(0, releasesAtMost)
      .map((release) => makeReleaseSummary(release, state)),
    asks: chooseShownAsks(state.asks, state.releases.at(-1)?.createdAtMs ?? null),
    evidence: state.evidence,
    evidenceOf: state.evidenceOf,
    readiness: state.readiness,
    replicas: state.replicas.map((replica) => makeReplicaView(replica, state)),
    gateways: state.gateways,
    bars: state.bars,
    routingGeneration: state.routing?.generation ?? 0,
    ...(shown === undefined ? {} : { protocol: shown.code.section.protocol }),
    rollback: rollbackCommand(state),
    ...(isWarmSilent(state) ? { isWarmSilent: true as const } : {}),
    health: serviceHealth(state, state.health),
    promises: state.promises,
    ...(rollout === null ? {} : { rollout }),
    ...(state.scaling === null ? {} : { scaling: state.scaling }),
    ...(state.spares === null ? {} : { spares: state.spares }),
  };
}

/** Whether the release that is kept warm has no replica that could be gone back to at once. */
function isWarmSilent({ deployment, releases, replicas }: ViewState): boolean {
  const kept = releases.find(({ number }) => number === deployment?.previous?.release);
  if (kept === undefined) return false;
  return !replicas.some(({ pair, state, silent }) => pair === kept.pair && state === 'ready' && silent === undefined);
}

function makeReleaseSummary(release: Release, state: ViewState): ReleaseSummary {
  return {
    number: release.number,
    code: { digest: release.code.digest, label: codeName(release) },
    model: { name: release.model.name, version: release.model.version, digest: release.model.digest },
    cause: releaseCause(release),
    // A new release is the first of its pair by nature, and goes out on evidence; only a rollback makes one without.
    unprovenPair: release.unprovenPair && release.cause.kind === 'rollback',
    ...waivedKinds(release.waivers),
    createdAtMs: release.createdAtMs,
    createdBy: release.createdBy,
    state: standingOf(release, state.deployment, state.outcomes),
  };
}

function makeReplicaView(replica: ObservedReplica, state: ViewState): ReplicaView {
  const started = state.releases.find((candidate) => candidate.pair === replica.pair);
  const release = servedRelease(state.deployment, state.releases, replica.pair) ?? started;
  const admission = state.admissions.find((candidate) => candidate.replicaId === replica.replicaId);
  const isolation = isolationOf(state, replica.replicaId);
  return {
    ...replica,
    ...(isolation === null ? {} : { isolation }),
    release: release?.number ?? replica.release,
    admitted: admission !== undefined,
    admission: admissionText(replica, admission, state),
    modelVersion: release?.model.version ?? 0,
  };
}

function admissionText(replica: ObservedReplica, admission: Admission | undefined, state: ViewState): string {
  if (admission !== undefined) {
    return admission.golden === null
      ? 'admitted without a golden set'
      : `reproduced golden set ${shortDigest(admission.golden)}`;
  }
  const rejection = state.rejections.find((candidate) => candidate.replicaId === replica.replicaId);
  if (rejection !== undefined) return rejection.reason;
  return replica.state === 'ready' ? 'its golden set is being replayed' : 'not ready yet';
}
