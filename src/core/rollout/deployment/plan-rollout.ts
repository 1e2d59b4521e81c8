import type { EventKind } from '../../records/event-kinds.ts';
import { canonicalJson } from '../../units/digest.ts';
import { moveDeployment } from './deployment-transition.ts';
import { describeRouting, desiredRouting, gatewaysAstray } from '../routing/desired-routing.ts';
import { desiredSets, shedReplicas, chooseSleepOrders, strangeSets } from './desired-sets.ts';
import { isOutOfTraffic } from '../isolation/isolation.ts';
import { moveIsolations } from '../isolation/move-isolations.ts';
import type { CanaryRecord } from '../judge/canary.ts';
import type { CanaryChange, RolloutDecision, RolloutPlan, RolloutState } from './rollout-state.ts';
import type { RoutingTable } from '../routing/routing.ts';

/**
 * The whole rollout decision of one moment. The order keeps requests whole: a release's replicas are started beside the
 * live ones; the table flips when enough of them are admitted; what left the table is stopped only when every gateway
 * has let go of it. Planning again over the result changes nothing.
 */
export function planRollout(observed: RolloutState): RolloutPlan {
  const isolated = moveIsolations(observed);
  const state = { ...observed, isolations: isolated.isolations };
  const moved = moveDeployment(state);
  const shed = shedReplicas(state, moved.deployment);
  const routing = desiredRouting(state, moved.deployment, shed, canaryAfter(state, moved.canary));
  const sets = desiredSets(state, moved.deployment, shed, routing ?? state.routing);
  const sleep = chooseSleepOrders(state, moved.deployment, routing ?? state.routing);
  const untouched = strangeSets(state, routing ?? state.routing);
  const deployment =
    moved.deployment !== null && canonicalJson(moved.deployment) !== canonicalJson(state.deployment)
      ? withoutRevision(moved.deployment)
      : null;
  const decisions =
    routing === null ? moved.decisions : [...moved.decisions, makeRoutingDecision(state, routing, moved.decisions)];
  return {
    ...{ sets, untouched, sleep, routing, deployment, canary: moved.canary, bars: moved.bars },
    isolations: isolated.events.length === 0 ? null : isolated.isolations,
    decisions: [...isolated.events, ...decisions],
  };
}

function canaryAfter(state: RolloutState, change: CanaryChange | null): Omit<CanaryRecord, 'revision'> | null {
  if (change === null) return state.canary;
  return change.change === 'begin' ? change.record : null;
}

function withoutRevision<T extends object>(deployment: T): Omit<T, 'revision'> {
  const { revision: _revision, ...rest } = { revision: 0, ...deployment };
  return rest;
}

const routingCauses: ReadonlySet<EventKind> = new Set<EventKind>([
  'release.live',
  'release.failed',
  'rollout.step-began',
]);

function makeRoutingDecision(
  state: RolloutState,
  routing: RoutingTable,
  causes: readonly RolloutDecision[],
): RolloutDecision {
  const before = state.routing === null ? 'nothing' : describeRouting(state.routing);
  const cause = causes.find((decision) => routingCauses.has(decision.kind));
  const reason = cause?.summary ?? astrayReason(state) ?? replicaReason(state, routing);
  return {
    kind: 'routing.changed',
    summary: `Generation ${routing.generation}: requests go to ${describeRouting(routing)} (before: ${before})`,
    data: { generation: routing.generation, reason, routing },
  };
}

function astrayReason(state: RolloutState): string | null {
  const [first] = gatewaysAstray(state);
  if (first === undefined) return null;
  const { gatewayId, acknowledgedGeneration } = first;
  return `gateway ${gatewayId} follows a generation ${acknowledgedGeneration} that this store did not issue: the store was restored from an earlier time`;
}

function replicaReason(state: RolloutState, routing: RoutingTable): string {
  const ids = (table: RoutingTable | null): Set<string> =>
    new Set(table?.splits.flatMap((split) => split.replicas.map((replica) => replica.replicaId)) ?? []);
  const before = ids(state.routing);
  const after = ids(routing);
  const why = (id: string): string => {
    const replica = state.replicas.find((candidate) => candidate.replicaId === id);
    if (replica === undefined) return `${id} is gone`;
    return isOutOfTraffic(state, replica) ? `${id} is isolated` : `${id} is ${replica.state} (${replica.reason})`;
  };
  const gone = [...before].filter((id) => !after.has(id)).map(why);
  const come = [...after].filter((id) => !before.has(id)).map((id) => `${id} is ready and admitted`);
  const words = [...gone, ...come];
  if (words.length > 0) return words.join('; ');
  return routing.starting ? 'a replica is on its way' : 'nothing is on its way any more';
}
