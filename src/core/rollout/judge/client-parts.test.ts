import { describe, expect, it } from 'vitest';
import { beginCanary, judgeCanary, observe } from './canary-judge.ts';
import type {
  ArmInterval,
  CanaryInterval,
  CanaryJudgement,
  CanaryPolicy,
  CanaryState,
  PartInterval,
} from './canary.ts';
import { clientParts } from './client-parts.ts';

const policy: CanaryPolicy = {
  alphaShare: 0.05,
  steps: 1,
  metrics: ['errors', 'latency'],
  errorMarginShare: 0.005,
  latency: { quantile: 0.9, marginShare: 0.1 },
  agreementAtLeastShare: 0.99,
  labelMarginShare: 0.02,
  minMs: 60_000,
  timeLimitMs: 3_600_000,
};

const none: ArmInterval = { units: 0, errors: 0, latency: {} };

interface Traffic {
  readonly units: number;
  /** Share of errors. */
  readonly errorShare?: number;
  readonly bin?: number;
}

function armOf({ units, errorShare = 0, bin = 100 }: Traffic): ArmInterval {
  const [slow, slower] = [Math.round(units * 0.1), Math.round(units * 0.05)];
  const latency = { [bin]: units - slow - slower, [bin + 2]: slow, [bin + 6]: slower };
  return { units, errors: Math.round(units * errorShare), latency };
}

function sumOf(arms: readonly ArmInterval[]): ArmInterval {
  const latency: Record<number, number> = {};
  for (const arm of arms)
    for (const [bin, n] of Object.entries(arm.latency)) latency[Number(bin)] = (latency[Number(bin)] ?? 0) + n;
  return {
    units: arms.reduce((sum, { units }) => sum + units, 0),
    errors: arms.reduce((sum, { errors }) => sum + errors, 0),
    latency,
  };
}

/** So many seconds of honest clients in seven parts, and of one client in the eighth. */
function judgeAfter(
  seconds: number,
  honest: { readonly live: Traffic; readonly canary: Traffic },
  one: { readonly live: Traffic; readonly canary: Traffic } | null,
  tellsParts = true,
): CanaryJudgement {
  let state: CanaryState = beginCanary(policy);
  const parts: PartInterval[] = Array.from({ length: clientParts - 1 }, (_, part) => {
    return { part, live: armOf(honest.live), canary: armOf(honest.canary) };
  });
  if (one !== null) parts.push({ part: clientParts - 1, live: armOf(one.live), canary: armOf(one.canary) });
  const interval: CanaryInterval = {
    atMs: 0,
    durationMs: 1_000,
    live: sumOf(parts.map(({ live }) => live)),
    canary: sumOf(parts.map(({ canary }) => canary)),
    cold: { live: none, canary: none },
    ...(tellsParts ? { parts } : {}),
  };
  for (let second = 0; second < seconds; second += 1) state = observe(state, interval);
  return judgeCanary(state, policy, { nowMs: seconds * 1_000, elapsedMs: seconds * 1_000 });
}

const good = { live: { units: 20 }, canary: { units: 20 } };
const bad = { live: { units: 20 }, canary: { units: 20, errorShare: 0.1 } };
const idle = { units: 0 };

describe('what one client sends', () => {
  it('does not roll a good release back, though it did while no parts were told', () => {
    const failing = { live: idle, canary: { units: 30, errorShare: 1 } };
    expect(judgeAfter(300, good, failing, false).outcome).toBe('roll-back');
    const judged = judgeAfter(300, good, failing);
    expect(judged.outcome).toBe('hold');
    expect(judged.reasons.join()).toContain('no single client decides');
  });

  it('does not hide a bad release behind good answers', () => {
    const slightlyBad = { live: { units: 20 }, canary: { units: 20, errorShare: 0.05 } };
    const hiding = { live: idle, canary: { units: 30_000 } };
    expect(judgeAfter(300, slightlyBad, hiding, false).metrics[0]?.outcome).toBe('promote');
    expect(judgeAfter(300, slightlyBad, hiding).outcome).not.toBe('promote');
  });

  it('does not make a release look slow', () => {
    const slow = { live: idle, canary: { units: 60, bin: 160 } };
    expect(judgeAfter(400, good, slow, false).outcome).toBe('roll-back');
    expect(judgeAfter(400, good, slow).outcome).toBe('hold');
  });

  it('does not make a slow release look fast', () => {
    const slower = { live: { units: 20 }, canary: { units: 20, bin: 112 } };
    const hiding = { live: idle, canary: { units: 3_000, bin: 90 } };
    expect(judgeAfter(400, slower, hiding, false).metrics[1]?.outcome).toBe('promote');
    expect(judgeAfter(400, slower, hiding).outcome).not.toBe('promote');
  });
});

describe('what several clients see', () => {
  it('rolls a bad release back, and promotes a good one', () => {
    expect(judgeAfter(300, bad, null).outcome).toBe('roll-back');
    expect(judgeAfter(400, good, null).outcome).toBe('promote');
  });

  it('counts for one client where there is no other, and where others are too few to tell', () => {
    const alone = { live: { units: 0 }, canary: { units: 0 } };
    const failing = { live: { units: 200 }, canary: { units: 100, errorShare: 0.2 } };
    expect(judgeAfter(300, alone, failing).outcome).toBe('roll-back');
  });
});

it('refuses parts of more units than there are', () => {
  const arm = armOf({ units: 5 });
  const interval: CanaryInterval = {
    ...{ atMs: 0, durationMs: 1_000, live: arm, canary: none, cold: { live: none, canary: none } },
    parts: [3, 4].map((part) => ({ part, live: armOf({ units: 3 }), canary: none })),
  };
  expect(() => observe(beginCanary(policy), interval)).toThrow(/parts\.live\.units as 6 beside live\.units of 5/);
});

it('keeps a state that is small', () => {
  let state = beginCanary(policy);
  const parts = Array.from({ length: clientParts }, (_, part) => ({
    part,
    live: { units: 200, errors: 1, latency: Object.fromEntries(Array.from({ length: 60 }, (_, bin) => [80 + bin, 3])) },
    canary: none,
  }));
  const live = sumOf(parts.map((part) => part.live));
  const canary = armOf({ units: 50 });
  for (let n = 0; n < 100; n += 1) {
    state = observe(state, { atMs: 0, durationMs: 1_000, live, canary, cold: { live: none, canary: none }, parts });
  }
  expect(JSON.stringify(state).length).toBeLessThan(100_000);
});
