import { phaseOrder } from '../evidence/kinds/cold-start/start-measurements.ts';
import type { Phase } from '../contract/contract.ts';
import type { ObservedStart } from './start-distribution.ts';

/** What a platform told of a replica, as it stands in the events of its family. */
export interface ReplicaTold {
  readonly kind: string;
  readonly atMs: number;
  readonly data: Readonly<Record<string, unknown>>;
}

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
 * because it starts once.
 *
 * | event | start |
 * |---|---|
 * | it became ready, whatever happened to it afterwards | ready |
 * | it failed and never was ready | failed |
 * | anything else | running, for as long as it is known to have lasted |
 */
export function liveStarts(events: readonly ReplicaTold[], pair: string, nowMs: number): readonly LiveStart[] {
  const starts = new Map<string, LiveStart>();
  for (const { kind, atMs, data } of events) {
    const { replicaId, startedAtMs, readyAtMs, phases } = data;
    if (typeof replicaId !== 'string' || typeof startedAtMs !== 'number' || data['pair'] !== pair) continue;
    const known = starts.get(replicaId);
    if (known !== undefined && known.outcome !== 'running') continue;
    const ready = typeof readyAtMs === 'number';
    const over = kind === 'replica.failed' || kind === 'replica.stopped' || kind === 'replica.gone';
    const endMs = ready ? readyAtMs : over ? atMs : nowMs;
    starts.set(replicaId, {
      replicaId,
      startedAtMs,
      totalMs: Math.max(0, endMs - startedAtMs),
      outcome: ready ? 'ready' : kind === 'replica.failed' ? 'failed' : 'running',
      phases: ready ? mergedPhases(readPhases(phases)) : [],
    });
  }
  return [...starts.values()].slice(-mostLiveStarts);
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
