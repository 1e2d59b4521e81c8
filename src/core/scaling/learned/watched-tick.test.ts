import { describe, expect, it } from 'vitest';
import { makePolicyInput, makeReplicas } from '../../../testing/builders/scaling/scaling-builders.ts';
import type { PolicyInput } from '../policy.ts';
import { watchTick } from './watched-tick.ts';

/** Ten slots of 1 s on each of two replicas, 12 under way. */
const signals = { completionsPerSecond: 8, inFlight: 12, serviceMs: 1_500 };
const at = (part: Partial<PolicyInput['signals']>, replicas = makeReplicas(2)): PolicyInput =>
  makePolicyInput({ atSeconds: 100, signals: { ...signals, ...part }, replicas });
const watch = (input: PolicyInput, beforeMs: number | null = 98_000) => watchTick(input, beforeMs, 40_000);

describe('a tick that is learned from', () => {
  it('holds answers, their time, what was under way, and what the curve foretells', () => {
    expect(watch(at({}))).toEqual({
      elapsedMs: 2_000,
      answers: 16,
      busyMs: 24_000,
      heldAtMostMs: 24_000,
      heldMs: 24_000,
      toldAnswers: 24,
      occupiedShare: 0.6,
      fullness: { occupiedMs: expect.closeTo(24_000 * 0.6, 6), arrivals: null, fullAnswers: 40, fullMs: 1_000 },
    });
  });

  it('holds how full the replica of a mean request is, and what arrived', () => {
    const told = [10, 2].map((inFlight, index) => ({
      replicaId: `r-${index}`,
      ...{ queueDepth: 0, inFlight, acceleratorMemoryShare: null },
    }));
    const { fullness } = watch(at({ arrivalsPerSecond: 7, replicas: told })) ?? {};
    // Of 12 requests 10 are on a full replica and 2 on one that is a fifth full.
    expect(fullness?.occupiedMs).toBeCloseTo(2_000 * (10 * 1 + 2 * 0.2), 6);
    expect(fullness?.arrivals).toBe(14);
    // What waits inside an engine makes its replica full, and no fuller.
    const queued = told.map((replica) => ({ ...replica, queueDepth: 20 }));
    expect(watch(at({ arrivalsPerSecond: 7, replicas: queued, queueDepth: 40 }))?.fullness.occupiedMs).toBe(52 * 2_000);
  });

  it('takes each replica for itself where all of them tell: one that is full answers no more', () => {
    const told = (counts: readonly number[]) =>
      counts.map((inFlight, at) => ({ replicaId: `r-${at}`, queueDepth: 0, inFlight, acceleratorMemoryShare: null }));
    // 20 on one replica are its 10 slots and a queue inside it; the other has 2.
    expect(watch(at({ inFlight: 22, replicas: told([20, 2]) }))?.toldAnswers).toBe(24);
    // What does not add up is of another moment.
    expect(watch(at({ inFlight: 12, replicas: told([20, 2]) }))?.toldAnswers).toBe(24);
    expect(watch(at({ inFlight: 22, replicas: told([20]) }))?.toldAnswers).toBe(40);
  });

  it('counts what waits in the queue of an engine as under way, because its time there is part of the times', () => {
    const told = [10, 10].map((inFlight, index) => ({
      replicaId: `r-${index}`,
      ...{ queueDepth: 20, inFlight, acceleratorMemoryShare: null },
    }));
    expect(watch(at({ inFlight: 20, queueDepth: 40, replicas: told }))).toMatchObject({
      heldMs: 60 * 2_000,
      toldAnswers: 40,
      occupiedShare: 1,
    });
  });

  it('says nothing where a count is unknown, nothing is under way, or no fitting time passed', () => {
    expect(watch(at({ completionsPerSecond: null }))).toBeNull();
    expect(watch(at({ inFlight: null }))).toBeNull();
    expect(watch(at({ completionsPerSecond: 0, inFlight: 0 }))).toBeNull();
    expect(watch(at({}), null)).toBeNull();
    // A clock that stepped back, and one that stepped an hour ahead.
    expect(watch(at({}), 101_000)).toBeNull();
    expect(watch(at({}), -3_500_000)).toBeNull();
    expect(watch(at({ serviceMs: null }))?.busyMs).toBeNull();
  });

  it('leaves out the time in which more than a fifth of the replicas are cold', () => {
    const ready = (count: number, cold: number) =>
      makeReplicas(count).map((replica, index) => ({ ...replica, readyAtMs: index < cold ? 95_000 : 1 }));
    expect(watch(at({}, ready(5, 1)))).not.toBeNull();
    expect(watch(at({ arrivalsPerSecond: 7 }, ready(5, 1)))?.fullness.arrivals).toBeNull();
    expect(watch(at({}, ready(4, 1)))).toBeNull();
    expect(watch(at({}, []))).toBeNull();
  });

  it('takes replicas that are ready only after now for warm: the clock went back', () => {
    const later = makeReplicas(2).map((replica) => ({ ...replica, readyAtMs: 3_600_000 }));
    expect(watch(at({}, later))).toEqual(watch(at({})));
    const fresh = makeReplicas(2).map((replica) => ({ ...replica, readyAtMs: 99_000 }));
    expect(watch(at({}, fresh))).toBeNull();
  });
});
