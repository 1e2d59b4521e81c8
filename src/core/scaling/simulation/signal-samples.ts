import type { ServiceCurve } from '../../capacity/service-curve.ts';
import type { ScaledReplica } from '../policy.ts';
import { unknownSignals, type ReplicaSignals, type ScalingSignals } from '../signals.ts';
import type { Fleet } from './fleet.ts';
import { roomOf } from './make-service-line.ts';
import type { WaitingQueue } from './waiting-queue.ts';

/** What is known before the first signals are old enough to be seen. */
const nothingYet = unknownSignals(0);

/**
 * Signals as gateways and replicas would tell them, taken each metric period and seen `lagMs` later. Rates and means are of the
 * time since the sample before.
 *
 * | signal | slots | batch |
 * |---|---|---|
 * | queueDepth | waits in the gateway | and in batches that have not begun |
 * | inFlight | held by replicas, draining ones included | in batches that have begun |
 * | batchFillShare | mean over ready replicas of requests under way over slots, at the sample | mean requests of a batch that began over the largest; null without one |
 * | acceleratorMemoryShare | as batchFillShare: each slot holds its part of the KV cache | null |
 */
export class SignalSamples {
  arrivals = 0;
  completions = 0;
  serviceSumMs = 0;
  readonly #fleet: Fleet;
  readonly #queue: WaitingQueue;
  readonly #curve: ServiceCurve;
  readonly #lagMs: number;
  #takenAtMs = 0;
  #batches = 0;
  #batchRequests = 0;
  /** Taken and too young to be seen, oldest first. */
  readonly #unseen: ScalingSignals[] = [];
  #seen: ScalingSignals = nothingYet;

  constructor(fleet: Fleet, queue: WaitingQueue, curve: ServiceCurve, lagMs: number) {
    this.#fleet = fleet;
    this.#queue = queue;
    this.#curve = curve;
    this.#lagMs = lagMs;
  }

  take(nowMs: number): void {
    const seconds = (nowMs - this.#takenAtMs) / 1_000;
    const seen = this.#fleet.seen();
    const counts = new Uint32Array(2 * seen.length);
    let [held, forming, readyHeld, formingSinceMs, index] = [0, 0, 0, Infinity, 0];
    for (const { line, state } of this.#fleet.replicas) {
      if (state === 'backoff') continue;
      held += line.held;
      forming += line.forming;
      if (state === 'ready') readyHeld += line.held;
      if (line.formingSinceMs < formingSinceMs) formingSinceMs = line.formingSinceMs;
      counts[index] = line.held;
      counts[index + 1] = line.forming;
      index += 2;
    }
    const ofReplicas = replicaSignals(seen, counts, this.#curve);
    const oldestMs = Math.min(this.#queue.oldestAtMs, formingSinceMs);
    const slots = this.#curve.kind === 'slots';
    const usedShare = slots && this.#fleet.ready > 0 ? readyHeld / (this.#fleet.ready * roomOf(this.#curve)) : null;
    this.#unseen.push({
      atMs: nowMs,
      queueDepth: this.#queue.length + forming,
      oldestWaitMs: oldestMs === Infinity ? 0 : nowMs - oldestMs,
      inFlight: held - forming,
      arrivalsPerSecond: seconds > 0 ? this.arrivals / seconds : null,
      completionsPerSecond: seconds > 0 ? this.completions / seconds : null,
      serviceMs: this.completions > 0 ? this.serviceSumMs / this.completions : null,
      batchFillShare: slots ? usedShare : this.#batchFillShare(),
      acceleratorMemoryShare: usedShare,
      get replicas() {
        return ofReplicas();
      },
    });
    this.#takenAtMs = nowMs;
    this.arrivals = 0;
    this.completions = 0;
    this.serviceSumMs = 0;
    this.#batches = this.#fleet.batches.batches;
    this.#batchRequests = this.#fleet.batches.requests;
  }

  /** The youngest that are at least as old as the lag. */
  seenAt(nowMs: number): ScalingSignals {
    for (let next = this.#unseen[0]; next !== undefined && next.atMs <= nowMs - this.#lagMs; next = this.#unseen[0]) {
      this.#seen = next;
      this.#unseen.shift();
    }
    return this.#seen;
  }

  #batchFillShare(): number | null {
    const batches = this.#fleet.batches.batches - this.#batches;
    if (batches === 0) return null;
    return (this.#fleet.batches.requests - this.#batchRequests) / (batches * roomOf(this.#curve));
  }
}

/** Written out only for a policy that looks at them: a hundred replicas each two seconds are many for one that does not. */
function replicaSignals(
  seen: readonly ScaledReplica[],
  counts: Uint32Array,
  curve: ServiceCurve,
): () => readonly ReplicaSignals[] {
  let replicas: readonly ReplicaSignals[] | null = null;
  return () => {
    replicas ??= seen.flatMap(({ replicaId, state }, index) => {
      if (state !== 'ready' && state !== 'draining') return [];
      const [held, forming] = [counts[2 * index] as number, counts[2 * index + 1] as number];
      const usedShare = curve.kind === 'slots' ? held / curve.slots : null;
      return { replicaId, queueDepth: forming, inFlight: held - forming, acceleratorMemoryShare: usedShare };
    });
    return replicas;
  };
}
