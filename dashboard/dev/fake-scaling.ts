import type { EvidenceState } from '../../src/core/evidence/lock/lock.ts';
import type { MeasuredPhase } from '../../src/core/rollout/replica.ts';
import type { ReplicaView, ScalingDecisionView, ScalingView, SignalSample } from '../../src/schemas/view/view.ts';
import type { FakeEvent } from './fake-history.ts';
import { digestOf } from './fake-parts.ts';

const minReplicas = 1;
const maxReplicas = 8;
/** Requests a second that one made-up replica carries. */
const carriesPerSecond = 14;
/** Less has to be wanted for so long before a replica goes. */
const holdMs = 75_000;

/** A made-up service under a load that comes and goes, scaled second by second; nothing of it is measured. */
export class FakeScaling {
  replicas: readonly ReplicaView[] = [];
  sample: SignalSample | null = null;
  decisions: readonly ScalingDecisionView[] = [];
  /** Why nobody is asked; then nothing moves. */
  readonly held: string | null;
  readonly #release: number;
  readonly #record: (event: FakeEvent) => number;
  readonly #beganAtMs: number;
  #desired = 2;
  #queue = 0;
  #started = 0;
  #lessSinceMs: number | null = null;

  constructor(release: number, record: (event: FakeEvent) => number, nowMs: number, held: string | null) {
    this.#release = release;
    this.#beganAtMs = nowMs;
    this.#record = record;
    this.held = held;
    this.#start(nowMs - 2_400_000);
    this.#start(nowMs - 2_399_000);
    this.#move(nowMs - 2_300_000, null);
  }

