import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePolicyInput, makeReplicas } from '../../../testing/builders/scaling/scaling-builders.ts';
import { makeWorld } from '../../../testing/rigs/scaling/simulated-worlds.ts';
import { statedCapacity } from '../../capacity/read-stated-curve.ts';
import { fixedStarts, lognormalStarts } from '../../coldstart/stated-starts.ts';
import { seededRandom } from '../../statistics/random.ts';
import { makeStatic } from '../policies/static.ts';
import type { Policy, ScalingDecision } from '../policy.ts';
import { simulate } from '../simulation/simulate.ts';
import { withToldFactor } from '../simulation/told-evidence.ts';
import { demandOf } from './demand-history.ts';
import { doubtedTurn } from './doubted-turn.ts';
import { asSeen } from './next-burst/next-burst.ts';
import { plimsollPolicy } from './plimsoll.ts';
import type { PlimsollState } from './rest-own.ts';
import { groundOf, turnOf } from './turn.ts';

const capacity = statedCapacity({ kind: 'slots', slots: 2, speeds: [1, 1], meanWorkMs: 1_000 });
/** 12 requests/s of 1 s for so many seconds, the objective 5 s. */
const worldOf = (seconds: number) => {
  const arrivals = Array.from({ length: 12 * seconds }, (_, at) => ({
    atMs: Math.round((at * 1_000) / 12),
    workMs: 1_000,
  }));
  const { terms, ...world } = makeWorld(arrivals, {
    capacity,
    starts: lognormalStarts(15_000, 20_000),
    endMs: seconds * 1_000,
  });
  return { ...world, terms: { ...terms, latencyMs: 5_000, maxReplicas: 40 } };
};

/** As where neither answers nor what is under way are counted: nothing can be learned. */
const blind = (told: (decision: ScalingDecision, state: PlimsollState) => void): Policy<PlimsollState> => ({
  name: plimsollPolicy.name,
  periodMs: plimsollPolicy.periodMs,
  begin: (nowMs) => plimsollPolicy.begin(nowMs),
  decide(input, state) {
    const signals = { ...input.signals, completionsPerSecond: null, serviceMs: null, inFlight: null };
    const made = plimsollPolicy.decide({ ...input, signals }, state);
    told(made.decision, made.state);
    return made;
  },
});

