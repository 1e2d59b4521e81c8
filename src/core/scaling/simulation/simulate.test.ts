import { describe, expect, it } from 'vitest';
import { makeScripted, makeWorld, oneAtATime } from '../../../testing/rigs/scaling/simulated-worlds.ts';
import { seededRandom } from '../../statistics/random.ts';
import type { PolicyInput } from '../policy.ts';
import { makeStatic } from '../policies/static.ts';
import { simulate } from './simulate.ts';
import type { SimulatedWorld } from './world.ts';

const at = (atMs: number, workMs = 100): { atMs: number; workMs: number } => ({ atMs, workMs });
const none = { serving: 0, idle: 0, loading: 0, draining: 0, asleep: 0 };

function run(world: SimulatedWorld, script: readonly (readonly [number, number, number?])[], seed = 1) {
  const answers: number[][] = [];
  const inputs: PolicyInput[] = [];
  const result = simulate(world, makeScripted(script), seededRandom(seed), {
    onDecision: (input) => inputs.push(input),
    onAnswer: (...times) => answers.push(times),
  });
  return { ...result, answers, inputs };
}

describe('requests', () => {
  it('are served first come first served, one after the other on one slot', () => {
    const { answers } = run(makeWorld([at(0, 300), at(10, 100), at(20, 50)]), [[0, 1]]);
    expect(answers).toEqual([
      [0, 0, 300],
      [10, 300, 400],
      [20, 400, 450],
    ]);
  });
  it('share a replica at the speed that its curve has for so many', () => {
    const curve = { kind: 'slots', slots: 2, speeds: [1, 0.5], meanWorkMs: 100 } as const;
    // The first runs alone for 100 ms, at half speed for 200 ms beside the second, which then has 50 ms left alone.
    const { answers } = run(makeWorld([at(0, 200), at(100, 150)], { curve }), [[0, 1]]);
    expect(answers).toEqual([
      [0, 0, 300],
      [100, 100, 350],
    ]);
  });
  it('go to the replica with the fewest under way', () => {
    const curve = { kind: 'slots', slots: 4, speeds: [1, 0.5, 0.25, 0.25], meanWorkMs: 100 } as const;
    const world = makeWorld([at(0), at(0), at(0)], { curve, initialReplicas: 3 });
    expect(run(world, [[0, 3]]).answers.map(([, , ended]) => ended)).toEqual([100, 100, 100]);
  });
  it('wait for a batch that is free, and go together', () => {
    const curve = { kind: 'batch', batchMs: [100, 120, 150], maxDelayMs: 0 } as const;
    const { answers } = run(makeWorld([at(0, 1), at(10, 1), at(20, 3), at(30, 1), at(40, 1)], { curve }), [[0, 1]]);
    // The batch of three has a mean factor of 5/3 on its 150 ms.
    expect(answers.map(([, taken, ended]) => [taken, ended])).toEqual([
      [0, 100],
      [100, 350],
      [100, 350],
      [100, 350],
      [350, 450],
    ]);
  });
  it('hold a batch that is not full open for the longest delay, from its first on', () => {
    const curve = { kind: 'batch', batchMs: [100, 120, 140], maxDelayMs: 30 } as const;
    const { answers } = run(makeWorld([at(0, 1), at(20, 1), at(200, 1)], { curve }), [[0, 1]]);
    expect(answers.map(([, taken, ended]) => [taken, ended])).toEqual([
      [0, 150],
      [20, 150],
      [200, 330],
    ]);
  });
  it('are dropped when they have waited too long, and when too many wait', () => {
    const patient = run(makeWorld([at(0, 500), at(100), at(200)], { dropAfterMs: 350 }), [[0, 1]]);
    expect([patient.dropped, patient.answers.length]).toEqual([1, 2]);
    const full = run(makeWorld([at(0, 500), at(100), at(200)], { queueLimit: 1 }), [[0, 1]]);
    expect([full.dropped, full.answers.length]).toEqual([1, 2]);
  });
  it('are served at the very moment at which they would have been dropped', () => {
    expect(run(makeWorld([at(0, 500), at(100)], { dropAfterMs: 400 }), [[0, 1]]).dropped).toBe(0);
  });
  it('count as cold hits when no replica is ready, and wait for it', () => {
    const result = run(makeWorld([at(1_000), at(11_500)], { initialReplicas: 0 }), [[0, 1]]);
    expect(result.coldHits).toBe(1);
    expect(result.answers[0]).toEqual([1_000, 10_000, 10_100]);
    expect([result.late, result.attainmentShare]).toEqual([1, 0.5]);
  });
  it('that arrive before the scored time are served and not counted', () => {
    const result = run(makeWorld([at(0, 2_000), at(1_500, 600)], { scoreFromMs: 1_000 }), [[0, 1]]);
    expect([result.requests, result.late]).toEqual([1, 1]);
    expect(result.acceleratorSeconds.serving + result.acceleratorSeconds.idle).toBeCloseTo(59, 9);
  });
  it('that no replica ever takes are dropped when the overtime is over', () => {
    const result = run(makeWorld([at(0)], { initialReplicas: 0 }), [[0, 0]]);
    expect([result.requests, result.dropped, result.attainmentShare]).toEqual([1, 1, 0]);
  });
  it('must come in order', () => {
    expect(() => run(makeWorld([at(10), at(5)]), [[0, 1]])).toThrow('arrives at 5 ms, and the one before it at 10 ms');
    expect(() => run(makeWorld([at(10, Number.NaN)]), [[0, 1]])).toThrow('with a work of NaN ms');
  });
});

