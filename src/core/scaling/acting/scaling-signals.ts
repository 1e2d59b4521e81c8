import { unknownSignals, type ReplicaSignals, type ScalingSignals } from '../signals.ts';
import type { GatewayLoad, GatewayReplicaLoad, GatewayScaling } from './gateway-load.ts';
import { readWorkSignals, type CountedWork } from './work-signals.ts';

/** One gateway between two readings. */
export interface GatewayReading {
  /** Null for one that was not heard of before. */
  readonly before: GatewayLoad | null;
  /** Null for one that has gone silent. */
  readonly now: GatewayLoad | null;
  /** Between hearing the two reports, milliseconds of a clock that never steps. Absent: the gateway's clock is believed. */
  readonly heardBetweenMs?: number;
}

/**
 * Returns the signals of all gateways together. A sum of which one part is unknown is unknown itself: without the silent gateway
 * it would say that less is asked than is.
 *
 * | a gateway | queue, in flight | rates, work, times |
 * |---|---|---|
 * | reported twice | known | known, by its clock that never steps |
 * | was started again, or a counter of it went back | known | unknown once |
 * | is new | known | unknown once |
 * | has only a clock of the day, which stepped between two reports | known | unknown once |
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
  const counted = gateways.map(countedBetween);
  const known = counted.filter((each) => each !== null);
  const isKnown = known.length === counted.length;
  const perSecond = (of: (scaling: GatewayScaling) => number): number | null =>
    isKnown ? known.reduce((sum, each) => sum + (of(each.now) - of(each.before)) / each.seconds, 0) : null;
  const increase = (of: (scaling: GatewayScaling) => number): number =>
    known.reduce((sum, each) => sum + of(each.now) - of(each.before), 0);
  const timed = increase((scaling) => scaling.timed);
  const work = isKnown ? readWorkSignals(known) : null;
  return {
    atMs,
    queueDepth: now.reduce((total, load) => total + load.queueDepth, 0),
    oldestWaitMs: waits.reduce((most, wait) => (most === null || wait === null ? null : Math.max(most, wait)), 0),
    inFlight: now.reduce((total, load) => total + load.inFlight, 0),
    arrivalsPerSecond: perSecond((scaling) => scaling.arrivals),
    completionsPerSecond: perSecond((scaling) => scaling.completions),
    serviceMs: isKnown && timed > 0 ? increase((scaling) => scaling.serviceMs) / timed : null,
    batchFillShare: null,
    acceleratorMemoryShare: null,
    replicas: replicaSignals(now, isKnown ? known : null),
    ...(work === null ? {} : { work }),
  };
}

/** Two reports of one process, and the seconds between them. */
interface Counted extends CountedWork {
  readonly replicasBefore: readonly GatewayReplicaLoad[];
  readonly replicasNow: readonly GatewayReplicaLoad[];
}

const counters = ['arrivals', 'completions', 'timed', 'serviceMs'] as const satisfies readonly (keyof GatewayScaling)[];

function countedBetween({ before, now, heardBetweenMs }: GatewayReading): Counted | null {
  const [was, is] = [before?.scaling, now?.scaling];
  if (before === null || now === null || was === undefined || is === undefined) return null;
  if (before.startedAtMs !== now.startedAtMs || counters.some((counter) => is[counter] < was[counter])) return null;
  const tookMs = elapsedMs(before, now, heardBetweenMs);
  if (tookMs === null || tookMs <= 0) return null;
  return {
    before: was,
    now: is,
    seconds: tookMs / 1_000,
    replicasBefore: before.replicas,
    replicasNow: now.replicas,
  };
}

/** A report may be a second on its way, and be sent at once where a routing table was applied. */
const clocksAgreeMs = 2_000;

/** Null where a clock stepped, and only that clock tells the time. */
function elapsedMs(before: GatewayLoad, now: GatewayLoad, heardBetweenMs: number | undefined): number | null {
  const [wasUpMs, upMs] = [before.scaling?.upMs, now.scaling?.upMs];
  if (wasUpMs !== undefined && upMs !== undefined) return upMs - wasUpMs;
  const tookMs = now.atMs - before.atMs;
  const isBelieved = heardBetweenMs === undefined || Math.abs(tookMs - heardBetweenMs) <= clocksAgreeMs;
  return isBelieved ? tookMs : null;
}

function replicaSignals(loads: readonly GatewayLoad[], known: readonly Counted[] | null): readonly ReplicaSignals[] {
  const inFlight = new Map<string, number>();
  for (const { replicas } of loads) {
    for (const replica of replicas) {
      inFlight.set(replica.replicaId, (inFlight.get(replica.replicaId) ?? 0) + replica.inFlight);
    }
  }
  const warm = known === null ? new Map<string, WarmRates>() : warmRates(known);
  return [...inFlight]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([replicaId, count]) => {
      const rates = warm.get(replicaId);
      return {
        replicaId,
        queueDepth: null,
        inFlight: count,
        acceleratorMemoryShare: null,
        ...(rates === undefined ? {} : warmSignals(rates)),
      };
    });
}

interface WarmRates {
  readonly perSecond: number;
  readonly answers: number;
  readonly serviceMs: number;
}

const warmSignals = ({ perSecond, answers, serviceMs }: WarmRates) => ({
  completionsPerSecond: perSecond,
  serviceMs: answers > 0 ? serviceMs / answers : null,
});

/** Of replicas of which each gateway that sends to them tells it, now and before. */
function warmRates(gateways: readonly Counted[]): ReadonlyMap<string, WarmRates> {
  const rates = new Map<string, WarmRates>();
  const untold = new Set<string>();
  for (const { replicasBefore, replicasNow, seconds } of gateways) {
    const before = new Map(replicasBefore.map(({ replicaId, warm }) => [replicaId, warm]));
    for (const { replicaId, warm } of replicasNow) {
      const was = before.get(replicaId);
      if (warm === undefined || was === undefined || warm.answers < was.answers) {
        untold.add(replicaId);
        continue;
      }
      const sum = rates.get(replicaId) ?? { perSecond: 0, answers: 0, serviceMs: 0 };
      const answers = warm.answers - was.answers;
      rates.set(replicaId, {
        perSecond: sum.perSecond + answers / seconds,
        answers: sum.answers + answers,
        serviceMs: sum.serviceMs + Math.max(0, warm.serviceMs - was.serviceMs),
      });
    }
  }
  for (const replicaId of untold) rates.delete(replicaId);
  return rates;
}
