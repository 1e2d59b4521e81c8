import { parseBatchCounters } from '../../protocols/prometheus-text/batch-counters.ts';
import type { BatchCounters } from '../../schemas/replica-metrics.ts';
import { batchFillBetween } from './batch-fill.ts';

/** The Prometheus exposition of one replica; rejects when it cannot be had. */
export type ReadMetrics = (endpoint: string, signal: AbortSignal) => Promise<string>;

const readTimeoutMs = 1_000;
const replicasAtMost = 64;

/** Asks replicas for their metrics off the path of requests, and keeps what their batches filled since the last time. */
export class BatchFillWatch {
  readonly #read: ReadMetrics;
  #last: ReadonlyMap<string, BatchCounters> = new Map();
  #fill: number | null = null;
  #reading = false;

  constructor(read: ReadMetrics) {
    this.#read = read;
  }

  fill(): number | null {
    return this.#fill;
  }

  /** Skips when the last look is still under way. */
  async look(
    replicas: readonly { readonly replicaId: string; readonly endpoint: string | null }[],
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(readTimeoutMs)]);
      const read = await Promise.all(
        replicas.slice(0, replicasAtMost).map(async ({ replicaId, endpoint }) => {
          const counters = endpoint === null ? null : await this.#counters(endpoint, bounded);
          return counters === null ? null : ([replicaId, counters] as const);
        }),
      );
      const now = new Map(read.filter((entry) => entry !== null));
      const pairs = [...now].flatMap(([replicaId, counters]) => {
        const before = this.#last.get(replicaId);
        return before === undefined ? [] : [{ before, now: counters }];
      });
      this.#fill = batchFillBetween(pairs);
      this.#last = now;
    } finally {
      this.#reading = false;
    }
  }

  async #counters(endpoint: string, signal: AbortSignal): Promise<BatchCounters | null> {
    try {
      return parseBatchCounters(await this.#read(endpoint, signal));
    } catch {
      // A server without metrics, or one that is just ending: batch fill is then not known, which null says.
      return null;
    }
  }
}