describe('replicas', () => {
  it('cost what they hold: loading, serving and idle', () => {
    const result = run(makeWorld([at(20_000, 3_000)]), [
      [0, 1],
      [5_000, 2],
    ]);
    expect(result.acceleratorSeconds).toEqual({ ...none, serving: 3, idle: 60 + 45 - 3, loading: 10 });
    expect([result.starts, result.failedStarts]).toEqual([1, 0]);
  });
  it('finish what they hold when they drain, and are cut short after the longest drain', () => {
    const script = [
      [0, 1],
      [1_000, 0],
    ] as const;
    const finishing = run(makeWorld([at(0, 4_000)]), script);
    expect([finishing.acceleratorSeconds, finishing.dropped]).toEqual([{ ...none, serving: 1, draining: 3 }, 0]);
    const cut = run(makeWorld([at(0, 4_000)], { drainAtMostMs: 2_000 }), script);
    expect([cut.acceleratorSeconds, cut.dropped]).toEqual([{ ...none, serving: 1, draining: 2 }, 1]);
  });
  it('that load leave before those that serve, the youngest first', () => {
    const { inputs, acceleratorSeconds } = run(makeWorld([]), [
      [0, 1],
      [1_000, 2],
      [2_000, 3],
      [3_000, 2],
      [4_000, 1],
    ]);
    const ids = (index: number): readonly string[] => inputs[index]?.replicas.map(({ replicaId }) => replicaId) ?? [];
    expect([ids(3), ids(4), ids(5)]).toEqual([['r1', 'r2', 'r3'], ['r1', 'r2'], ['r1']]);
    expect(acceleratorSeconds).toEqual({ ...none, idle: 60, loading: 3 + 1 });
  });
  it('with the fewest under way leave first among those that serve', () => {
    const { inputs } = run(makeWorld([at(0, 9_000), at(500, 9_000)], { initialReplicas: 3 }), [
      [0, 3],
      [1_000, 2],
    ]);
    expect(inputs[2]?.replicas.map(({ replicaId }) => replicaId)).toEqual(['r1', 'r2']);
  });
  it('that fail to start are ordered again after the backoff, while they are desired', () => {
    const starts = { timesMs: [10_000], shares: [0.000_001], failureShare: 0.999_999, starts: 0 };
    const still = run(makeWorld([], { starts, initialReplicas: 0 }), [[0, 1]]);
    // Each round loads for 10 s and waits 5 s without an accelerator.
    expect([still.starts, still.failedStarts, still.acceleratorSeconds.loading]).toEqual([4, 4, 40]);
    expect(still.inputs.find(({ nowMs }) => nowMs === 12_000)?.replicas).toEqual([]);
    const over = run(makeWorld([], { starts, initialReplicas: 0 }), [
      [0, 1],
      [12_000, 0],
    ]);
    expect([over.starts, over.failedStarts]).toEqual([1, 1]);
  });
  it('stay pending while no accelerator is to be had, and cost nothing then', () => {
    const stockOuts = [{ fromMs: 0, toMs: 20_000, replicasAtMost: 2 }];
    const result = run(makeWorld([], { stockOuts }), [[0, 4]]);
    expect(result.inputs[5]?.replicas.map(({ state }) => state)).toEqual(['ready', 'starting', 'pending', 'pending']);
    expect(result.acceleratorSeconds).toEqual({ ...none, idle: 60 + 50 + 30 + 30, loading: 30 });
  });
  it('take the accelerator of one that is stopped', () => {
    const stockOuts = [{ fromMs: 0, toMs: 60_000, replicasAtMost: 1 }];
    const result = run(makeWorld([at(0, 9_000)], { stockOuts }), [
      [0, 1],
      [1_000, 0],
      [2_000, 1],
    ]);
    expect(result.inputs[3]?.replicas.map(({ state }) => state)).toEqual(['draining', 'pending']);
    expect(result.acceleratorSeconds).toEqual({ ...none, serving: 1, draining: 8, loading: 10, idle: 41 });
  });
  it('are kept between the bounds of the terms', () => {
    const { terms } = makeWorld([]);
    const world = makeWorld([], { terms: { ...terms, minReplicas: 2, maxReplicas: 3, toZero: false } });
    const result = run(world, [
      [0, 0],
      [30_000, 9],
    ]);
    expect(result.timeline.decisions.map(({ desired }) => desired)).toEqual([2, 3]);
  });
  it('are a whole number', () => {
    expect(() => run(makeWorld([]), [[0, 1.5]])).toThrow('policy scripted wants 1.5 replicas at 0 ms');
  });
  it('of a static policy cost exactly their number times the scored time', () => {
    const world = makeWorld([at(0), at(59_000, 9_000)], { initialReplicas: 7, scoreFromMs: 10_000 });
    const { acceleratorSeconds } = simulate(world, makeStatic(7), seededRandom(1));
    expect(acceleratorSeconds).toEqual({ ...none, serving: 1, idle: 7 * 50 - 1 });
  });
});

