import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anArm, anInterval, noUnits, simulateCanary } from '../../../testing/builders/canary-builders.ts';
import { seededRandom } from '../../statistics/random.ts';
import type { CanaryInterval, CanaryJudgement, CanaryPolicy, CanaryState } from './canary.ts';
import { beginCanary, judgeCanary, observe } from './canary-judge.ts';
import { canaryPolicyOf, type CanarySettings } from './canary-policy.ts';

const policyOf = (settings: Partial<CanarySettings> = {}): CanaryPolicy =>
  canaryPolicyOf({ steps: [0.05, 1], minMs: 0, ...settings });

function afterAll(policy: CanaryPolicy, intervals: readonly CanaryInterval[]): CanaryState {
  return intervals.reduce(observe, beginCanary(policy));
}

function judged(policy: CanaryPolicy, intervals: readonly CanaryInterval[], elapsedMs = 120_000): CanaryJudgement {
  return judgeCanary(afterAll(policy, intervals), policy, { nowMs: 7, elapsedMs });
}

const times = (count: number, interval: CanaryInterval): readonly CanaryInterval[] =>
  Array.from({ length: count }, () => interval);
const errorsOnly = policyOf({ metrics: ['errors'] });
const latencyOnly = policyOf({ metrics: ['latency'] });

/** Half a second's worth of units, 2% of them slow. */
const arm = (units: number, slowMs: number, slowShare = 0.02) => ({
  units,
  errors: 0,
  latency: { ...anArm(units * (1 - slowShare), 0, 20).latency, ...anArm(units * slowShare, 0, slowMs).latency },
});

/** Blocks of latency until a canary is promoted that is never slow, and that is as fast as can be told. */
function fewestBlocks(quantile: number, alphaShare: number): number {
  const policy = policyOf({ metrics: ['latency'], alphaShare, latency: { quantile, marginShare: 1 } });
  const slow = Math.round(1_000 * (1 - quantile));
  const live = {
    units: 1_000,
    errors: 0,
    latency: { ...anArm(1_000 - slow, 0, 20).latency, ...anArm(slow, 0, 80).latency },
  };
  const block = anInterval(live, anArm(1_000, 0, 20), { durationMs: 5_000 });
  let state = beginCanary(policy);
  for (let blocks = 1; blocks <= 100; blocks += 1) {
    state = observe(state, block);
    if (judgeCanary(state, policy, { nowMs: 7, elapsedMs: 0 }).outcome === 'promote') return blocks;
  }
  return Infinity;
}

describe('the shortest step of docs/canary-judge.md', () => {
  it.each([
    [0.5, 25, 16],
    [0.9, 53, 34],
    [0.99, 53, 34],
  ])('of quantile %s: %s blocks at 5%%, %s at 20%%', (quantile, atFive, atTwenty) => {
    expect([0.05, 0.2].map((alphaShare) => fewestBlocks(quantile, alphaShare))).toEqual([atFive, atTwenty]);
  });
});

