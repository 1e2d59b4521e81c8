import type { Digest } from '../../units/digest.ts';
import { isKeptBeside, isOutOfTraffic } from '../isolation/isolation.ts';
import { letGo } from './let-go.ts';
import { replicaSetName } from '../names.ts';
import type { Deployment, Release } from '../release.ts';
import type { ObservedReplica } from '../replica.ts';
import { chooseSleepers, type SleepChoice } from '../sleep/choose-sleepers.ts';
import { findRelease, isOver, mayServe, neededReplicas } from '../routing/routable.ts';
import { limitAsleep, incomingSize, liveSize } from './release-size.ts';
import { findSleepTarget, type SleepTarget } from '../sleep/sleep-stage.ts';
import { isWarmAndSilent } from '../liveness/warm-and-silent.ts';
import { isOutdated, renewOutdated } from './renew-outdated.ts';
import { rolloutBounds, type PlannedSet, type RolloutState, type SleepOrders } from './rollout-state.ts';
import type { RoutingTable } from '../routing/routing.ts';

type DeploymentNow = Omit<Deployment, 'revision'>;

interface Wanted {
  readonly pair: Digest;
  readonly replicas: number;
  /** Beside them, at most. */
  readonly asleep: number;
  readonly startTimeoutMs: number;
  readonly reason: string;
}

/** What the releases of a deployment need (release-size.ts), one entry a pair; the most that any of them needs. */
export function wantedPairs(state: RolloutState, deployment: DeploymentNow | null): readonly Wanted[] {
  if (deployment === null) return [];
  const wanted = new Map<Digest, Wanted>();
  const want = (release: Release | null, role: string, sizeOf: (release: Release) => number): void => {
    if (release === null) return;
    const before = wanted.get(release.pair);
    const reason = `release ${release.number} ${role}`;
    wanted.set(release.pair, {
      pair: release.pair,
      replicas: Math.max(before?.replicas ?? 0, sizeOf(release)),
      asleep: release.number === deployment.live ? limitAsleep(state, release) : (before?.asleep ?? 0),
      startTimeoutMs: Math.max(before?.startTimeoutMs ?? 0, release.startTimeoutMs ?? rolloutBounds.startTimeoutMs),
      reason: before === undefined ? reason : `${before.reason}, ${reason}`,
    });
  };
  const live = state.scale === null ? 'is live' : `is live, scaled to ${state.scale.desired} (${state.scale.reason})`;
  want(findRelease(state, deployment.live), live, (release) => liveSize(state, release));
  want(findRelease(state, deployment.incoming), 'is coming in', (release) => incomingSize(state, deployment, release));
  want(findRelease(state, deployment.previous?.release ?? null), 'is kept warm', neededReplicas);
  return [...wanted.values()].map((each) => {
    const running = runningOf(state, each.pair).filter((replica) => isCounted(state, replica));
    const { more, reason } = renewOutdated(running, each.replicas, (replica) => mayServe(state, replica));
    const renewed =
      reason === '' ? each : { ...each, replicas: each.replicas + more, reason: `${each.reason}; ${reason}` };
    return replaceUnanswering(state, deployment, renewed);
  });
}

/** A release that comes in does not wait for warm replicas that do not answer: others are started beside them. */
function replaceUnanswering(state: RolloutState, deployment: DeploymentNow, wanted: Wanted): Wanted {
  const incoming = findRelease(state, deployment.incoming);
  if (incoming?.pair !== wanted.pair || findRelease(state, deployment.live)?.pair === wanted.pair) return wanted;
  const silent = runningOf(state, wanted.pair).filter((replica) => isWarmAndSilent(state, replica));
  if (silent.length === 0) return wanted;
  const who = silent.map(({ replicaId }) => replicaId).join(', ');
  const reason = `${wanted.reason}; ${who} was kept warm and does not answer: ${silent.length} started anew beside`;
  return { ...wanted, replicas: wanted.replicas + silent.length, reason };
}

/** Returns what becomes of the replicas of a pair that is wanted: which sleep, wake and stop. Isolated ones are not counted. */
function chooseFor(state: RolloutState, wanted: Wanted): SleepChoice {
  const running = runningOf(state, wanted.pair).filter((replica) => isCounted(state, replica));
  return chooseSleepers(
    running,
    { awake: wanted.replicas, asleep: wanted.asleep },
    {
      known: state.sleep ?? new Map(),
      byWorth: byWorth(state),
      maySleep: (replica) => mayServe(state, replica),
    },
  );
}