describe('signals', () => {
  const load = makeWorld([at(0, 2_500), at(400, 100), at(700, 100)], { metricLagMs: 1_500 });
  it('are unknown until the first are old enough, and then as old as the lag', () => {
    const { inputs } = run(load, [[0, 1]]);
    expect(inputs.slice(0, 5).map(({ signals }) => [signals.queueDepth, signals.atMs])).toEqual([
      [null, 0],
      [null, 0],
      [0, 0],
      [2, 1_000],
      [2, 2_000],
    ]);
  });
  it('tell the queue, its age, what is under way, and what came and went since the sample before', () => {
    const { inputs } = run(load, [[0, 1]]);
    const seen = (nowMs: number) => inputs.find((input) => input.nowMs === nowMs)?.signals;
    expect(seen(3_000)).toMatchObject({
      atMs: 1_000,
      queueDepth: 2,
      oldestWaitMs: 600,
      inFlight: 1,
      arrivalsPerSecond: 2,
      completionsPerSecond: 0,
      serviceMs: null,
      acceleratorMemoryShare: 1,
      replicas: [{ replicaId: 'r1', queueDepth: 0, inFlight: 1, acceleratorMemoryShare: 1 }],
    });
    expect(seen(5_000)).toMatchObject({ atMs: 3_000, completionsPerSecond: 3, serviceMs: 900, queueDepth: 0 });
  });
  it('tell the mean fill of the batches that began', () => {
    const curve = { kind: 'batch', batchMs: [100, 100, 100, 100], maxDelayMs: 0 } as const;
    const { inputs } = run(makeWorld([at(1, 1), at(10, 1), at(20, 1), at(30, 1)], { curve }), [[0, 1]]);
    expect(inputs[1]?.signals.batchFillShare).toBe((0.25 + 0.75) / 2);
    expect(inputs[2]?.signals).toMatchObject({ batchFillShare: null, acceleratorMemoryShare: null });
  });
});

describe('the score', () => {
  it('counts changes of direction an hour', () => {
    const script = [0, 1, 2, 3, 4, 5].map((minute) => [minute * 10_000, 1 + (minute % 2)] as const);
    // Up, down, up, down, up: four of the five changes turn around, in one minute.
    expect(run(makeWorld([]), script).reversalsPerHour).toBeCloseTo(4 * 60, 9);
  });
  it('finds the worst five minutes of those with at least twenty requests', () => {
    const arrivals = Array.from({ length: 600 }, (_, index) => at(index * 1_000, 10));
    // Minute seven has a request that holds the replica for half of it.
    const slow = arrivals.map((arrival) => (arrival.atMs === 420_000 ? at(420_000, 30_000) : arrival));
    const result = run(makeWorld(slow, { endMs: 600_000 }), [[0, 1]]);
    const late = result.answers.filter(([arrived = 0, , ended = 0]) => ended - arrived > 1_000);
    expect(result.worstFiveMinutesShare).toBeCloseTo(1 - late.length / 300, 12);
    expect(late.length).toBeGreaterThan(20);
    expect(run(makeWorld(slow.slice(0, 19), { endMs: 600_000 }), [[0, 1]]).worstFiveMinutesShare).toBeNull();
  });
  it('knows latencies to one percent', () => {
    const arrivals = Array.from({ length: 100 }, (_, index) => at(index * 500, index + 1));
    const { latencyP50Ms, latencyP99Ms } = run(makeWorld(arrivals), [[0, 1]]);
    expect(Math.abs(latencyP50Ms / 50 - 1)).toBeLessThan(0.01);
    expect(Math.abs(latencyP99Ms / 99 - 1)).toBeLessThan(0.01);
  });
});

