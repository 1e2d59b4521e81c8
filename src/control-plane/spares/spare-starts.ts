import { liveStarts, mergedPhases, mostLiveStarts } from '../../core/coldstart/live-starts.ts';
import {
  startDistribution,
  type ObservedStart,
  type StartDistribution,
} from '../../core/coldstart/start-distribution.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { StoredEvent } from '../../core/records/event.ts';

/** Fewer starts say nothing of the next one: it is then planned as one without a spare. */
const startsAtLeast = 3;

/** How long starts of one pair took that took a spare: the newest of them, apart from those without. */
export class SpareStarts {
  #pair: string | null = null;
  #recorded: { readonly events: readonly StoredEvent[]; readonly nowMs: number } = { events: [], nowMs: 0 };
  readonly #starts = new Map<string, ObservedStart>();
  #distribution: StartDistribution | null = null;

  /** What is on record of earlier processes. @param events `replica.ready`, the newest last */
  resume(events: readonly StoredEvent[], nowMs: number): void {
    this.#recorded = { events, nowMs };
    this.#pair = null;
  }

  /** @param replicas of the pair */
  see(pair: string, replicas: readonly ObservedReplica[]): void {
    if (this.#pair !== pair) this.#begin(pair);
    for (const { replicaId, spare, readyAtMs, startedAtMs, phases, state } of replicas) {
      if (spare === undefined || this.#starts.has(replicaId)) continue;
      if (readyAtMs !== null && readyAtMs >= startedAtMs)
        this.#add(replicaId, { totalMs: readyAtMs - startedAtMs, outcome: 'ready', phases: mergedPhases(phases) });
      else if (state === 'failed') this.#add(replicaId, { totalMs: 0, outcome: 'failed', phases: [] });
    }
  }

  /** Null while fewer than three were seen to get ready. */
  distribution(): StartDistribution | null {
    const ready = [...this.#starts.values()].filter(({ outcome }) => outcome === 'ready');
    if (ready.length < startsAtLeast) return null;
    return (this.#distribution ??= startDistribution([...this.#starts.values()]));
  }

  #begin(pair: string): void {
    this.#pair = pair;
    this.#starts.clear();
    this.#distribution = null;
    const { events, nowMs } = this.#recorded;
    for (const { replicaId, ...start } of liveStarts(events, pair, nowMs, 'spares')) this.#add(replicaId, start);
  }

  #add(replicaId: string, start: ObservedStart): void {
    this.#starts.set(replicaId, start);
    const [oldest] = this.#starts.keys();
    if (this.#starts.size > mostLiveStarts && oldest !== undefined) this.#starts.delete(oldest);
    this.#distribution = null;
  }
}