describe('errors', () => {
  it('rolls back a canary that fails more, and says by how much', () => {
    const judgement = judged(errorsOnly, times(20, anInterval(anArm(950, 1), anArm(50, 2))));
    expect(judgement.outcome).toBe('roll-back');
    expect(judgement.reasons[0]).toMatch(
      /^errors: 4\.00% of 1,000 canary units against 0\.11% of 19,000 live ones; more than 0\.2 points/,
    );
    expect(judgement.metrics[0]?.difference?.low).toBeGreaterThanOrEqual(0.002);
  });

  it('does not take the arms for each other: a live arm that fails more is promoted over', () => {
    expect(judged(errorsOnly, times(40, anInterval(anArm(500, 20), anArm(500, 1)))).outcome).toBe('promote');
    expect(judged(errorsOnly, times(40, anInterval(anArm(500, 1), anArm(500, 20)))).outcome).toBe('roll-back');
  });

  it('promotes an equal canary after enough units, and holds before', () => {
    const second = anInterval(anArm(950, 1), anArm(50, 0));
    expect(judged(errorsOnly, times(3, second)).outcome).toBe('hold');
    expect(judged(errorsOnly, times(200, second)).outcome).toBe('promote');
  });

  it('neither promotes nor rolls back where the difference is the margin itself', () => {
    const wide = policyOf({ metrics: ['errors'], errorMarginShare: 0.01 });
    expect(judged(wide, times(100, anInterval(anArm(500, 5), anArm(500, 10)))).outcome).toBe('hold');
  });

  it('keeps to the margin: what a narrow one rolls back a wide one promotes', () => {
    const seconds = times(200, anInterval(anArm(500, 5), anArm(500, 10)));
    expect(judged(policyOf({ metrics: ['errors'], errorMarginShare: 0.002 }), seconds).outcome).toBe('roll-back');
    expect(judged(policyOf({ metrics: ['errors'], errorMarginShare: 0.05 }), seconds).outcome).toBe('promote');
  });

  it('sees a release that turns bad after a good half hour', () => {
    const good = times(1_800, anInterval(anArm(95, 0), anArm(5, 0)));
    const bad = times(240, anInterval(anArm(95, 0), anArm(5, 0.5)));
    expect(judged(errorsOnly, [...good, ...bad]).outcome).toBe('roll-back');
  });

  it('asks for more evidence with more steps and metrics', () => {
    const policy = policyOf({ metrics: ['errors', 'labels'], steps: [0.05, 0.1, 0.2, 1] });
    const reason = judged(policy, times(5, anInterval(anArm(950, 1), anArm(50, 0)))).metrics[0]?.reason;
    expect(reason).toContain('of 120:1 against it');
    expect(reason).toContain('of 20:1 for it');
  });

  it('keeps units of one arm until the other has some, and loses none', () => {
    const apart = [anInterval(anArm(950, 1), noUnits), anInterval(noUnits, anArm(50, 2))];
    const together = [anInterval(anArm(950, 1), anArm(50, 2), { durationMs: 2_000 })];
    const repeat = (intervals: readonly CanaryInterval[]) => Array.from({ length: 10 }, () => intervals).flat();
    expect(afterAll(errorsOnly, repeat(apart))).toEqual(afterAll(errorsOnly, repeat(together)));
  });
});

describe('latency', () => {
  const step = (canary: CanaryInterval['canary'], live = arm(1_000, 60)): CanaryInterval =>
    anInterval(live, canary, { durationMs: 5_000 });

  it('rolls back a canary whose p99 is a third longer', () => {
    const judgement = judged(latencyOnly, times(60, step(arm(200, 80, 0.03))));
    expect(judgement.outcome).toBe('roll-back');
    expect(judgement.metrics[0]?.difference?.low).toBeGreaterThanOrEqual(2 ** (3 / 16) - 1);
    expect(judgement.reasons[0]).toContain('latency p99');
  });

  it('promotes one that is faster, and does not take the arms for each other', () => {
    const slow = arm(1_000, 90, 0.04);
    const quick = arm(1_000, 30, 0.001);
    expect(judged(latencyOnly, times(60, step(quick, slow))).outcome).toBe('promote');
    expect(judged(latencyOnly, times(60, step(slow, quick))).outcome).toBe('roll-back');
  });

  it('gives one burst no more than one bet', () => {
    const steady = times(20, step(arm(200, 60)));
    const burst = step(anArm(100_000, 0, 5_000));
    expect(judged(latencyOnly, [...steady, burst]).outcome).toBe('hold');
  });

  it('waits for a block that is long enough and has units in both arms', () => {
    const short = times(400, anInterval(arm(1_000, 60), anArm(1, 0, 500), { durationMs: 10 }));
    expect(judged(latencyOnly, short).metrics[0]?.reason).toContain('in 0 blocks');
    expect(judged(latencyOnly, times(200, step(anArm(1, 0, 500)))).metrics[0]?.reason).toContain('in 2 blocks');
  });

  it('finds no fault with a margin that is wide', () => {
    const wide = policyOf({ metrics: ['latency'], latency: { marginShare: 0.5 } });
    expect(judged(wide, times(80, step(arm(1_000, 80), arm(1_000, 60)))).outcome).toBe('promote');
  });
});

