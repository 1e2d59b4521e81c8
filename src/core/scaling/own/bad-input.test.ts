import { describe, expect, it } from 'vitest';
import { makePolicyInput, makeReplicas } from '../../../testing/builders/scaling/scaling-builders.ts';
import type { PolicyInput, ScalingDecision } from '../policy.ts';
import type { ReplicaSignals, ScalingSignals } from '../signals.ts';
import { plimsollPolicy } from './plimsoll.ts';
import type { PlimsollState } from './rest-own.ts';

/** Slots of 200 ms, 4 on a replica: 20/s of each by the curve. */
const curve = { kind: 'slots', slots: 4, speeds: [1, 1, 1, 1], meanWorkMs: 200 } as const;
const capacity = { curve, ratePerSecond: 18, concurrency: 3.6, serviceMs: 200 };

interface Watched {
  readonly decisions: readonly ScalingDecision[];
  readonly state: PlimsollState;
}

/** What is seen at one moment, with so many ready replicas. */
type Seen = (ready: number, at: number) => Partial<ScalingSignals>;

/** Decides each two seconds; what was desired is ready at the next decision. */
function watch(
  count: number,
  seen: Seen,
  {
    from,
    changes = {},
    atMs = (at) => 2_000 * (at + 1),
  }: {
    readonly from?: Watched;
    readonly changes?: Partial<PolicyInput>;
    readonly atMs?: (at: number) => number;
  } = {},
): Watched {
  let state = from?.state ?? plimsollPolicy.begin(0);
  let ready = from?.decisions.at(-1)?.desired ?? 6;
  const begun = from?.decisions.length ?? 0;
  const decisions = [...(from?.decisions ?? [])];
  for (let at = begun; at < begun + count; at += 1) {
    const nowMs = atMs(at);
    const base = makePolicyInput({ signals: { atMs: nowMs, ...seen(ready, at) }, replicas: makeReplicas(ready) });
    const starts = { timesMs: [10_000], shares: [1], failureShare: 0, starts: 30 };
    const terms = { ...base.terms, minReplicas: 1, maxReplicas: 40, latencyMs: 2_000 };
    const decided = plimsollPolicy.decide({ ...base, nowMs, starts, capacity, terms, ...changes }, state);
    state = JSON.parse(JSON.stringify(decided.state)) as PlimsollState;
    ready = decided.decision.desired;
    decisions.push(decided.decision);
  }
  return { decisions, state };
}

/** 80/s of 200 ms: 16 under way, which four replicas carry with nothing to spare. */
const right: Seen = () => ({
  arrivalsPerSecond: 80,
  completionsPerSecond: 80,
  serviceMs: 200,
  inFlight: 16,
  queueDepth: 0,
  oldestWaitMs: 0,
});
const last = ({ decisions }: Watched): ScalingDecision => decisions.at(-1) as ScalingDecision;
const known = watch(400, right);
const safe = last(known).desired;

