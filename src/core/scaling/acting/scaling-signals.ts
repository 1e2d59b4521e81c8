import { unknownSignals, type ReplicaSignals, type ScalingSignals } from '../signals.ts';
import type { GatewayLoad, GatewayScaling } from './gateway-load.ts';

/** One gateway between two readings. */
export interface GatewayReading {
  /** Null for one that was not heard of before. */
  readonly before: GatewayLoad | null;
  /** Null for one that has gone silent. */
  readonly now: GatewayLoad | null;
}

/**
 * All gateways as one. A sum of which one part is unknown is unknown itself: without the silent gateway it would say that
 * less is asked than is.
 *
 * | a gateway | queue, in flight | rates |
 * |---|---|---|
 * | reported twice | known | known |
 * | was started again, or a counter of it went back | known | unknown once |
 * | is new | known | unknown once |
 * | does not tell what scaling needs | known, but for the oldest wait | unknown |
 * | is silent | unknown | unknown |
 *
 * Without any gateway everything is unknown. What engines queue is in flight here; how full their batches
 * are and what they use of an accelerator's memory gateways cannot tell: `withEngines` adds it.
 */
export function scalingSignals(gateways: readonly GatewayReading[], atMs: number): ScalingSignals {
  const now = gateways.map((gateway) => gateway.now).filter((load) => load !== null);
  const heard = now.length > 0 && now.length === gateways.length;
  if (!heard) return unknownSignals(atMs);
  const waits = now.map((load) => load.scaling?.oldestWaitMs ?? null);
  const rates = gateways.map(({ before, now: load }) => (load === null ? null : ratesBetween(before, load)));
  const timed = sum(rates, (rate) => rate.timed);
  const serviceMs = sum(rates, (rate) => rate.serviceMs);
  return {
    atMs,
    queueDepth: now.reduce((total, load) => total + load.queueDepth, 0),
    oldestWaitMs: waits.reduce((most, wait) => (most === null || wait === null ? null : Math.max(most, wait)), 0),
    inFlight: now.reduce((total, load) => total + load.inFlight, 0),
    arrivalsPerSecond: sum(rates, (rate) => rate.arrivalsPerSecond),
    completionsPerSecond: sum(rates, (rate) => rate.completionsPerSecond),
    serviceMs: timed === null || serviceMs === null || timed === 0 ? null : serviceMs / timed,
    batchFillShare: null,
    acceleratorMemoryShare: null,
    replicas: replicaSignals(now),
  };
}

interface Rates {
  readonly arrivalsPerSecond: number;
  readonly completionsPerSecond: number;
  readonly timed: number;
  readonly serviceMs: number;
}

const counters = ['arrivals', 'completions', 'timed', 'serviceMs'] as const satisfies readonly (keyof GatewayScaling)[];

function ratesBetween(before: GatewayLoad | null, now: GatewayLoad): Rates | null {
  const [was, is] = [before?.scaling, now.scaling];
  if (before === null || was === undefined || is === undefined) return null;
  const seconds = (now.atMs - before.atMs) / 1000;
  if (before.startedAtMs !== now.startedAtMs || seconds <= 0) return null;
  if (counters.some((counter) => is[counter] < was[counter])) return null;
  return {
    arrivalsPerSecond: (is.arrivals - was.arrivals) / seconds,
    completionsPerSecond: (is.completions - was.completions) / seconds,
    timed: is.timed - was.timed,
    serviceMs: is.serviceMs - was.serviceMs,
  };
}

function sum(rates: readonly (Rates | null)[], of: (rates: Rates) => number): number | null {
  return rates.reduce<number | null>((total, each) => (total === null || each === null ? null : total + of(each)), 0);
}

function replicaSignals(loads: readonly GatewayLoad[]): readonly ReplicaSignals[] {
  const inFlight = new Map<string, number>();
  for (const { replicas } of loads) {
    for (const replica of replicas) {
      inFlight.set(replica.replicaId, (inFlight.get(replica.replicaId) ?? 0) + replica.inFlight);
    }
  }
  return [...inFlight]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([replicaId, count]) => ({
      replicaId,
      queueDepth: null,
      inFlight: count,
      acceleratorMemoryShare: null,
    }));
}