describe('a turn that doubts', () => {
  it(
    'serves by feedback where a capacity is told three times too large and nothing can be learned',
    { timeout: 120_000 },
    () => {
      const world = withToldFactor({ ...worldOf(3_600), scoreFromMs: 1_800_000 }, 'capacity', 3);
      let distrusted = 0;
      const result = simulate(
        world,
        blind((decision) => (distrusted += decision.learned?.trusted === false ? 1 : 0)),
        seededRandom(1),
      );
      expect(distrusted).toBeGreaterThan(0);
      expect(result.attainmentShare).toBeGreaterThan(0.95);
      // Six replicas carry it.
      expect(result.acceleratorSeconds.serving + result.acceleratorSeconds.idle).toBeLessThan(1_800 * 14);
    },
  );

  it(
    'never doubts right evidence, and asks for no less than the larger of belief and feedback in distrust',
    { timeout: 120_000 },
    () => {
      simulate(
        worldOf(1_800),
        blind(({ learned }) => expect(learned?.trusted).toBe(true)),
        seededRandom(2),
      );
      const world = withToldFactor(worldOf(1_800), 'capacity', 3);
      simulate(
        world,
        blind(({ desired, terms }, { doubt, hold }) => {
          if (doubt.distrust === null) return;
          expect(desired).toBeGreaterThanOrEqual(Math.min(40, Math.ceil(doubt.distrust.feedback.replicas - 1e-9)));
          expect(desired).toBeGreaterThanOrEqual(Math.min(40, Math.ceil((hold?.replicas ?? 0) - 1e-9)));
          expect(terms['feedback']).toBe(doubt.distrust.feedback.replicas);
        }),
        seededRandom(2),
      );
    },
  );

  it('gives up nothing that loads while requests are late', () => {
    let state = plimsollPolicy.begin(0);
    const at = (second: number, oldestWaitMs: number, queueDepth: number, replicas = makeReplicas(1, 8)) => {
      const signals = {
        queueDepth,
        oldestWaitMs,
        inFlight: 10,
        arrivalsPerSecond: 3,
        completionsPerSecond: 3,
        serviceMs: 1_000,
      };
      const input = makePolicyInput({ atSeconds: second, signals, replicas });
      const made = plimsollPolicy.decide({ ...input, starts: fixedStarts(20_000) }, { ...state, desired: 9 });
      ({ state } = made);
      return made.decision.desired;
    };
    for (let second = 0; second < 40; second += 2) expect(at(second, 60_000, 40)).toBeGreaterThanOrEqual(9);
    const calm = Array.from({ length: 200 }, (_, index) => at(40 + 2 * index, 0, 0, makeReplicas(9)));
    expect(Math.min(...calm)).toBeLessThan(9);
  });

  it.each([
    ['the oldest request waits too long', { oldestWaitMs: 60_000, queueDepth: 1 }, 9],
    ['no request waits for long', { oldestWaitMs: 100, queueDepth: 500 }, 2],
    ['only an engine tells its queue, which is long', { oldestWaitMs: null, queueDepth: 500 }, 9],
    ['only an engine tells its queue, which is short', { oldestWaitMs: null, queueDepth: 5 }, 2],
    ['nothing is known of a queue', { oldestWaitMs: null, queueDepth: null }, 2],
  ])('keeps what is ready and loading, as far as it was ordered, where %s: %j', (_, signals, expected) => {
    const counts = { inFlight: 10, arrivalsPerSecond: 3, completionsPerSecond: 3, serviceMs: 1_000 };
    const input = makePolicyInput({ atSeconds: 100, signals: { ...counts, ...signals }, replicas: makeReplicas(1, 8) });
    const begun = plimsollPolicy.begin(0);
    const ground = groundOf({ ...input, starts: fixedStarts(20_000) }, null);
    const demand = demandOf(begun.history, ground.horizonMs, 0);
    const choice = { demand, choice: begun.choice, world: null, nextBurst: asSeen, lastArrivalMs: null };
    const own = turnOf(input, { ...begun, seenMs: null }, ground, choice);
    // By itself the turn asks for two.
    const turn = { ...own, desired: 2, hold: { replicas: 2, below: null } };
    const before = { doubt: begun.doubt, desired: 9, seenMs: 98_000 };
    expect(doubtedTurn(input, ground, before, { turn, demand, moved: false }).desired).toBe(expected);
    // Replicas that nobody ordered are not kept.
    const less = { ...before, desired: 4 };
    expect(doubtedTurn(input, ground, less, { turn, demand, moved: false }).desired).toBe(Math.min(4, expected));
  });

  it('asked with a capacity of zero keeps the last number, and learns nothing from an unknown moment', () => {
    const known = plimsollPolicy.decide(
      makePolicyInput({ replicas: makeReplicas(3), signals: { queueDepth: 0, arrivalsPerSecond: 0 } }),
      { ...plimsollPolicy.begin(0), desired: 3 },
    );
    const input = makePolicyInput({
      atSeconds: 2,
      replicas: makeReplicas(3),
      signals: { queueDepth: 0, arrivalsPerSecond: 9 },
    });
    const none = { ...input, capacity: { ...input.capacity, ratePerSecond: 0 } };
    const { decision, state } = plimsollPolicy.decide(none, known.state);
    expect(decision).toMatchObject({
      desired: known.decision.desired,
      reason: expect.stringContaining('not above zero'),
    });
    expect(state.learned).toEqual(known.state.learned);
    const frozen = { kind: 'slots', slots: 1, speeds: [0], meanWorkMs: 1_000 } as const;
    expect(
      plimsollPolicy.decide({ ...input, capacity: { ...input.capacity, curve: frozen } }, known.state).decision.desired,
    ).toBe(known.decision.desired);
  });
});

it('no request of a first-come queue with slots of fixed speed is answered later with more replicas', () => {
  const arrivals = fc.array(fc.record({ gapMs: fc.nat(600), workMs: fc.integer({ min: 50, max: 3_000 }) }), {
    minLength: 1,
    maxLength: 80,
  });
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }), (requests, fewer, more) => {
      let atMs = 0;
      const list = requests.map(({ gapMs, workMs }) => ({ atMs: (atMs += gapMs + 1), workMs }));
      const endsWith = (replicas: number): Map<number, number> => {
        const ends = new Map<number, number>();
        const { terms, ...world } = makeWorld(list, {
          capacity,
          initialReplicas: replicas,
          endMs: atMs + 1,
          scoreFromMs: 0,
        });
        const still = { ...world, terms: { ...terms, minReplicas: 1, maxReplicas: replicas } };
        simulate(still, makeStatic(replicas) as Policy, seededRandom(1), {
          onAnswer: (arrivedAtMs, _, endedAtMs) => ends.set(arrivedAtMs, endedAtMs),
        });
        return ends;
      };
      const [few, many] = [endsWith(fewer), endsWith(fewer + more)];
      for (const [arrivedAtMs, endedAtMs] of many)
        expect(endedAtMs).toBeLessThanOrEqual((few.get(arrivedAtMs) ?? Infinity) + 1e-6);
    }),
    { numRuns: 60 },
  );
});