describe('agreement and labels', () => {
  it('rolls back on too little agreement, promotes on enough, and holds at the bound', () => {
    const policy = policyOf({ metrics: ['agreement'] });
    const with_ = (agreed: number) => times(50, anInterval(noUnits, noUnits, { agreement: { compared: 100, agreed } }));
    expect(judged(policy, with_(95)).outcome).toBe('roll-back');
    expect(judged(policy, with_(100)).outcome).toBe('promote');
    expect(judged(policy, with_(99)).outcome).toBe('hold');
  });

  it('rolls back where labels prove the canary wrong more often', () => {
    const policy = policyOf({ metrics: ['labels'] });
    const labels = (live: number, canary: number) =>
      times(
        60,
        anInterval(noUnits, noUnits, {
          labels: { live: { labelled: 100, right: live }, canary: { labelled: 100, right: canary } },
        }),
      );
    expect(judged(policy, labels(95, 85)).outcome).toBe('roll-back');
    expect(judged(policy, labels(85, 95)).outcome).toBe('promote');
  });
});

describe('what it says when there is nothing to say', () => {
  const cold = { cold: { live: noUnits, canary: anArm(9, 9, 9_000) } };

  it.each([
    ['there was no traffic yet', []],
    ['the live arm has no traffic to compare with', [anInterval(noUnits, anArm(5))]],
    ['the canary has no traffic yet', [anInterval(anArm(5), noUnits)]],
    ['the canary has only cold units so far (9), and they decide nothing', [anInterval(anArm(5), noUnits, cold)]],
  ])('%s', (reason, intervals) => {
    const judgement = judged(policyOf(), intervals);
    expect(judgement.outcome).toBe('hold');
    expect(judgement.reasons[0]).toBe(reason);
    expect(judged(policyOf(), intervals, 3_600_000)).toMatchObject({
      outcome: 'inconclusive',
      reasons: expect.arrayContaining(['the time limit of 3600 s is over', reason]),
    });
  });

  it('counts cold units and lets them decide nothing', () => {
    const judgement = judged(errorsOnly, times(500, anInterval(anArm(95), anArm(5), cold)));
    expect(judgement.outcome).toBe('promote');
    expect(judgement.coldUnits).toEqual({ live: 0, canary: 4_500 });
  });

  it('says so when the shadow has compared nothing', () => {
    expect(judged(policyOf({ metrics: ['agreement'] }), []).reasons).toContain(
      'agreement: no answer of the shadow was compared yet',
    );
  });
});

describe('time', () => {
  const proven = times(300, anInterval(anArm(500, 0), anArm(500, 0)));
  const policy = policyOf({ metrics: ['errors'], minMs: 60_000 });

  it('does not promote before the least time is over, and does at it', () => {
    const early = judged(policy, proven, 59_999);
    expect(early.outcome).toBe('hold');
    expect(early.reasons[0]).toContain('a step lasts at least 60 s');
    expect(judged(policy, proven, 60_000).outcome).toBe('promote');
  });

  it('rolls back at any time, and promotes what is proven even at the limit', () => {
    const bad = times(30, anInterval(anArm(500, 0), anArm(500, 50)));
    expect(judged(policy, bad, 1).outcome).toBe('roll-back');
    expect(judged(policy, bad, 9e9).outcome).toBe('roll-back');
    expect(judged(policy, proven, 9e9).outcome).toBe('promote');
  });

  it('is inconclusive exactly at the limit', () => {
    expect(judged(policy, [], 3_599_999).outcome).toBe('hold');
    expect(judged(policy, [], 3_600_000).outcome).toBe('inconclusive');
  });
});

