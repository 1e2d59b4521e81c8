import { describe, expect, it } from 'vitest';
import { makePolicyInput, makeReplicas } from '../../../testing/builders/scaling/scaling-builders.ts';
import type { PolicyInput } from '../policy.ts';
import { unknownSignals, type ScalingSignals } from '../signals.ts';
import { plimsollPolicy } from './plimsoll.ts';
import type { PlimsollState } from './rest-own.ts';

const secondMs = 1_000;
const starts = { timesMs: [10_000], shares: [1], failureShare: 0, starts: 30 };
const curve = { kind: 'slots', slots: 4, speeds: [1, 1, 1, 1], meanWorkMs: 200 } as const;
const capacity = { curve, ratePerSecond: 14, concurrency: 2.8, serviceMs: 200 };

interface Moment {
  readonly rate: number | null;
  readonly queue?: number | null;
  readonly inFlight?: number | null;
}

/** Decides each two seconds; replicas are always those that were desired, ready, and so many sleep as were to. */
function decideOver(moments: readonly Moment[], terms: Partial<PolicyInput['terms']> = {}) {
  let state: PlimsollState = plimsollPolicy.begin(0);
  let [desired, asleep] = [1, 0];
  return moments.map(({ rate, queue = rate === null ? null : 0, inFlight = rate === null ? null : 1 }, index) => {
    const nowMs = (index + 1) * 2 * secondMs;
    const signals: ScalingSignals = {
      ...unknownSignals(nowMs),
      arrivalsPerSecond: rate,
      queueDepth: queue,
      oldestWaitMs: queue === null ? null : 0,
      inFlight,
    };
    const base = makePolicyInput({ signals, replicas: makeReplicas(desired) });
    const input = {
      ...base,
      asleep,
      starts,
      capacity,
      nowMs,
      terms: { ...base.terms, minReplicas: 1, maxReplicas: 50, latencyMs: 1_000, ...terms },
    };
    const decided = plimsollPolicy.decide(input, state);
    state = JSON.parse(JSON.stringify(decided.state)) as PlimsollState;
    desired = decided.decision.desired;
    asleep = decided.decision.asleep ?? 0;
    return decided.decision;
  });
}

const steady = (rate: number, seconds: number): Moment[] => new Array<Moment>(seconds / 2).fill({ rate });

describe('the policy of Plimsoll', () => {
  it('sizes for the load, and says by what', () => {
    const last = decideOver(steady(80, 1_200)).at(-1);
    // 80 requests/s of 200 ms are 16 slots, 4 replicas.
    expect(last?.desired).toBeGreaterThanOrEqual(4);
    expect(last?.desired).toBeLessThanOrEqual(6);
    expect(last?.reason).toMatch(/80\.0 requests\/s expected in \d+ s/);
  });

  it('follows a rate whole that it never saw, after however calm an hour', () => {
    const after = decideOver([...steady(12, 3_600), ...steady(96, 8)]).at(-1);
    expect(after?.desired).toBeGreaterThanOrEqual(5);
  });

  it('orders for a surge what its queue needs, whatever loads already', () => {
    const decisions = decideOver([...steady(12, 3_600), { rate: 60, queue: 30 }, { rate: 96, queue: 180 }]);
    const ready = decisions.at(-2)?.desired ?? 0;
    // 96/s are 5 replicas of 20/s; 180 waiting want more than what is on its way can drain.
    expect(ready).toBeLessThan(decisions.at(-1)?.desired ?? 0);
    expect(decisions.at(-1)?.desired).toBeGreaterThanOrEqual(6);
  });

  it('keeps its settings while their replays go round', () => {
    const used = decideOver([...steady(20, 1_200), ...steady(60, 300), ...steady(20, 1_500)]).map(({ terms }) =>
      JSON.stringify([terms['safety'], terms['follow'], terms['floorShare'], terms['holdStarts']]),
    );
    const changes = used.filter((settings, at) => at > 0 && settings !== used[at - 1]).length;
    // 3,000 s are thirteen rounds; a surge may add one each way.
    expect(changes).toBeLessThanOrEqual(15);
  });

  it('keeps the last number while nothing is known', () => {
    const known = decideOver([...steady(80, 60), { rate: null }, { rate: null }]);
    expect(known.at(-1)?.desired).toBe(known.at(-3)?.desired);
    expect(known.at(-1)?.reason).toContain('neither arrivals nor a queue are known');
  });

  it('stops the last replica only where that is allowed, and only after a quiet start time', () => {
    const zero = { minReplicas: 0, toZero: true };
    const quiet: Moment[] = new Array<Moment>(10).fill({ rate: 0, inFlight: 0 });
    const stopped = decideOver([...steady(10, 60), ...quiet], zero).map(({ desired }) => desired);
    expect(stopped.slice(0, 34).every((desired) => desired >= 1)).toBe(true);
    expect(stopped.at(-1)).toBe(0);
    expect(decideOver([...steady(10, 60), ...quiet]).at(-1)?.desired).toBeGreaterThanOrEqual(1);
    const busy: Moment[] = new Array<Moment>(10).fill({ rate: 0, inFlight: 1 });
    expect(decideOver([...steady(10, 60), ...busy], zero).at(-1)?.desired).toBeGreaterThanOrEqual(1);
    const unknown: Moment[] = new Array<Moment>(10).fill({ rate: 0, inFlight: null });
    expect(decideOver([...steady(10, 60), ...unknown], zero).at(-1)?.desired).toBeGreaterThanOrEqual(1);
  });

  it('adds the warm pool, and never goes beyond the maximum', () => {
    const without = decideOver(steady(80, 600)).at(-1)?.desired ?? 0;
    expect(decideOver(steady(80, 600), { warmPool: 2 }).at(-1)?.desired).toBe(without + 2);
    expect(decideOver(steady(80, 600), { warmPool: 2, maxReplicas: 3 }).at(-1)?.desired).toBe(3);
  });

  it('lets of its floor sleep what the demand does not want, and no more than may', () => {
    const sleep = { replicas: 2, wakeMs: 1_000, priceShare: 0.1 };
    const waves = [1, 2, 3, 4].flatMap(() => [...steady(160, 120), ...steady(10, 480)]);
    const decisions = decideOver(waves, { sleep });
    const calm = decisions.at(-1);
    expect(calm).toMatchObject({ asleep: 2, reason: expect.stringContaining('2 of the floor asleep') });
    expect(decisions.every(({ asleep = 0 }) => asleep <= 2)).toBe(true);
    const awake = decideOver(waves).at(-1);
    expect(awake).not.toHaveProperty('asleep');
    expect(calm?.desired).toBeLessThan(awake?.desired ?? 0);
  });

  it('decides the same from the same, through JSON', () => {
    const moments = [...steady(20, 400), ...steady(60, 100)];
    expect(decideOver(moments)).toEqual(decideOver(moments));
  });
});
