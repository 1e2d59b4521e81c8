import type { ReplicaSignals, ScalingSignals } from '../signals.ts';
import { replicaSignalNames, type EngineSignals } from './engine-signals.ts';

/** One replica, and what its engine told; null when its metrics could not be had. */
export interface ReplicaTold {
  readonly replicaId: string;
  readonly signals: EngineSignals | null;
}

/** What the engines of all replicas tell together, as parts of the signals of a service. */
export interface EngineFold extends Pick<
  ScalingSignals,
  | 'queueDepth'
  | 'inFlight'
  | 'arrivalsPerSecond'
  | 'completionsPerSecond'
  | 'serviceMs'
  | 'batchFillShare'
  | 'acceleratorMemoryShare'
  | 'replicas'
> {
  /** Replicas past their warm-up. */
  readonly replicasWarm: number;
  /** Of those, how many told anything. */
  readonly replicasTold: number;
}

/**
 * Below this share of replicas a sum is unknown. Above it the silent ones are taken to be like the mean of the others: to
 * add nothing for them would be to call them empty, and to call it all unknown would let one replica blind the rest.
 */
export const coverageAtLeast = 0.5;

/**
 * | signal | over replicas |
 * |---|---|
 * | queue depth, in flight, arrivals, completions | mean of those that told, times all that are warm |
 * | service time | mean weighted by completions; plain mean where those are not told |
 * | batch fill, memory | mean |
 *
 * Replicas within their warm-up are no part of any of it.
 */
export function foldReplicas(given: readonly ReplicaTold[]): EngineFold {
  const warm = given.filter(({ signals }) => signals?.isWarmingUp !== true);
  const told = warm.flatMap(({ replicaId, signals }) => (signals === null ? [] : [{ replicaId, signals }]));
  const known = (pick: (signals: EngineSignals) => number | null): readonly number[] => {
    const values = told.map(({ signals }) => pick(signals)).filter((value) => value !== null);
    return values.length > 0 && values.length >= warm.length * coverageAtLeast ? values : [];
  };
  const mean = (pick: (signals: EngineSignals) => number | null): number | null => meanOf(known(pick));
  const total = (pick: (signals: EngineSignals) => number | null): number | null => {
    const each = mean(pick);
    return each === null ? null : each * warm.length;
  };
  const replicas = told.map(
    ({ replicaId, signals: { queueDepth, inFlight, acceleratorMemoryShare } }): ReplicaSignals => ({
      replicaId,
      queueDepth,
      inFlight,
      acceleratorMemoryShare,
    }),
  );
  return {
    queueDepth: total(({ queueDepth }) => queueDepth),
    inFlight: total(({ inFlight }) => inFlight),
    arrivalsPerSecond: total(({ arrivalsPerSecond }) => arrivalsPerSecond),
    completionsPerSecond: total(({ completionsPerSecond }) => completionsPerSecond),
    serviceMs: known(({ serviceMs }) => serviceMs).length === 0 ? null : serviceOf(told.map(({ signals }) => signals)),
    batchFillShare: mean(({ batchFillShare }) => batchFillShare),
    acceleratorMemoryShare: mean(({ acceleratorMemoryShare }) => acceleratorMemoryShare),
    replicas: replicas.filter((replica) => Object.values(replica).some((value) => typeof value === 'number')),
    replicasWarm: warm.length,
    replicasTold: told.filter(({ signals }) => Object.keys(signals.unknown).length < replicaSignalNames.length).length,
  };
}

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

function serviceOf(told: readonly EngineSignals[]): number | null {
  const measured = told.flatMap(({ serviceMs, completionsPerSecond }) =>
    serviceMs === null ? [] : [{ serviceMs, weight: completionsPerSecond }],
  );
  const weight = measured.reduce((sum, each) => sum + (each.weight ?? 0), 0);
  if (weight === 0 || measured.some((each) => each.weight === null)) {
    return meanOf(measured.map(({ serviceMs }) => serviceMs));
  }
  return measured.reduce((sum, each) => sum + each.serviceMs * (each.weight ?? 0), 0) / weight;
}

/**
 * Gateways and engines as one. A request that waits in an engine is in flight for its gateway: it is counted once, as waiting
 * where the engine tells of it, and as in flight where it does not. Where gateways tell nothing at all the engines stand in
 * for them; a part that the gateways should tell and do not is unknown, and so is what neither tells.
 */
export function withEngines(gateways: ScalingSignals, engines: EngineFold): ScalingSignals {
  const { queueDepth, inFlight } = gateways;
  const hasGateways = queueDepth !== null || inFlight !== null;
  return {
    ...gateways,
    queueDepth: hasGateways ? plus(queueDepth, engines.queueDepth ?? 0) : engines.queueDepth,
    oldestWaitMs: oldestWaitOf(gateways, engines),
    inFlight: hasGateways ? plus(inFlight, -(engines.queueDepth ?? 0)) : engines.inFlight,
    arrivalsPerSecond: gateways.arrivalsPerSecond ?? (hasGateways ? null : engines.arrivalsPerSecond),
    completionsPerSecond: gateways.completionsPerSecond ?? (hasGateways ? null : engines.completionsPerSecond),
    serviceMs: gateways.serviceMs ?? engines.serviceMs,
    batchFillShare: engines.batchFillShare ?? gateways.batchFillShare,
    acceleratorMemoryShare: engines.acceleratorMemoryShare ?? gateways.acceleratorMemoryShare,
    replicas: mergeReplicas(gateways.replicas, engines.replicas),
  };
}

/** Engines do not tell how long a request waited: where none waits before them, the age of the oldest is not known. */
function oldestWaitOf({ queueDepth, oldestWaitMs }: ScalingSignals, engines: EngineFold): number | null {
  return queueDepth === 0 && (engines.queueDepth ?? 0) > 0 ? null : oldestWaitMs;
}

const plus = (value: number | null, more: number): number | null => (value === null ? null : Math.max(0, value + more));

function mergeReplicas(
  gateways: readonly ReplicaSignals[],
  engines: readonly ReplicaSignals[],
): readonly ReplicaSignals[] {
  const merged = new Map(gateways.map((replica) => [replica.replicaId, replica]));
  for (const replica of engines) {
    const before = merged.get(replica.replicaId);
    // What waits in the engine is among what the gateways have in flight there.
    const running = plus(before?.inFlight ?? null, -(replica.queueDepth ?? 0));
    merged.set(replica.replicaId, {
      ...before,
      replicaId: replica.replicaId,
      queueDepth: replica.queueDepth ?? before?.queueDepth ?? null,
      inFlight: replica.inFlight ?? running,
      acceleratorMemoryShare: replica.acceleratorMemoryShare ?? before?.acceleratorMemoryShare ?? null,
    });
  }
  return [...merged.values()];
}