describe('state', () => {
  const trace = simulateCanary(
    { seconds: 120, requestsPerSecond: 80, share: 0.3, errors: { live: 0.01, canary: 0.03 }, slower: 1.2 },
    seededRandom(11),
  ).map((interval, second) => ({
    ...interval,
    agreement: { compared: 3, agreed: second % 7 === 0 ? 2 : 3 },
    labels: {
      live: { labelled: 5, right: 4 },
      canary: { labelled: second % 3, right: second % 2 === 0 ? second % 3 : 0 },
    },
  }));
  const all = policyOf({ metrics: ['errors', 'latency', 'agreement', 'labels'] });

  it('goes on with the same bits from its JSON, wherever it was cut', () => {
    const whole = JSON.stringify(afterAll(all, trace));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: trace.length }), (cut) => {
        const kept = JSON.parse(JSON.stringify(afterAll(all, trace.slice(0, cut)))) as CanaryState;
        expect(JSON.stringify(trace.slice(cut).reduce(observe, kept))).toBe(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('holds no number that JSON loses', () => {
    const state = afterAll(all, trace);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    const judgement = judgeCanary(state, all, { nowMs: 1, elapsedMs: 1 });
    expect(JSON.parse(JSON.stringify(judgement))).toEqual(judgement);
  });

  it('does not grow with time', () => {
    const long = Array.from({ length: 20 }, () => trace).flat();
    expect(JSON.stringify(afterAll(all, long)).length).toBeLessThan(40_000);
  });

  it('says the same after an interval in which nothing came', () => {
    const state = afterAll(all, trace);
    const at = { nowMs: 7, elapsedMs: 120_000 };
    expect(judgeCanary(observe(state, anInterval(noUnits, noUnits)), all, at)).toEqual(judgeCanary(state, all, at));
  });

  it('counts the time between two reports, so that blocks are no longer where a report comes each second look', () => {
    const units = anInterval(anArm(500), anArm(500));
    const nothing = anInterval(noUnits, noUnits);
    const blocks = (intervals: readonly CanaryInterval[]): string | undefined =>
      /in \d+ blocks/.exec(judged(latencyOnly, intervals).metrics[0]?.reason ?? '')?.[0];
    expect(blocks(times(60, units))).toBe('in 12 blocks');
    // The time of an empty look is of the report after it: three reports to a block of six seconds.
    expect(blocks(times(30, nothing).flatMap((empty) => [empty, units]))).toBe('in 10 blocks');
  });

  it('refuses margins that moved within a step, and a state that is none', () => {
    const state = afterAll(errorsOnly, []);
    expect(() =>
      judgeCanary(state, policyOf({ metrics: ['errors'], errorMarginShare: 0.1 }), { nowMs: 0, elapsedMs: 0 }),
    ).toThrow(/changed within a step/);
    expect(() => observe({ canaryVersion: 1, seen: 12 }, anInterval(noUnits, noUnits))).toThrow(
      /no version that this judge knows/,
    );
  });
});

describe('counts that cannot be', () => {
  it.each([
    ['canary.errors', anInterval(anArm(5), anArm(5, 6))],
    ['live.errors', anInterval(anArm(5, NaN), anArm(5))],
    ['live.errors', anInterval(anArm(-1), anArm(5))],
    ['canary.errors', anInterval(anArm(1), anArm(Infinity))],
    ['live.latency.3', anInterval({ ...anArm(1), latency: { 3: -1 } }, anArm(1))],
    ['cold.canary.errors', anInterval(anArm(1), anArm(1), { cold: { live: noUnits, canary: anArm(1, 2) } })],
    ['durationMs', anInterval(anArm(1), anArm(1), { durationMs: NaN })],
    ['agreement.agreed', anInterval(noUnits, noUnits, { agreement: { compared: 1, agreed: 2 } })],
    [
      'labels.canary.right',
      anInterval(noUnits, noUnits, {
        labels: { live: { labelled: 1, right: 1 }, canary: { labelled: 1, right: 2 } },
      }),
    ],
  ])('are refused by name: %s', (name, interval) => {
    expect(() => observe(beginCanary(policyOf()), interval)).toThrow(
      expect.objectContaining({ code: 'canary-interval-impossible', details: expect.objectContaining({ name }) }),
    );
  });

  it('large ones are no trouble', () => {
    const huge = times(4, anInterval(anArm(9e14, 9e11), anArm(9e14, 9e11), { durationMs: 5_000 }));
    const judgement = judged(policyOf(), huge);
    expect(judgement.metrics[0]?.outcome).toBe('promote');
    expect(JSON.stringify(judgement)).not.toContain('NaN');
  });
});

describe('laws', () => {
  const aSecond = fc.record({
    live: fc.integer({ min: 0, max: 200 }),
    canary: fc.integer({ min: 0, max: 200 }),
    liveBad: fc.double({ min: 0, max: 1, noNaN: true }),
    canaryBad: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const intervalsOf = fc.array(
    aSecond.map(({ live, canary, liveBad, canaryBad }) =>
      anInterval(anArm(live, Math.floor(live * liveBad)), anArm(canary, Math.floor(canary * canaryBad)), {
        durationMs: 5_000,
      }),
    ),
    { maxLength: 40 },
  );

  it('one outcome, made of its metrics: roll-back if any, promote only if all', () => {
    fc.assert(
      fc.property(intervalsOf, (intervals) => {
        const { outcome, metrics, reasons } = judged(policyOf(), intervals);
        const outcomes = metrics.map((metric) => metric.outcome);
        expect(outcome === 'roll-back').toBe(outcomes.includes('roll-back'));
        expect(outcome === 'promote').toBe(outcomes.every((each) => each === 'promote'));
        expect(reasons.length).toBeGreaterThan(0);
        for (const { difference } of metrics)
          if (difference !== null) expect(difference.low).toBeLessThanOrEqual(difference.high ?? Infinity);
      }),
      { numRuns: 150 },
    );
  });

  it('a roll-back stays one, whatever comes after', () => {
    const bad = times(30, anInterval(anArm(500, 0), anArm(500, 50)));
    const good = times(500, anInterval(anArm(500, 0), anArm(500, 0)));
    expect(judged(errorsOnly, [...bad, ...good]).outcome).toBe('roll-back');
  });

  it('more errors of the canary in the last second never speak for it', () => {
    fc.assert(
      fc.property(intervalsOf, fc.integer({ min: 0, max: 49 }), (past, errors) => {
        const rank = { promote: 0, hold: 1, inconclusive: 1, 'roll-back': 2 };
        const fewer = judged(errorsOnly, [...past, anInterval(anArm(950, 1), anArm(50, errors))]).outcome;
        const more = judged(errorsOnly, [...past, anInterval(anArm(950, 1), anArm(50, errors + 1))]).outcome;
        expect(rank[more]).toBeGreaterThanOrEqual(rank[fewer]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('policy', () => {
  it('judges the steps below 1, and at least one', () => {
    expect(canaryPolicyOf({ steps: [0.05, 0.25, 1] }).steps).toBe(2);
    expect(canaryPolicyOf({ steps: [1] }).steps).toBe(1);
  });

  it.each([
    ['alphaShare', { alphaShare: 0 }],
    ['metrics', { metrics: [] }],
    ['errorMarginShare', { errorMarginShare: 0 }],
    ['labelMarginShare', { labelMarginShare: 1 }],
    ['latency.quantile', { latency: { quantile: 1 } }],
    ['latency.marginShare', { latency: { marginShare: 0.04 } }],
    ['agreementAtLeastShare', { agreementAtLeastShare: 1 }],
    ['minMs', { minMs: -1 }],
    ['timeLimitMs', { timeLimitMs: 10, minMs: 10 }],
    ['errorMarginShare', { errorMarginShare: NaN }],
  ] as const)('refuses an impossible %s by name', (field, settings) => {
    expect(() => canaryPolicyOf({ steps: [0.05, 1], ...settings })).toThrow(
      expect.objectContaining({ code: 'canary-policy-impossible', details: expect.objectContaining({ field }) }),
    );
  });
});
