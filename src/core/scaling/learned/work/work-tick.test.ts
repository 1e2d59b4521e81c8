import { describe, expect, it } from 'vitest';
import { makePolicyInput } from '../../../../testing/builders/scaling/scaling-builders.ts';
import { unknownSignals, type ScalingSignals } from '../../signals.ts';
import { weighRequests } from './weigh-requests.ts';
import { readWorkTick } from './work-tick.ts';

const signals: ScalingSignals = {
  ...unknownSignals(100_000),
  arrivalsPerSecond: 10,
  completionsPerSecond: 8,
  work: { unit: 'rows', arrivedPerSecond: 400, completedPerSecond: 240 },
};

describe('the work between two readings', () => {
  it('is what arrived and what was answered, in requests and in units', () => {
    expect(readWorkTick(signals, 98_000)).toEqual({
      unit: 'rows',
      elapsedMs: 2_000,
      answered: { requests: 16, units: [480] },
      arrived: { requests: 20, units: [800] },
    });
  });

  it('is of answers alone for tokens, which are read and written', () => {
    const completedTokens = { inPerSecond: 4_000, outPerSecond: 800 };
    const work = { unit: 'tokens', arrivedPerSecond: null, completedPerSecond: 4_800, completedTokens } as const;
    const answered = { requests: 16, units: [8_000, 1_600] };
    expect(readWorkTick({ ...signals, work }, 98_000)).toMatchObject({ answered, arrived: answered });
    const { completedTokens: _, ...together } = work;
    expect(readWorkTick({ ...signals, work: together }, 98_000)).toBeNull();
  });

  it('is not known without work or answers, and after a step of the clock or a long hold', () => {
    expect(readWorkTick({ ...signals, work: null }, 98_000)).toBeNull();
    expect(readWorkTick({ ...signals, completionsPerSecond: null }, 98_000)).toBeNull();
    for (const beforeMs of [null, 100_000, 101_000, 69_000]) expect(readWorkTick(signals, beforeMs)).toBeNull();
  });
});

describe('requests that are weighed by their work', () => {
  const input = makePolicyInput({ signals: { queueDepth: 3, arrivalsPerSecond: 10, inFlight: 5, oldestWaitMs: 40 } });

  it('count for so many of the usual work, wherever they are counted', () => {
    const ahead = { ratePerSecond: 20, why: 'season', replicas: 2 } as const;
    const weighed = weighRequests({ ...input, ahead }, 2);
    expect(weighed.signals).toMatchObject({ queueDepth: 6, arrivalsPerSecond: 20, completionsPerSecond: null });
    expect(weighed.signals).toMatchObject({ inFlight: 5, oldestWaitMs: 40 });
    expect(weighed.ahead).toEqual({ ratePerSecond: 40, why: 'season', replicas: 2 });
  });

  it('are left as they are by a factor of one', () => {
    expect(weighRequests(input, 1)).toBe(input);
  });
});
