import type { Digest } from '../../units/digest.ts';
import type { Deployment, Release } from '../release.ts';
import type { ObservedReplica } from '../replica.ts';
import type { ScaleOrder } from '../../scaling/acting/scale-order.ts';
import type { RolloutState } from '../deployment/rollout-state.ts';
import { isKeptBeside, isOutOfTraffic } from '../isolation/isolation.ts';

/** A replica with nothing more to come: it neither serves nor will. */
export function isOver(replica: ObservedReplica): boolean {
  return replica.state === 'stopped' || replica.state === 'failed';
}

/** Those that are isolated are left out: nothing is expected of them. */
export function replicasOf(state: RolloutState, release: Pick<Release, 'pair'>): readonly ObservedReplica[] {
  return state.replicas.filter((replica) => replica.pair === release.pair && !isOutOfTraffic(state, replica));
}

/** It reproduced the very golden set of this release; without one, having been admitted at all is enough. */
export function isAdmittedFor(state: RolloutState, replica: ObservedReplica, release: Release): boolean {
  const golden = state.admissions.get(replica.replicaId);
  if (golden === undefined) return false;
  return release.golden === null || golden === release.golden.blob;
}

/**
 * Ready and admitted by any release of its pair: it may carry the traffic of a release that is live. (A newer release of
 * the same pair may be replaying another golden set on it meanwhile; that must not take it out of the live one.)
 */
export function mayServe(state: Pick<RolloutState, 'admissions'>, replica: ObservedReplica): boolean {
  return replica.state === 'ready' && replica.endpoint !== null && state.admissions.has(replica.replicaId);
}

/**
 * Ids of the replicas that answer for the live release: what leads clients past the gateways leads to these. A canary, a
 * shadow and a release that is kept warm are not among them. Null while nothing is live.
 */
export function liveReplicas(state: RolloutState): ReadonlySet<string> | null {
  const live = findRelease(state, state.deployment?.live ?? null);
  if (live === null) return null;
  const serving = replicasOf(state, live).filter((replica) => mayServe(state, replica));
  return new Set(serving.map(({ replicaId }) => replicaId));
}

/**
 * Replicas of the live release, where another one sets their number: one that fails is one that was asked for. Null where
 * nothing is live, and where Plimsoll sets it.
 */
export function countOfAnother(state: RolloutState): ScaleOrder | null {
  const live = findRelease(state, state.deployment?.live ?? null);
  const { actuator } = live?.replicas ?? {};
  if (live === null || actuator === undefined) return null;
  const present = replicasOf(state, live).filter(({ state: stands }) => stands !== 'draining' && stands !== 'stopped');
  const kept = present.filter((replica) => !isKeptBeside(state, replica));
  return { desired: kept.length, reason: `the actuator is ${actuator}` };
}

export function rejectionOf(state: RolloutState, replica: ObservedReplica, release: Release): string | null {
  const golden = release.golden?.blob ?? null;
  const found = state.rejections.find(
    (rejection) => rejection.replicaId === replica.replicaId && rejection.golden === golden,
  );
  return found?.reason ?? null;
}

/** Replicas that a release needs admitted before traffic may go to it: at least one, whatever `min` says. */
export function neededReplicas(release: Release): number {
  return Math.max(1, release.replicas.min);
}

/**
 * The release that a pair of replicas is there for now: the live one where that is its own, else the incoming or the kept
 * one. Null when no release wants the pair any more.
 */
export function servedRelease(
  deployment: Pick<Deployment, 'live' | 'incoming' | 'previous'> | null,
  releases: readonly Release[],
  pair: Digest,
): Release | null {
  const numbers = [deployment?.live, deployment?.incoming, deployment?.previous?.release];
  const wanted = numbers.map((number) => releases.find((release) => release.number === number));
  return wanted.find((release) => release?.pair === pair) ?? null;
}

export function findRelease(state: RolloutState, number: number | null): Release | null {
  return number === null ? null : (state.releases.find((release) => release.number === number) ?? null);
}