/**
 * Replicas that a set gives up because it has more than it wants, worst first: rejected ones, then those that do not
 * serve yet, then outdated ones, then the youngest. They leave the routing table before they are stopped. One whose isolation ends in a stop is
 * given up too; one that is isolated is not counted, and stays. Those that go to sleep are given up by the traffic alone.
 */
export function shedReplicas(state: RolloutState, deployment: DeploymentNow | null): ReadonlySet<string> {
  const shed = new Set<string>();
  for (const replica of state.replicas) if (isToBeStopped(state, replica)) shed.add(replica.replicaId);
  for (const wanted of wantedPairs(state, deployment)) {
    const { rest, stop } = chooseFor(state, wanted);
    for (const { replicaId } of [...stop, ...rest]) shed.add(replicaId);
  }
  return shed;
}

const isToBeStopped = (state: RolloutState, replica: ObservedReplica): boolean =>
  isOutOfTraffic(state, replica) && !isKeptBeside(state, replica) && !isOver(replica) && replica.state !== 'draining';

/** Isolated replicas run beside those that their set is to have. */
const isCounted = (state: RolloutState, replica: ObservedReplica): boolean =>
  !isOutOfTraffic(state, replica) && !isKeptBeside(state, replica);

function runningOf(state: RolloutState, pair: Digest): readonly ObservedReplica[] {
  return state.replicas.filter((replica) => replica.pair === pair && !isOver(replica) && replica.state !== 'draining');
}

function byWorth(state: RolloutState): (a: ObservedReplica, b: ObservedReplica) => number {
  const rejected = new Set(state.rejections.map((rejection) => rejection.replicaId));
  const worth = (replica: ObservedReplica): number =>
    mayServe(state, replica) ? (isOutdated(replica) ? 2 : 3) : rejected.has(replica.replicaId) ? 0 : 1;
  return (a, b) => worth(a) - worth(b) || b.startedAtMs - a.startedAtMs || (a.replicaId < b.replicaId ? -1 : 1);
}

/**
 * The sets that should exist: one for each pair that the deployment wants, and for each pair that it does not want any
 * more but that gateways have not let go of yet.
 */
export function desiredSets(
  state: RolloutState,
  deployment: DeploymentNow | null,
  shed: ReadonlySet<string>,
  routing: RoutingTable | null,
): readonly PlannedSet[] {
  const wanted = wantedPairs(state, deployment);
  const sets = wanted.map((want) => wantedSet(state, want, shed, routing));
  return [...sets, ...leavingSets(state, new Set(wanted.map((want) => want.pair)), routing)].filter(
    (set) => set !== null,
  );
}

function wantedSet(
  state: RolloutState,
  want: Wanted,
  shed: ReadonlySet<string>,
  routing: RoutingTable | null,
): PlannedSet | null {
  const { asleep, rest } = chooseFor(state, want);
  const leaving = state.replicas.filter((replica) => replica.pair === want.pair && shed.has(replica.replicaId));
  const own = leaving.filter((replica) => !rest.includes(replica));
  const set = makeSet(state, want.pair, want.startTimeoutMs);
  if (set === null) return null;
  const verdict = letGo(state, {
    replicas: leaving,
    sinceMs: state.unwantedSinceMs.get(set.set) ?? state.nowMs,
    generation: routing?.generation ?? 0,
    routing,
  });
  const beside = runningOf(state, want.pair).filter((replica) => isKeptBeside(state, replica)).length;
  const why = beside === 0 ? want.reason : `${want.reason}; ${beside} more beside them, for diagnosis`;
  const slept = asleep.length === 0 ? why : `${why}; ${asleep.length} asleep beside them`;
  return {
    ...set,
    replicas: beside + want.replicas + asleep.length + (verdict.now ? 0 : own.length),
    stopFirst: own.map((replica) => replica.replicaId),
    ...(asleep.length === 0 ? {} : { asleep: asleep.map(({ replicaId }) => replicaId) }),
    ...stuckField(state, want.pair),
    reason: verdict.now ? slept : `${slept}; ${leaving.length} more until let go: ${verdict.reason}`,
  };
}

/** Returns whom to tell to sleep, now that no gateway sends them anything, and whom to wake. */
export function chooseSleepOrders(
  state: RolloutState,
  deployment: DeploymentNow | null,
  routing: RoutingTable | null,
): SleepOrders {
  const choices = wantedPairs(state, deployment).map((wanted) => ({ wanted, ...chooseFor(state, wanted) }));
  const target = (replica: ObservedReplica): readonly SleepTarget[] => {
    const found = findSleepTarget(state.releases, replica);
    return found === null ? [] : [found];
  };
  const sleep = choices.flatMap(({ wanted, rest, stop }) => {
    const name = replicaSetName(state.service, state.environment, wanted.pair);
    const verdict = letGo(state, {
      replicas: [...rest, ...stop],
      sinceMs: state.unwantedSinceMs.get(name) ?? state.nowMs,
      generation: routing?.generation ?? 0,
      routing,
    });
    return verdict.now ? rest.flatMap(target) : [];
  });
  return { sleep, wake: choices.flatMap(({ wake }) => wake.flatMap(target)) };
}

