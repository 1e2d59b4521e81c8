import { canonicalJson } from '../../units/digest.ts';
import type { CanaryRecord } from '../judge/canary.ts';
import { canaryOf, isStepOf } from '../judge/canary-step.ts';
import type { Deployment, Release } from '../release.ts';
import type { ObservedReplica } from '../replica.ts';
import { findRelease, isAdmittedFor, isOver, mayServe, neededReplicas, rejectionOf, replicasOf } from './routable.ts';
import { rolloutBounds, type GatewayState, type RolloutState } from '../deployment/rollout-state.ts';
import {
  capturedBodyBytes,
  defaultShadowAgreement,
  type RoutedReplica,
  type RoutingSplit,
  type RoutingTable,
} from './routing.ts';

type DeploymentNow = Omit<Deployment, 'revision'>;

/**
 * The table for a deployment as it stands: one generation further than the recorded one and than those that gateways follow, or
 * null when the recorded one still says the same. Nothing is routed to a replica that is not admitted.
 *
 * | deployment | splits |
 * |---|---|
 * | nothing live, one coming | none; `starting`, so that a gateway holds requests |
 * | nothing live, none coming | none; `removed` where the service was removed |
 * | live | one, share 1 |
 * | stepping, the incoming one has an admitted replica | two, shares sum to 1 |
 * | stepping, it has none | one, share 1, to the live one |
 * | shadowing | one, share 1, to the live one; copies go to the incoming one where it has an admitted replica |
 *
 * In a step the table also says for which step gateways count, and by which header a client stays on its side.
 */
export function desiredRouting(
  state: RolloutState,
  deployment: DeploymentNow | null,
  shed: ReadonlySet<string>,
  canary: Omit<CanaryRecord, 'revision'> | null = state.canary,
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
    starting: isStarting(state, live, incoming, shed),
    ...(deployment.phase === 'removed' ? { removed: true as const } : {}),
    ...captureField(named),
    ...(named?.objective === undefined ? {} : { objective: named.objective }),
    ...(named?.clients === undefined ? {} : { clients: named.clients }),
    ...stepFields(state, deployment, live, incoming, canary),
  };
  const astray = gatewaysAstray(state);
  if (last !== null && astray.length === 0 && sameTable(last, content)) return null;
  const known = [last?.generation ?? 0, ...astray.map(({ acknowledgedGeneration }) => acknowledgedGeneration)];
  return { ...content, generation: Math.max(...known) + 1, issuedAtMs: state.nowMs };
}

/**
 * Gateways that follow a table which this store never issued, or issued otherwise: the store was restored from an earlier time. They
 * take nothing that is not newer than what they have, so that only a further generation brings them back.
 */
export function gatewaysAstray({
  routing,
  gateways,
}: Pick<RolloutState, 'routing' | 'gateways'>): readonly GatewayState[] {
  const issued = routing?.generation ?? 0;
  return gateways.filter(({ acknowledgedGeneration, acknowledgedIssuedAtMs }) => {
    if (acknowledgedGeneration >= generationsAtMost) return false;
    if (acknowledgedGeneration > issued) return true;
    const isOther = acknowledgedIssuedAtMs !== undefined && acknowledgedIssuedAtMs !== routing?.issuedAtMs;
    return issued > 0 && acknowledgedGeneration === issued && isOther;
  });
}

/** No store counts so far: a gateway that says so is not believed. */
const generationsAtMost = 2 ** 52;

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
  const answering = kept.filter(({ silent }) => silent === undefined);
  const split = makeSplit(state, live, 1, answering.length === 0 ? kept : answering);
  if (deployment.phase !== 'stepping' || incoming === null) return [split];
  const canary = admittedReplicas(state, incoming);
  const share = incoming.steps[deployment.step] ?? 1;
  if (canary.length === 0 || share <= 0) return [split];
  if (share >= 1) return [makeSplit(state, incoming, 1, canary)];
  return [{ ...split, share: 1 - share }, makeSplit(state, incoming, share, canary)];
}

function admittedReplicas(state: RolloutState, release: Release): readonly ObservedReplica[] {
  return replicasOf(state, release).filter(
    (replica) => mayServe(state, replica) && isAdmittedFor(state, replica, release),
  );
}

function captureField(release: Release | null): Pick<RoutingTable, 'capture'> {
  if (release?.capture === undefined) return {};
  const { sampleShare, controlShare, maxBytes } = release.capture;
  return { capture: { sampleShare, controlShare, maxBodyBytes: capturedBodyBytes, spoolBytes: maxBytes } };
}

