import { canonicalJson } from '../units/digest.ts';
import type { Deployment, Release } from './release.ts';
import type { ObservedReplica } from './replica.ts';
import { findRelease, isAdmittedFor, isOver, mayServe, neededReplicas, rejectionOf, replicasOf } from './routable.ts';
import { rolloutBounds, type RolloutState } from './rollout-state.ts';
import type { RoutedReplica, RoutingSplit, RoutingTable } from './routing.ts';

type DeploymentNow = Omit<Deployment, 'revision'>;

/**
 * The table for a deployment as it stands: one generation further than the recorded one, or null when that one still
 * says the same. Nothing is routed to a replica that is not admitted.
 *
 * | deployment | splits |
 * |---|---|
 * | nothing live, one coming | none; `starting`, so that a gateway holds requests |
 * | nothing live, none coming | none |
 * | live | one, share 1 |
 * | stepping, the incoming one has an admitted replica | two, shares sum to 1 |
 * | stepping, it has none | one, share 1, to the live one |
 */
export function desiredRouting(
  state: RolloutState,
  deployment: DeploymentNow | null,
  shed: ReadonlySet<string>,
): RoutingTable | null {
  if (deployment === null) return null;
  const live = findRelease(state, deployment.live);
  const incoming = findRelease(state, deployment.incoming);
  const named = live ?? incoming;
  const last = state.routing;
  if (named === null && last === null) return null;
  const splits = makeSplits(state, deployment, live, incoming, shed);
  const content = {
    service: state.service,
    environment: state.environment,
    protocol: named?.code.section.protocol ?? last?.protocol ?? 'open-inference-v2',
    model: named?.model.name ?? last?.model ?? '',
    splits,
    starting: isStarting(state, live, incoming),
  };
  if (last !== null && sameTable(last, content)) return null;
  return { ...content, generation: (last?.generation ?? 0) + 1, issuedAtMs: state.nowMs };
}

function makeSplits(
  state: RolloutState,
  deployment: DeploymentNow,
  live: Release | null,
  incoming: Release | null,
  shed: ReadonlySet<string>,
): readonly RoutingSplit[] {
  if (live === null) return [];
  const liveReplicas = replicasOf(state, live).filter((replica) => mayServe(state, replica));
  // What a set is about to give up leaves the table first; what serves is given up last, so that one is left.
  const kept = liveReplicas.filter((replica) => !shed.has(replica.replicaId));
  const split = makeSplit(live, 1, kept);
  if (deployment.phase !== 'stepping' || incoming === null) return [split];
  const canary = replicasOf(state, incoming).filter(
    (replica) => mayServe(state, replica) && isAdmittedFor(state, replica, incoming),
  );
  const share = incoming.steps[deployment.step] ?? 1;
  if (canary.length === 0 || share <= 0) return [split];
  if (share >= 1) return [makeSplit(incoming, 1, canary)];
  return [{ ...split, share: 1 - share }, makeSplit(incoming, share, canary)];
}

function makeSplit(release: Release, share: number, replicas: readonly ObservedReplica[]): RoutingSplit {
  const routed: RoutedReplica[] = replicas
    .flatMap((replica) =>
      replica.endpoint === null ? [] : [{ replicaId: replica.replicaId, endpoint: replica.endpoint }],
    )
    .sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
  return { release: release.number, modelVersion: release.model.version, share, replicas: routed };
}

/** The incoming release counts as long as the live one serves nothing: then it is what a held request waits for. */
function isStarting(state: RolloutState, live: Release | null, incoming: Release | null): boolean {
  if (live !== null && isOnItsWay(state, live)) return true;
  const serving = live !== null && replicasOf(state, live).some((replica) => mayServe(state, replica));
  return incoming !== null && !serving && isOnItsWay(state, incoming);
}

/**
 * More replicas are coming than serve: worth holding a request for. One that waits for its next start counts, until it
 * has restarted so often that nobody should wait for it.
 */
function isOnItsWay(state: RolloutState, release: Release): boolean {
  const replicas = replicasOf(state, release);
  if (replicas.every((replica) => replica.state === 'stopped')) return true;
  const serving = replicas.filter((replica) => mayServe(state, replica)).length;
  if (serving >= neededReplicas(release)) return false;
  return replicas.some((replica) => {
    if (mayServe(state, replica) || replica.state === 'draining' || replica.state === 'stopped') return false;
    if (isOver(replica)) return replica.restarts < rolloutBounds.crashLoopRestarts;
    return rejectionOf(state, replica, release) === null;
  });
}

function sameTable(last: RoutingTable, content: Omit<RoutingTable, 'generation' | 'issuedAtMs'>): boolean {
  const { generation: _generation, issuedAtMs: _issuedAtMs, ...before } = last;
  return canonicalJson(before) === canonicalJson(content);
}

/** `release 3 (model 2) on 2 replicas`, for events and for people. */
export function describeRouting(table: RoutingTable): string {
  if (table.splits.length === 0) return table.starting ? 'nothing yet, requests are held' : 'nothing';
  return table.splits
    .map((split) => {
      const count = `${split.replicas.length} replica${split.replicas.length === 1 ? '' : 's'}`;
      const share = split.share === 1 ? '' : ` ${Math.round(split.share * 100)}%`;
      return `release ${split.release} (model ${split.modelVersion})${share} on ${count}`;
    })
    .join(', ');
}