function stuckField(state: RolloutState, pair: Digest): Pick<PlannedSet, 'stuck'> {
  const stuck = runningOf(state, pair).filter((replica) => replica.state === 'stuck');
  return stuck.length === 0 ? {} : { stuck: stuck.map(({ replicaId }) => replicaId) };
}

function leavingSets(
  state: RolloutState,
  wanted: ReadonlySet<Digest>,
  routing: RoutingTable | null,
): readonly (PlannedSet | null)[] {
  const pairs = new Set(state.replicas.filter((replica) => !wanted.has(replica.pair)).map((replica) => replica.pair));
  return [...pairs].map((pair) => {
    const all = runningOf(state, pair);
    const beside = all.filter((replica) => isKeptBeside(state, replica));
    const running = all.filter((replica) => !beside.includes(replica));
    const set = makeSet(state, pair, rolloutBounds.startTimeoutMs);
    if (set === null || all.length === 0) return null;
    const serving = running.filter((replica) => mayServe(state, replica) || isPerhapsServed(state, replica));
    const verdict = letGo(state, {
      replicas: serving,
      sinceMs: state.unwantedSinceMs.get(set.set) ?? state.nowMs,
      generation: routing?.generation ?? 0,
      routing,
    });
    if (verdict.now && beside.length === 0) return null;
    const left = verdict.now ? [] : serving;
    return {
      ...set,
      replicas: left.length + beside.length,
      stopFirst: running.filter((replica) => !left.includes(replica)).map((replica) => replica.replicaId),
      reason: verdict.now
        ? `no release wants it; ${beside.length} for diagnosis`
        : `no release wants it; until let go: ${verdict.reason}`,
    };
  });
}

/** Ready, and a gateway sends it requests, or may: a store that was restored does not know who was admitted meanwhile. */
function isPerhapsServed(state: RolloutState, { replicaId, state: stands }: ObservedReplica): boolean {
  if (stands !== 'ready') return false;
  const isEarly = state.nowMs - state.observingSinceMs < rolloutBounds.gatewayLostMs;
  return isEarly || state.gateways.some(({ inFlight }) => inFlight.has(replicaId));
}

/**
 * Sets that run though no release here knows their pair: the store was restored from before they were released. They serve until
 * gateways have let go of them, as those of any other pair that is left.
 */
export function strangeSets(state: RolloutState, routing: RoutingTable | null): readonly string[] {
  const known = new Set(state.releases.map((release) => release.pair));
  const strange = Map.groupBy(
    // That they were admitted is not known here either: what is ready may serve.
    state.replicas.filter((replica) => !known.has(replica.pair) && replica.state === 'ready'),
    ({ pair }) => replicaSetName(state.service, state.environment, pair),
  );
  return [...strange]
    .filter(([set, replicas]) => {
      const sinceMs = state.unwantedSinceMs.get(set) ?? state.nowMs;
      return !letGo(state, { replicas, sinceMs, generation: routing?.generation ?? 0, routing }).now;
    })
    .map(([set]) => set)
    .sort();
}

function makeSet(
  state: RolloutState,
  pair: Digest,
  startTimeoutMs: number,
): Omit<PlannedSet, 'replicas' | 'stopFirst' | 'reason'> | null {
  const first = state.releases.find((release) => release.pair === pair);
  if (first === undefined) return null;
  return {
    set: replicaSetName(state.service, state.environment, pair),
    pair,
    release: first.number,
    startTimeoutMs,
    drainTimeoutMs: rolloutBounds.drainTimeoutMs,
  };
}

/** Sets that are observed running although no release of the deployment wants them, or more of them than wanted. */
export function unwantedSets(state: RolloutState): readonly string[] {
  const wanted = new Set(wantedPairs(state, state.deployment).map((want) => want.pair));
  const shed = shedReplicas(state, state.deployment);
  return [
    ...new Set(
      state.replicas
        .filter((replica) => !isOver(replica) && (!wanted.has(replica.pair) || shed.has(replica.replicaId)))
        .map((replica) => replicaSetName(state.service, state.environment, replica.pair)),
    ),
  ].sort();
}
