import { phaseOrder } from '../evidence/kinds/cold-start/start-measurements.ts';
import type { EventOf, StoredEvent } from '../records/event.ts';
import { hasFacts } from '../records/facts.ts';
import type { Phase } from '../contract/contract.ts';
import type { ObservedStart } from './start-distribution.ts';

/** A start of a replica that serves or was to serve. */
export interface LiveStart extends ObservedStart {
  readonly replicaId: string;
  readonly startedAtMs: number;
}

/** The newest of them are enough for every quantile that a contract can write, and a bound for whoever reads them. */
export const mostLiveStarts = 500;

/** Phases that the platform measured twice, by itself and from the server, as one. */
export function mergedPhases(
  phases: readonly { readonly phases: readonly Phase[]; readonly durationMs: number }[],
): ObservedStart['phases'] {
  const sums = new Map<string, { phases: readonly Phase[]; durationMs: number }>();
  for (const { phases: names, durationMs } of phases) {
    const key = names.join();
    sums.set(key, { phases: names, durationMs: (sums.get(key)?.durationMs ?? 0) + durationMs });
  }
  return [...sums.values()];
}

/**
 * The starts of a pair by the events of its replicas, oldest first, at most the newest `mostLiveStarts`; each replica once,
 * because it starts once. Replicas that were made of a spare start in another time: they are told apart.
 *
 * | event | start |
 * |---|---|
 * | it became ready, whatever happened to it afterwards | ready |
 * | it failed and never was ready | failed |
 * | anything else | running, for as long as it is known to have lasted |
 *
 * @param of starts without a spare, or those of replicas that were made of one
 */
export function liveStarts(
  events: readonly StoredEvent[],
  pair: string,
  nowMs: number,
  of: 'processes' | 'spares' = 'processes',
): readonly LiveStart[] {
  const starts = new Map<string, LiveStart>();
  // A replica that was seen before it took its spare is told of with one only later.
  const ofSpares = new Set(events.flatMap(nameOfSpared));
  for (const event of events) {
    const start = startOf(event, pair, nowMs);
    if (start === null || ofSpares.has(start.replicaId) !== (of === 'spares')) continue;
    const known = starts.get(start.replicaId);
    if (known === undefined || known.outcome === 'running') starts.set(start.replicaId, start);
  }
  return [...starts.values()].slice(-mostLiveStarts);
}

const nameOfSpared = ({ data }: StoredEvent): readonly string[] =>
  'spare' in data && data.spare !== undefined && typeof data.replicaId === 'string' ? [data.replicaId] : [];

/** The start as one event tells it; null where the event tells of none. */
function startOf(event: StoredEvent, pair: string, nowMs: number): LiveStart | null {
  switch (event.kind) {
    case 'replica.pending':
    case 'replica.starting':
    case 'replica.ready':
    case 'replica.adopted':
    case 'replica.draining':
      return seenStart(event.data, pair, nowMs, 'running');
    case 'replica.stopped':
    case 'replica.gone':
      return seenStart(event.data, pair, event.atMs, 'running');
    case 'replica.failed':
      return seenStart(event.data, pair, event.atMs, 'failed');
    default:
      return null;
  }
}

function seenStart(
  data: EventOf<'replica.ready'>['data'],
  pair: string,
  endMs: number,
  unready: 'running' | 'failed',
): LiveStart | null {
  if (!hasFacts(data, 'replicaId', 'startedAtMs') || data.pair !== pair) return null;
  const { replicaId, startedAtMs, readyAtMs = null, phases } = data;
  return {
    replicaId,
    startedAtMs,
    totalMs: Math.max(0, (readyAtMs ?? endMs) - startedAtMs),
    outcome: readyAtMs === null ? unready : 'ready',
    phases: readyAtMs === null ? [] : mergedPhases(readPhases(phases)),
  };
}

function readPhases(value: unknown): readonly { readonly phases: readonly Phase[]; readonly durationMs: number }[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (each: { phases?: unknown; durationMs?: unknown }) =>
      Array.isArray(each.phases) &&
      each.phases.every((phase) => phaseOrder.includes(phase as Phase)) &&
      typeof each.durationMs === 'number' &&
      each.durationMs >= 0,
  ) as { phases: Phase[]; durationMs: number }[];
}