describe('the timeline', () => {
  it('keeps a bounded number of points, whose sums are those of all', () => {
    const arrivals = Array.from({ length: 5_000 }, (_, index) => at(index * 12, 1));
    const result = simulate(makeWorld(arrivals), makeStatic(1), seededRandom(1), { recordEveryMs: 10 });
    const { points } = result.timeline;
    expect(points.length).toBeGreaterThan(1_000);
    expect(points.length).toBeLessThanOrEqual(2_000);
    const seen = points.map((point, index) => {
      return (point.arrivalsPerSecond * (point.atMs - (points[index - 1]?.atMs ?? 0))) / 1_000;
    });
    // The one at the moment 0 is in no interval.
    expect(seen.reduce((sum, count) => sum + count, 0)).toBeCloseTo(4_999, 6);
    expect(points.at(-1)?.atMs).toBe(60_000);
  });
  it('keeps the decisions that change the count, with their reasons', () => {
    const { timeline } = run(makeWorld([], { curve: oneAtATime }), [
      [0, 1],
      [3_000, 2],
    ]);
    expect(timeline.decisions).toEqual([
      { atMs: 0, desired: 1, reason: 'as written for 0 ms' },
      { atMs: 3_000, desired: 2, reason: 'as written for 3000 ms' },
    ]);
  });
});

describe('replicas that may sleep', () => {
  const { terms } = makeWorld([]);
  const sleep = { replicas: 2, wakeMs: 2_000, priceShare: 0.25 };
  const sleepy = (changes: Partial<SimulatedWorld> = {}) =>
    makeWorld([], { terms: { ...terms, sleep }, initialReplicas: 3, ...changes });

  it('sleep when they are given up, at their price, and are woken before anything is started', () => {
    const result = run(sleepy(), [
      [0, 3],
      [10_000, 1, 2],
      [30_000, 4, 0],
    ]);
    // Two sleep for 20 s and wake for 2 s; the fourth starts for 10 s.
    expect(result.acceleratorSeconds).toEqual({
      ...none,
      idle: 3 * 10 + 20 + 30 + 2 * 28 + 20,
      loading: 2 * 2 + 10,
      asleep: 2 * 20 * 0.25,
    });
    expect([result.wakes, result.starts]).toEqual([2, 1]);
    const asleep = result.timeline.points.filter((point) => point.asleep > 0);
    expect([asleep.at(0)?.atMs, asleep.at(-1)?.atMs, asleep.at(0)?.asleep]).toEqual([10_020, 30_000, 2]);
    const woken = result.inputs[31]?.replicas.map(({ state, awakeAtMs }) => [state, awakeAtMs]);
    expect(woken).toEqual([
      ['ready', undefined],
      ['starting', 32_000],
      ['starting', 32_000],
      ['starting', undefined],
    ]);
    expect([9, 11, 29, 31].map((second) => result.inputs[second]?.asleep)).toEqual([0, 2, 2, 0]);
  });

  it('sleep no more than may, and are stopped when fewer are to', () => {
    const result = run(sleepy({ initialReplicas: 5 }), [
      [0, 5],
      [10_000, 1, 4],
      [20_000, 1, 1],
      [30_000, 1, 0],
    ]);
    expect(result.acceleratorSeconds).toEqual({ ...none, idle: 5 * 10 + 50, asleep: (2 * 10 + 10) * 0.25 });
  });

  it('finish what they hold before they sleep, and go back to sleep from waking', () => {
    const result = run(sleepy({ initialReplicas: 1, arrivals: () => [at(0, 5_000)].values() }), [
      [0, 1],
      [1_000, 0, 1],
      [10_000, 1, 0],
      [11_000, 0, 1],
    ]);
    expect(result.acceleratorSeconds).toEqual({
      ...none,
      serving: 1,
      draining: 4,
      loading: 1,
      asleep: (5 + 49) * 0.25,
    });
    expect(result.dropped).toBe(0);
  });

  it('keep their accelerator, so that waking waits for none', () => {
    const stockOuts = [{ fromMs: 0, toMs: 60_000, replicasAtMost: 3 }];
    const result = run(sleepy({ stockOuts }), [
      [0, 3],
      [10_000, 1, 2],
      [20_000, 4, 0],
    ]);
    expect(result.inputs[25]?.replicas.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready', 'pending']);
  });

  it('are stopped where the terms let nobody sleep', () => {
    const result = run(makeWorld([], { initialReplicas: 2 }), [
      [0, 2],
      [10_000, 1, 1],
    ]);
    expect(result.acceleratorSeconds).toEqual({ ...none, idle: 20 + 50 });
    expect(result.inputs[20]).not.toHaveProperty('asleep');
  });
});
