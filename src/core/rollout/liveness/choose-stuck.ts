import type { Liveness } from './judge-liveness.ts';

/** One replica of a service, as it was judged. */
export interface JudgedReplica {
  readonly replicaId: string;
  readonly liveness: Liveness;
  /** For how long nothing moved, milliseconds. */
  readonly quietMs: number;
  /** It was named stuck before, and its process has not ended. */
  readonly isEnding: boolean;
  /** Somebody beside the control plane gets no answer from it either: a gateway; or the platform, where no gateway reports. */
  readonly isSilentToOthers: boolean;
}

/** What is known of the network around. */
export interface Surroundings {
  /** The control plane reached another address, since the silence began. */
  readonly controlPlaneReaches: boolean;
  /** A gateway that does not reach the replica reaches another address; true where no gateway reports. */
  readonly gatewayReaches: boolean;
}

export interface StuckChoice {
  /** Replicas that are stuck: they leave traffic, and are ended. */
  readonly stuck: readonly { readonly replicaId: string; readonly reason: string }[];
  /** Why others that seem stuck are left alone for now, by replica. */
  readonly withheld: ReadonlyMap<string, string>;
}

/**
 * Returns which replicas of a service that seem stuck are ended.
 *
 * | seem stuck | known besides | ended |
 * |---|---|---|
 * | some, and others move or answer | | each of them: the others show that the network carries |
 * | all, one of them is being ended | | none more |
 * | all, or the only one, silent | others get no answer either, and both reach another address | the one that is silent for longest |
 * | all, or the only one, silent | else | none: the network or the gateway may be at fault |
 * | all, or the only one, answer their probe alone | | the one that is silent for longest: the network carries the probe |
 */
export function chooseStuck(judged: readonly JudgedReplica[], around: Surroundings): StuckChoice {
  const suspects = judged.filter(({ liveness, isEnding }) => liveness.verdict === 'stuck' && !isEnding);
  const others = judged.filter(({ liveness, isEnding }) => liveness.verdict !== 'stuck' && !isEnding);
  if (others.length > 0) return { stuck: suspects.map(named), withheld: new Map() };
  const withhold = (why: string): StuckChoice => ({
    stuck: [],
    withheld: new Map(suspects.map(({ replicaId }) => [replicaId, why])),
  });
  if (judged.some(({ isEnding }) => isEnding))
    return withhold('all replicas seem stuck, and one of them is being ended');
  const [longest, ...rest] = [...suspects].sort((a, b) => b.quietMs - a.quietMs);
  if (longest === undefined) return { stuck: [], withheld: new Map() };
  const isSilent = longest.liveness.verdict === 'stuck' && longest.liveness.cause === 'silent';
  if (isSilent && !longest.isSilentToOthers) return withhold('no gateway confirms that it is silent');
  if (isSilent && !(around.controlPlaneReaches && around.gatewayReaches)) {
    return withhold('the network may be at fault: no other address was reached');
  }
  const why = 'all replicas seem stuck: one at a time is ended';
  return { stuck: [named(longest)], withheld: new Map(rest.map(({ replicaId }) => [replicaId, why])) };
}

const named = ({ replicaId, liveness }: JudgedReplica): StuckChoice['stuck'][number] => ({
  replicaId,
  reason: liveness.verdict === 'stuck' ? liveness.reason : '',
});