type StepFields = Pick<RoutingTable, 'stickyBy' | 'shadow' | 'canary'>;

function stepFields(
  state: RolloutState,
  deployment: DeploymentNow,
  live: Release | null,
  incoming: Release | null,
  record: Omit<CanaryRecord, 'revision'> | null,
): StepFields {
  if (record === null || live === null || incoming === null || !isStepOf(record, deployment)) return {};
  const { release, against, step, startedAtMs } = record;
  const { stickyBy, shadowShare } = canaryOf(incoming);
  const counted = {
    canary: { release, against, step, startedAtMs },
    ...(stickyBy === undefined ? {} : { stickyBy: { header: stickyBy.replace(/^header:/, '').toLowerCase() } }),
  };
  if (deployment.phase !== 'shadowing') return counted;
  const { replicas } = makeSplit(state, incoming, 1, admittedReplicas(state, incoming));
  if (replicas.length === 0) return counted;
  // Other code on the same model is expected to give the same numbers; another model only to choose the same.
  const sameModel = incoming.model.digest === live.model.digest;
  const agreement = sameModel ? { agreement: { ...defaultShadowAgreement, rule: 'values' as const } } : {};
  const modelVersion = incoming.model.version;
  return { ...counted, shadow: { release, modelVersion, share: shadowShare, replicas, ...agreement } };
}

function makeSplit(
  state: RolloutState,
  release: Release,
  share: number,
  replicas: readonly ObservedReplica[],
): RoutingSplit {
  const routed: RoutedReplica[] = replicas
    .flatMap(({ replicaId, endpoint }) =>
      endpoint === null ? [] : [{ replicaId, endpoint, ...identityField(state, replicaId) }],
    )
    .sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
  return { release: release.number, modelVersion: release.model.version, share, replicas: routed };
}

/** As it was told; a control plane that has not asked again yet goes by what it routed to before. */
function identityField({ identities, routing }: RolloutState, replicaId: string): Pick<RoutedReplica, 'answersAs'> {
  const known = identities?.get(replicaId);
  const before = (): RoutedReplica | undefined =>
    [...(routing?.splits ?? []), ...(routing?.shadow === undefined ? [] : [routing.shadow])]
      .flatMap(({ replicas }) => replicas)
      .find((routed) => routed.replicaId === replicaId);
  const answersAs = known === undefined ? before()?.answersAs : known;
  return typeof answersAs === 'string' ? { answersAs } : {};
}

/** The incoming release counts as long as the live one serves nothing: then it is what a held request waits for. */
function isStarting(
  state: RolloutState,
  live: Release | null,
  incoming: Release | null,
  shed: ReadonlySet<string>,
): boolean {
  if (live !== null && isOnItsWay(state, live, shed)) return true;
  const serving = live !== null && staying(state, live, shed).some((replica) => mayServe(state, replica));
  return incoming !== null && !serving && isOnItsWay(state, incoming, shed);
}

/** Those of a release that are there to stay: none that is given up, or has begun to end. */
function staying(state: RolloutState, release: Release, shed: ReadonlySet<string>): readonly ObservedReplica[] {
  return replicasOf(state, release).filter(({ replicaId, state: now }) => now !== 'draining' && !shed.has(replicaId));
}

/**
 * More replicas are coming than serve: worth holding a request for. One that waits for its next start counts, until it
 * has restarted so often that nobody should wait for it. So does a release that has none: one that was scaled to zero is
 * woken by the request that waits.
 */
function isOnItsWay(state: RolloutState, release: Release, shed: ReadonlySet<string>): boolean {
  const replicas = staying(state, release, shed);
  if (replicas.every((replica) => replica.state === 'stopped')) return true;
  const serving = replicas.filter((replica) => mayServe(state, replica)).length;
  if (serving >= neededReplicas(release)) return false;
  return replicas.some((replica) => {
    if (mayServe(state, replica) || replica.state === 'stopped') return false;
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
  const shadow =
    table.shadow === undefined
      ? ''
      : `; copies of ${Math.round(table.shadow.share * 100)}% go to release ${table.shadow.release}`;
  const splits = table.splits
    .map((split) => {
      const count = `${split.replicas.length} replica${split.replicas.length === 1 ? '' : 's'}`;
      const share = split.share === 1 ? '' : ` ${Math.round(split.share * 100)}%`;
      return `release ${split.release} (model ${split.modelVersion})${share} on ${count}`;
    })
    .join(', ');
  return `${splits}${shadow}`;
}
