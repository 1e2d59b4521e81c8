import type { ServiceCurve } from '../../capacity/service-curve.ts';
import type { ScaledReplica } from '../policy.ts';
import { unknownSignals, type ReplicaSignals, type ScalingSignals } from '../signals.ts';
import type { Fleet } from './fleet.ts';
import type { UnitsUnderWay } from './units-under-way.ts';
import { roomOf } from './line/make-service-line.ts';
import type { WaitingQueue } from './line/waiting-queue.ts';

/** What is known before the first signals are old enough to be seen. */
const nothingYet = unknownSignals(0);

/**
 * Signals as gateways and replicas would tell them, taken each metric period and seen `lagMs` later. Rates and means are of the
 * time since the sample that was seen before: who looks each third sample misses nothing of the two between.
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
  /** As they were at the sample that was seen last. */
  #counted: Counts = noCounts;
  readonly #fleet: Fleet;
  readonly #queue: WaitingQueue;
  readonly #curve: ServiceCurve;
  readonly #lagMs: number;
  readonly #units: UnitsUnderWay | null;
  /** Taken and too young to be seen, oldest first. */
  readonly #unseen: Sample[] = [];
  #seen: ScalingSignals = nothingYet;
  #seenReplicas: readonly ScaledReplica[] | null = null;

  constructor(
    fleet: Fleet,
    queue: WaitingQueue,
    curve: ServiceCurve,
    lagMs: number,
    units: UnitsUnderWay | null = null,
  ) {
    this.#units = units;
    this.#fleet = fleet;
    this.#queue = queue;
    this.#curve = curve;
    this.#lagMs = lagMs;
  }

  take(nowMs: number): void {
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
      replicas: seen,
      counts: {
        atMs: nowMs,
        arrivals: this.arrivals,
        completions: this.completions,
        serviceSumMs: this.serviceSumMs,
        batches: this.#fleet.batches.batches,
        batchRequests: this.#fleet.batches.requests,
        unitsArrived: this.#units?.arrived ?? 0,
        unitsAnswered: this.#units?.answered ?? 0,
        unitsWritten: this.#units?.written ?? 0,
      },
      state: {
        atMs: nowMs,
        queueDepth: this.#queue.length + forming,
        oldestWaitMs: oldestMs === Infinity ? 0 : nowMs - oldestMs,
        inFlight: held - forming,
        acceleratorMemoryShare: usedShare,
        ofReplicas,
      },
    });
  }

  /** Whether nothing has arrived, been answered or become ready since the sample that was seen last, nor was under way in it. */
  isSilent({ queueDepth, inFlight, arrivalsPerSecond, completionsPerSecond }: ScalingSignals): boolean {
    return (
      queueDepth === 0 &&
      inFlight === 0 &&
      arrivalsPerSecond === 0 &&
      completionsPerSecond === 0 &&
      this.arrivals === this.#counted.arrivals &&
      this.completions === this.#counted.completions &&
      this.#seenReplicas === this.#fleet.seen()
    );
  }

  /** Goes on as if the sample of `atMs` had been seen, where nothing happened since the one that was seen last. */
  skipTo(atMs: number): void {
    while ((this.#unseen[0]?.counts.atMs ?? Infinity) <= atMs) this.#unseen.shift();
    this.#counted = { ...this.#counted, atMs };
    this.#seen = { ...this.#seen, atMs };
  }

  /** The youngest that are at least as old as the lag. */
  seenAt(nowMs: number): ScalingSignals {
    let newest: Sample | null = null;
    for (
      let next = this.#unseen[0];
      next !== undefined && next.counts.atMs <= nowMs - this.#lagMs;
      next = this.#unseen[0]
    ) {
      newest = next;
      this.#unseen.shift();
    }
    if (newest === null) return this.#seen;
    this.#seen = this.#signals(newest.state, this.#counted, newest.counts);
    this.#counted = newest.counts;
    this.#seenReplicas = newest.replicas;
    return this.#seen;
  }

  #signals({ ofReplicas, ...state }: SampledState, before: Counts, now: Counts): ScalingSignals {
    const seconds = (now.atMs - before.atMs) / 1_000;
    const [completions, batches] = [now.completions - before.completions, now.batches - before.batches];
    const fill = batches > 0 ? (now.batchRequests - before.batchRequests) / (batches * roomOf(this.#curve)) : null;
    return {
      ...state,
      arrivalsPerSecond: seconds > 0 ? (now.arrivals - before.arrivals) / seconds : null,
      completionsPerSecond: seconds > 0 ? completions / seconds : null,
      serviceMs: completions > 0 ? (now.serviceSumMs - before.serviceSumMs) / completions : null,
      batchFillShare: this.#curve.kind === 'slots' ? state.acceleratorMemoryShare : fill,
      ...(this.#units === null || !(seconds > 0) ? {} : { work: this.#units.signals(before, now, seconds) }),
      get replicas() {
        return ofReplicas();
      },
    };
  }
}

interface Sample {
  readonly replicas: readonly ScaledReplica[];
  readonly counts: Counts;
  readonly state: SampledState;
}

/** Since the beginning. */
interface Counts {
  readonly atMs: number;
  readonly arrivals: number;
  readonly completions: number;
  readonly serviceSumMs: number;
  readonly batches: number;
  readonly batchRequests: number;
  readonly unitsArrived: number;
  readonly unitsAnswered: number;
  readonly unitsWritten: number;
}

const noCounts: Counts = {
  atMs: 0,
  arrivals: 0,
  completions: 0,
  serviceSumMs: 0,
  batches: 0,
  batchRequests: 0,
  unitsArrived: 0,
  unitsAnswered: 0,
  unitsWritten: 0,
};

/** What there is at the moment of a sample. */
interface SampledState extends Pick<
  ScalingSignals,
  'atMs' | 'queueDepth' | 'oldestWaitMs' | 'inFlight' | 'acceleratorMemoryShare'
> {
  readonly ofReplicas: () => readonly ReplicaSignals[];
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