describe('bad input', () => {
  it('is told from right input, with which four replicas are not enough and eight are too many', () => {
    expect(safe).toBeGreaterThanOrEqual(4);
    expect(safe).toBeLessThanOrEqual(8);
    expect(last(known).terms['capacityRatio']).toBe(1);
  });

  it('of arrivals without sizes: requests are counted by their number, as if no work was ever told', () => {
    const without = watch(400, (ready, at) => ({ ...right(ready, at), work: null }));
    expect(without).toEqual(known);
    // Answers tell their work and arrivals do not, and then nothing does.
    const half = watch(400, (ready, at) => ({
      ...right(ready, at),
      work: at < 300 ? { unit: 'rows', arrivedPerSecond: null, completedPerSecond: 800 } : null,
    }));
    expect(half.decisions.map(({ desired }) => desired)).toEqual(known.decisions.map(({ desired }) => desired));
    expect(last(half)).not.toHaveProperty('learned.work');
  });

  it('of service times that fall as load rises: the present rate is used, and no more is ordered for the calm', () => {
    // Alone a request takes 400 ms, and 200 ms once replicas are busy.
    const falling: Seen = (_, at) => {
      const busy = at % 60 < 40;
      const rate = busy ? 80 : 8;
      const serviceMs = busy ? 200 : 400;
      const inFlight = (rate * serviceMs) / 1_000;
      return { ...right(1, at), arrivalsPerSecond: rate, completionsPerSecond: rate, serviceMs, inFlight };
    };
    const { decisions } = watch(800, falling);
    const ratios = decisions.slice(400).map(({ terms }) => terms['capacityRatio'] ?? 0);
    expect(Math.min(...ratios)).toBeGreaterThan(0.75);
    expect(Math.max(...ratios)).toBeLessThanOrEqual(1.1);
    expect(Math.min(...decisions.slice(400).map(({ desired }) => desired))).toBeGreaterThanOrEqual(4);
  });

  it('of a replica that answers errors fast: errors are no answers, and the number of replicas stays', () => {
    // A quarter of the requests get an error at once: answers fall, and nothing is under way for the others.
    const some = watch(300, () => ({ ...right(1, 0), completionsPerSecond: 60, inFlight: 12 }), { from: known });
    expect(last(some).desired).toBeGreaterThanOrEqual(safe);
    expect(last(some).terms['capacityRatio']).toBeLessThanOrEqual(1);
    // All of them.
    const all = watch(300, () => ({ ...right(1, 0), completionsPerSecond: 0, serviceMs: null, inFlight: 0 }), {
      from: known,
    });
    expect(last(all).desired).toBeGreaterThanOrEqual(safe);
    expect(last(all).terms['capacityRatio']).toBe(1);
  });

  it('of one slow replica among ten: the mean is used, and once requests are late for it feedback keeps all that there is', () => {
    const replica = (at: number, share: number): ReplicaSignals => ({
      replicaId: `r-${at}`,
      queueDepth: 0,
      inFlight: share,
      acceleratorMemoryShare: null,
    });
    // Nine take 200 ms; the tenth takes four times as long for a tenth of the requests.
    const slow: Seen = (ready) => ({
      ...right(1, 0),
      arrivalsPerSecond: 160,
      completionsPerSecond: 160,
      serviceMs: 260,
      inFlight: 41.6,
      replicas: Array.from({ length: ready }, (_, at) => replica(at, at === 0 ? 4 : 37.6 / (ready - 1))),
    });
    const mean = watch(400, slow);
    expect(last(mean).terms['capacityRatio']).toBeGreaterThan(0.65);
    expect(last(mean).terms['capacityRatio']).toBeLessThan(0.85);
    expect(last(mean).desired).toBeGreaterThanOrEqual(11);
    const late = watch(400, (ready, at) => ({ ...slow(ready, at), queueDepth: 20, oldestWaitMs: 9_000 }), {
      from: mean,
    });
    expect(last(late).desired).toBeGreaterThanOrEqual(last(mean).desired);
    expect(last(late).learned?.trusted).toBe(false);
  });

  it('of engines with queues of their own: what waits there lengthens times, and the rate of a replica stays right', () => {
    // Half the told speed: full slots answer 10/s each, and as many requests wait inside of the engine as are under way.
    const queued: Seen = (ready) => ({
      ...right(1, 0),
      arrivalsPerSecond: 10 * ready,
      completionsPerSecond: 10 * ready,
      serviceMs: 800,
      inFlight: 4 * ready,
      queueDepth: 4 * ready,
      oldestWaitMs: null,
      replicas: Array.from({ length: ready }, (_, at) => ({
        replicaId: `r-${at}`,
        queueDepth: 4,
        inFlight: 4,
        acceleratorMemoryShare: null,
      })),
    });
    const { decisions } = watch(120, queued);
    expect(decisions.at(-1)?.terms['capacityRatio']).toBeGreaterThan(0.42);
    expect(decisions.at(-1)?.terms['capacityRatio']).toBeLessThan(0.55);
    expect(last({ decisions, state: known.state }).desired).toBeGreaterThan(6);
  });

  it('of a clock that steps: the time in between teaches nothing, and the last safe number of replicas stays', () => {
    for (const stepMs of [3_600_000, -3_600_000, 31_000, -31_000]) {
      const stepped = watch(100, right, {
        from: known,
        atMs: (at) => 10_000_000 + 2_000 * at + (at >= 450 ? stepMs : 0),
      });
      const desired = stepped.decisions.slice(400).map((decision) => decision.desired);
      expect(Math.min(...desired)).toBeGreaterThanOrEqual(safe);
      expect(Math.max(...desired)).toBeLessThanOrEqual(safe + 2);
      expect(last(stepped).terms['capacityRatio']).toBe(1);
    }
  });

  it('of a clock that steps while requests are late: nobody knows how many were late in between', () => {
    const late: Seen = (ready, at) => ({ ...right(ready, at), queueDepth: 100, oldestWaitMs: 9_000 });
    const lateOf = (elapsedMs: number): number =>
      watch(1, late, { from: known, atMs: (at) => 2_000 * at + elapsedMs }).state.seen.late - known.state.seen.late;
    expect(lateOf(2_000)).toBeCloseTo(160, -1);
    for (const stepMs of [31_000, 3_600_000, -31_000, -3_600_000]) expect(lateOf(stepMs)).toBeLessThanOrEqual(0);
  });

  it('of a clock that goes back: what comes after it is counted at once, and replicas are given up again', () => {
    const calm: Seen = (ready, at) => ({
      ...right(ready, at),
      arrivalsPerSecond: 8,
      completionsPerSecond: 8,
      inFlight: 1.6,
    });
    const back = { from: known, atMs: (at: number) => 2_000 * at - 700_000 };
    const { decisions, state } = watch(300, calm, back);
    expect(Math.min(...decisions.slice(400).map(({ desired }) => desired))).toBeLessThan(safe);
    expect(state.history.level).toBeCloseTo(8, 0);
    const more: Seen = (ready, at) => ({
      ...right(ready, at),
      arrivalsPerSecond: 160,
      completionsPerSecond: 160,
      inFlight: 32,
    });
    expect(last(watch(60, more, back)).desired).toBeGreaterThanOrEqual(8);
    // A reading that is only a little older than the one before is late, and adds nothing.
    const late = watch(1, more, { from: known, atMs: (at) => 2_000 * at - 10_000 });
    expect(late.state.history).toEqual(known.state.history);
  });

  it('of readings that are no counts: they are unknown, and leave nothing behind', () => {
    const fields = ['arrivalsPerSecond', 'completionsPerSecond', 'serviceMs', 'inFlight', 'queueDepth', 'oldestWaitMs'];
    for (const field of fields) {
      for (const value of [Number.NaN, Infinity, -Infinity, -5]) {
        const bad = watch(5, (ready, at) => ({ ...right(ready, at), [field]: value }), { from: known });
        const unknown = watch(5, (ready, at) => ({ ...right(ready, at), [field]: null }), { from: known });
        expect(bad, `${field} ${value}`).toEqual(unknown);
        const after = watch(60, right, { from: bad });
        expect(last(after).desired, `${field} ${value}`).toBeGreaterThanOrEqual(safe);
        expect(after.state.history.level).toBeCloseTo(80, 0);
      }
    }
    const garbled = { replicaId: 'r-0', queueDepth: Number.NaN, inFlight: 4, acceleratorMemoryShare: null };
    const work = { unit: 'rows', arrivedPerSecond: Number.NaN, completedPerSecond: 80 } as const;
    const parts = watch(5, (ready, at) => ({ ...right(ready, at), replicas: [garbled], work }), { from: known });
    expect(parts.decisions).toEqual(watch(5, right, { from: known }).decisions);
  });

  it('of a capacity of zero, or of one that is no number: the last safe number of replicas stays', () => {
    const none = [
      { ...capacity, ratePerSecond: 0 },
      { ...capacity, curve: { ...curve, meanWorkMs: 0 } },
      { ...capacity, curve: { ...curve, meanWorkMs: Infinity } },
      { ...capacity, curve: { ...curve, meanWorkMs: Number.NaN } },
    ];
    for (const zero of none) {
      const without = watch(50, right, { from: known, changes: { capacity: zero } });
      expect(without.decisions.slice(400).map(({ desired }) => desired)).toEqual(Array<number>(50).fill(safe));
      expect(last(without).reason).toContain('the last number stands');
      // And goes on from it once it is known again.
      expect(last(watch(50, right, { from: without })).desired).toBeGreaterThanOrEqual(safe);
    }
  });
});
