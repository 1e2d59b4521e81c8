import { isOpenAsk } from '../../core/rollout/release-ask.ts';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import { addOutcomes, spansSince, type OutcomeSpan } from '../../core/health/outcomes.ts';
import type { FleetEntry } from '../../schemas/view/fleet-view.ts';
import type { ServiceView } from '../../schemas/view/view.ts';

export interface FleetEntryState extends Pick<FleetEntry, 'service' | 'environment' | 'owner' | 'health'> {
  readonly evidence: readonly EvidenceState[];
  /** Null before the first look. */
  readonly view: ServiceView | null;
  /** What came of its requests, oldest first. */
  readonly spans: readonly OutcomeSpan[];
}

const hourMs = 3_600_000;

/** A service in one row. */
export function makeFleetEntry({
  service,
  environment,
  owner,
  health,
  evidence,
  view,
  spans,
}: FleetEntryState): FleetEntry {
  const asked = evidence.filter(({ freshness }) => freshness !== 'not-asked');
  const gaps = asked.filter(({ verdict, freshness, waiver }) => {
    const isProven = verdict === 'pass' && freshness === 'fresh';
    return !isProven && waiver === undefined;
  });
  return {
    ...{ service, environment, owner, health },
    live: view === null ? null : liveOf(view),
    objective: view === null ? null : objectiveOf(view, spans),
    evidence: { asked: asked.length, gaps: gaps.length },
    replicas: view === null ? { ready: 0, wanted: null } : replicasOf(view),
    underWay: view === null ? null : underWayOf(view),
    drift: driftOf(evidence),
  };
}

function liveOf({ deployment, releases }: ServiceView): FleetEntry['live'] {
  const live = releases.find(({ number }) => number === deployment?.live);
  if (live === undefined || deployment === null) return null;
  const { number: release, code, model, createdAtMs } = live;
  return {
    release,
    code: code.label,
    model: { name: model.name, version: model.version },
    sinceMs: deployment.incoming === null ? deployment.changedAtMs : createdAtMs,
  };
}

function objectiveOf({ promises, nowMs }: ServiceView, spans: readonly OutcomeSpan[]): FleetEntry['objective'] {
  const availabilityShare = promises?.availabilityShare ?? null;
  if (availabilityShare === null) return null;
  const { requests, failed } = addOutcomes(spansSince(spans, nowMs - hourMs));
  return { availabilityShare, metShare: requests === 0 ? null : 1 - failed / requests };
}

function replicasOf({ deployment, replicas, scaling }: ServiceView): FleetEntry['replicas'] {
  const ready = replicas.filter(
    ({ release, state, isolation }) =>
      release === deployment?.live && state === 'ready' && (isolation === undefined || isolation.stage === 'waiting'),
  ).length;
  return { ready, wanted: scaling?.ordered ?? null };
}

/** `monitoring` evidence fails for nothing but an open alarm. */
const driftOf = (evidence: readonly EvidenceState[]): string | null =>
  evidence.find(({ kind, verdict }) => kind === 'monitoring' && verdict === 'fail')?.reasons[0] ?? null;

/** The newest thing that somebody waits for, or that came to nothing. */
function underWayOf({ rollout, deployment, asks = [] }: ServiceView): string | null {
  if (rollout !== undefined) {
    const share = rollout.share === 0 ? 'in the shadow' : `at ${Math.round(rollout.share * 100)}%`;
    return `release ${rollout.release} is ${share}${rollout.pause === null ? '' : ', paused'}`;
  }
  if (deployment?.phase === 'removed') return 'it is being removed';
  const incoming = deployment?.incoming ?? null;
  if (incoming !== null) return `release ${incoming} is ${deployment?.phase ?? 'coming in'}`;
  const open = asks.find(isOpenAsk);
  if (open !== undefined) return open.state === 'fetching' ? 'a model is fetched' : 'a release is requested';
  if (deployment?.phase === 'failed') return `failed: ${deployment.reason}`;
  return asks[0]?.state === 'refused' ? `refused: ${asks[0].reason}` : null;
}
