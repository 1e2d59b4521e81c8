import type { ReplicaCapacity } from './service-curve.ts';

/** A replica as queueing formulas see it. */
export interface ReplicaPower {
  /** Requests that it works on at once at its most: slots, or the batch that serves the most. */
  readonly slots: number;
  /** Requests a second with all of them taken, whatever their latency. */
  readonly mostPerSecond: number;
  /** Time that a request is worked on then, milliseconds. */
  readonly workMs: number;
}

/** The most that the curve gives, latency aside. */
export function replicaPower({ curve }: Pick<ReplicaCapacity, 'curve'>): ReplicaPower {
  switch (curve.kind) {
    case 'slots': {
      let best = { slots: 1, mostPerSecond: 0, workMs: curve.meanWorkMs };
      for (let slots = 1; slots <= curve.slots; slots += 1) {
        const workMs = curve.meanWorkMs / (curve.speeds[slots - 1] ?? 1);
        const mostPerSecond = (1_000 * slots) / workMs;
        if (mostPerSecond > best.mostPerSecond) best = { slots, mostPerSecond, workMs };
      }
      return best;
    }
    case 'batch': {
      let best = { slots: 1, mostPerSecond: 0, workMs: curve.batchMs[0] ?? 0 };
      for (const [index, workMs] of curve.batchMs.entries()) {
        const mostPerSecond = (1_000 * (index + 1)) / workMs;
        if (mostPerSecond > best.mostPerSecond) best = { slots: index + 1, mostPerSecond, workMs };
      }
      return best;
    }
  }
}