  /** One second goes by. True when the view changed. */
  step(atMs: number): boolean {
    const before = this.replicas;
    const decided = this.decisions.length;
    const ready = this.replicas.filter(({ state }) => state === 'ready').length;
    const arrivals = arrivalsAt(atMs - this.#beganAtMs);
    const worked = Math.min(arrivals + this.#queue, ready * carriesPerSecond);
    this.#queue = Math.min(60, Math.max(0, this.#queue + arrivals - worked));
    this.sample = sampleOf(atMs, arrivals, worked, this.#queue, ready);
    if (this.held === null) this.#decide(atMs, arrivals);
    this.#move(atMs, this.#desired);
    return this.replicas !== before || this.decisions.length !== decided;
  }

  view(): ScalingView {
    const last = this.decisions.at(-1);
    const { atMs = 0, queueDepth = null, inFlight = null, requestsPerSecond = null } = this.sample ?? {};
    return {
      desired: last?.desired ?? null,
      ordered: last?.ordered ?? null,
      min: minReplicas,
      max: maxReplicas,
      actuator: 'plimsoll',
      policy: 'plimsoll',
      reason: last?.reason ?? 'nothing was decided yet',
      held: this.held,
      decidedAtMs: last?.atMs ?? null,
      signals: {
        atMs,
        queueDepth,
        oldestWaitMs: 0,
        inFlight,
        arrivalsPerSecond: requestsPerSecond,
        completionsPerSecond: requestsPerSecond,
        serviceMs: 60,
        batchFillShare: null,
        acceleratorMemoryShare: null,
        replicas: [],
      },
      learned: {
        capacity: { estimate: 0.93, lower: 0.9, upper: 0.96, samples: 12_400 },
        starts: { estimate: 1.1, lower: 0.9, upper: 1.3, samples: 17 },
        trusted: true,
        distrustedSinceMs: null,
        told: { ratePerSecond: carriesPerSecond, startMs: 14_000 },
      },
    };
  }

  #decide(atMs: number, arrivals: number): void {
    const forecast = Math.max(arrivals, arrivalsAt(atMs - this.#beganAtMs + 25_000));
    const forBacklog = this.#queue / 40;
    const wanted = (forecast * 1.2) / carriesPerSecond + forBacklog;
    const target = Math.max(minReplicas, Math.min(maxReplicas, Math.ceil(wanted)));
    if (target >= this.#desired) this.#lessSinceMs = null;
    else this.#lessSinceMs ??= atMs;
    const longEnough = this.#lessSinceMs !== null && atMs - this.#lessSinceMs >= holdMs;
    if (target === this.#desired || (target < this.#desired && !longEnough)) return;
    this.#decided(atMs, target, { forecast, wanted, forBacklog });
  }

  #decided(
    atMs: number,
    desired: number,
    {
      forecast,
      wanted,
      forBacklog,
    }: { readonly forecast: number; readonly wanted: number; readonly forBacklog: number },
  ): void {
    const ready = this.replicas.filter(({ state }) => state === 'ready').length;
    const loading = this.replicas.filter(({ state }) => state === 'starting').length;
    const waiting = forBacklog === 0 ? '' : `; ${Math.round(this.#queue)} waiting want ${forBacklog.toFixed(2)} more`;
    const expected = `${forecast.toFixed(1)} requests/s expected in 25 s want ${(wanted - forBacklog).toFixed(2)}`;
    const reason = `${expected}${waiting}: ${desired} (${ready} ready, ${loading} loading)`;
    const before = this.#desired;
    const terms = {
      forecastPerSecond: forecast,
      forDemand: wanted - forBacklog,
      forBacklog,
      floor: 0.82,
      held: null,
      ready,
      loading,
      overdue: 0,
      queueDepth: Math.round(this.#queue),
      safety: 1.2,
      replayedLateShare: 0.0043,
    };
    const policy = { name: 'plimsoll', plimsollVersion: '0.1.0' };
    const data = { release: this.#release, policy, before, desired, ordered: desired, reason, terms };
    const summary = `Release ${this.#release} is to have ${desired} replicas (before: ${before}): ${reason}`;
    const seq = this.#record({ kind: 'scaling.decided', summary, atMs, data, by: 'control-plane' });
    this.decisions = [...this.decisions.slice(-199), { seq, atMs, ...data }];
    this.#desired = desired;
    this.#lessSinceMs = null;
  }

  /** Starts end, replicas come and go. @param desired null where none is to come or go. */
  #move(atMs: number, desired: number | null): void {
    for (const replica of this.replicas) {
      const start = startOf(this.#order(replica));
      if (replica.state === 'starting' && atMs - replica.startedAtMs >= start.tookMs) this.#end(replica, start, atMs);
    }
    if (desired === null) return;
    const there = this.replicas.filter(({ state }) => state === 'ready' || state === 'starting');
    for (let missing = desired - there.length; missing > 0; missing -= 1) this.#start(atMs);
    for (const replica of there.slice(desired)) {
      this.replicas = this.replicas.filter((each) => each !== replica);
      this.#tell({ ...replica, state: 'stopped', reason: 'is not wanted any more' }, atMs);
    }
  }

  #order({ pid }: ReplicaView): number {
    return (pid ?? 0) - 4_000;
  }

  #start(atMs: number): void {
    this.#started += 1;
    const name = digestOf(`scaled ${this.#started}`).slice(7, 13);
    const set = `digits-default-${digestOf(`pair ${this.#release}`).slice(7, 19)}`;
    const replica: ReplicaView = {
      replicaId: `${set}-${name}`,
      set,
      pair: digestOf(`pair ${this.#release}`),
      release: this.#release,
      state: 'starting',
      reason: 'loads its model',
      endpoint: null,
      pid: 4_000 + this.#started,
      node: `gpu-${(this.#started % 3) + 1}`,
      restarts: 0,
      startedAtMs: atMs,
      readyAtMs: null,
      phases: [],
      admitted: false,
      admission: 'not ready yet',
      modelVersion: 2,
    };
    this.replicas = [...this.replicas, replica];
    this.#tell(replica, atMs);
  }

  #end(replica: ReplicaView, { tookMs, phases, fails }: MadeStart, atMs: number): void {
    const now: ReplicaView = fails
      ? { ...replica, state: 'failed', reason: 'exit status 137 after weights-fetch: out of memory', phases }
      : {
          ...replica,
          state: 'ready',
          reason: 'answers',
          phases,
          readyAtMs: replica.startedAtMs + tookMs,
          admitted: true,
          admission: `reproduced golden set ${digestOf('golden').slice(7, 19)}`,
        };
    this.replicas = this.replicas.flatMap((each) => (each !== replica ? [each] : fails ? [] : [now]));
    this.#tell(now, atMs);
    if (phases.some(({ durationMs }) => durationMs > 12_000) && !fails) this.#tellOutlier(now, tookMs, atMs);
  }

  #tellOutlier({ replicaId, release, node }: ReplicaView, totalMs: number, atMs: number): void {
    const reason = 'weights-fetch took longer than any of 42 measured starts';
    const summary = `The start of replica ${replicaId} of release ${release} leaves what was measured: ${reason}`;
    const data = { replicaId, release, node, totalMs, outcome: 'ready', departures: [] };
    this.#record({ kind: 'start.outlier', summary, atMs, data, by: 'control-plane' });
  }

  #tell(replica: ReplicaView, atMs: number): void {
    const { replicaId, pair, release, state, reason, pid, node, restarts, startedAtMs, readyAtMs, phases } = replica;
    const data = { replicaId, pair, release, state, reason, pid, node, restarts, startedAtMs, readyAtMs, phases };
    const summary = `Replica ${replicaId} of release ${release} is ${state}: ${reason}`;
    this.#record({ kind: `replica.${state}`, summary, atMs, data, by: 'control-plane' });
  }
}

/** A working day in a few minutes: a swell, with a crowd on top of it now and then. */
function arrivalsAt(sinceMs: number): number {
  const seconds = sinceMs / 1000;
  const swell = 30 + 22 * Math.sin(seconds / 67);
  const crowd = Math.max(0, Math.sin(seconds / 29) - 0.7) * 60;
  return Math.max(1, swell + crowd + 0.8 * Math.sin(seconds * 1.7));
}

function sampleOf(atMs: number, arrivals: number, worked: number, queue: number, ready: number): SignalSample {
  const busy = worked / Math.max(1, ready * carriesPerSecond);
  return {
    atMs,
    requestsPerSecond: arrivals,
    errorsPerSecond: queue > 55 ? 1 : 0,
    queueDepth: Math.round(queue),
    inFlight: Math.min(ready * 4, Math.round(worked / 12)),
    latencyP50Ms: 42 + 18 * busy,
    latencyP99Ms: 90 + 60 * busy + queue * 9,
    batchFillShare: Math.min(1, 0.1 + busy * 0.8),
  };
}

interface MadeStart {
  readonly tookMs: number;
  readonly phases: readonly MeasuredPhase[];
  readonly fails: boolean;
}

/** Starts of a larger model; every sixth one fails half way, every fourth is slow to fetch. */
function startOf(order: number): MadeStart {
  const fails = order % 6 === 5;
  const fetchMs = (order % 4 === 3 ? 13_600 : 6_900) + ((order * 617) % 1_300);
  const parts: readonly [MeasuredPhase['phases'], number][] = [
    [['schedule'], 640],
    [['image-pull'], order < 4 ? 4_200 : 350],
    [['process-start'], 910],
    [['weights-fetch'], fetchMs],
    [['weights-load', 'engine-init'], 4_800 + (order % 5) * 240],
    [['warm-up'], 1_150],
  ];
  let atMs = 0;
  const phases = parts.slice(0, fails ? 4 : parts.length).map(([names, durationMs]) => {
    const phase = { phases: names, startMs: atMs, durationMs };
    atMs += durationMs + 60;
    return phase;
  });
  return { tookMs: atMs, phases, fails };
}

/** What the contract of a service that scales asks for besides. */
export function scaledEvidence(
  evidence: readonly EvidenceState[],
  isHeld: boolean,
  nowMs: number,
): readonly EvidenceState[] {
  return evidence.map((state): EvidenceState => {
    if (state.kind === 'cold-start') {
      const reasons = ['p90 at most 21.3s, within the budget 22s (42 starts from process)'];
      return { ...state, verdict: 'pass', reasons, measuredAtMs: nowMs - 3 * 3_600_000 };
    }
    if (state.kind !== 'capacity') return state;
    const renew = 'plimsoll capacity';
    return isHeld
      ? { ...state, freshness: 'missing', reasons: ['never measured'], renew }
      : {
          ...state,
          freshness: 'fresh',
          verdict: 'pass',
          reasons: ['one replica carries 14.0 requests/s at p99 within 400ms'],
          renew,
          measuredAtMs: nowMs - 5 * 3_600_000,
        };
  });
}
