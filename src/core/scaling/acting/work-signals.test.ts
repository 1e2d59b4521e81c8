import { describe, expect, it } from 'vitest';
import type { GatewayScaling, GatewayWork } from './gateway-load.ts';
import { readWorkSignals, type CountedWork } from './work-signals.ts';

const none: GatewayWork = {
  bytesArrived: 0,
  bytesCompleted: 0,
  rowsArrived: 0,
  rowsCompleted: 0,
  rowedCompletions: 0,
  tokensIn: 0,
  tokensOut: 0,
  tokenedCompletions: 0,
};
const at = (completions: number, work: Partial<GatewayWork> | null): GatewayScaling => ({
  oldestWaitMs: 0,
  arrivals: completions,
  completions,
  timed: 0,
  serviceMs: 0,
  ...(work === null ? {} : { work: { ...none, ...work } }),
});
const counted = (now: Partial<GatewayWork> | null, completions = 10, seconds = 2): CountedWork => ({
  before: at(0, {}),
  now: at(completions, now),
  seconds,
});

describe('work signals', () => {
  it('are tokens where nine in ten completions tell them, and then say nothing of arrivals', () => {
    const work = { tokenedCompletions: 9, tokensIn: 300, tokensOut: 100, rowedCompletions: 10, bytesArrived: 5_000 };
    expect(readWorkSignals([counted(work)])).toEqual({
      unit: 'tokens',
      arrivedPerSecond: null,
      completedPerSecond: 200,
      completedTokens: { inPerSecond: 150, outPerSecond: 50 },
    });
  });

  it('are rows where nine in ten completions tell those, added up over gateways of different times', () => {
    const [one, other] = [
      counted({ rowedCompletions: 10, rowsArrived: 80, rowsCompleted: 60 }),
      counted({ rowedCompletions: 8, rowsArrived: 20, rowsCompleted: 20 }, 10, 4),
    ];
    // 18 of 20 tell them: 80 / 2 + 20 / 4, and 60 / 2 + 20 / 4.
    expect(readWorkSignals([one, other])).toEqual({ unit: 'rows', arrivedPerSecond: 45, completedPerSecond: 35 });
  });

  it('are bytes where fewer tell more', () => {
    const work = { tokenedCompletions: 8, rowedCompletions: 8, bytesArrived: 1_000, bytesCompleted: 600 };
    expect(readWorkSignals([counted(work)])).toEqual({ unit: 'bytes', arrivedPerSecond: 500, completedPerSecond: 300 });
  });

  it('keep their unit while nothing is asked', () => {
    const stands = at(10, { rowedCompletions: 10, rowsArrived: 80, rowsCompleted: 80 });
    expect(readWorkSignals([{ before: stands, now: stands, seconds: 1 }])).toEqual({
      unit: 'rows',
      arrivedPerSecond: 0,
      completedPerSecond: 0,
    });
  });

  it('are not known before the first completion, or where one gateway tells no work', () => {
    expect(readWorkSignals([counted({ bytesArrived: 10 }, 0)])).toBeNull();
    expect(readWorkSignals([counted({}), counted(null)])).toBeNull();
    expect(readWorkSignals([])).toBeNull();
  });
});
