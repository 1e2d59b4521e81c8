import { describe, expect, it } from 'vitest';
import { healthyValues, makeWindow } from '../../../testing/builders/diagnosis/make-readings.ts';
import type { TriedExperiment } from '../finding/finding.ts';
import { suspectCauses } from '../order/suspect-causes.ts';
import { makeDiagnosisRecord, measureLoadedShare } from './diagnosis-record.ts';
import { tellFinding } from './tell-finding.ts';
import { effectWords, readEffect, tellEffect } from './told-effect.ts';

const shown: TriedExperiment = {
  experiment: 'lifted-quota',
  causes: ['cpu-quota'],
  outcome: { kind: 'shown', effect: { estimate: 1, lower: 0.8, upper: 1.2 }, rounds: 10 },
  notUndone: null,
};
function recordOf(experiments: readonly TriedExperiment[]) {
  const window = makeWindow({ ...healthyValues, throttledPeriodShare: 0.3 }, 'cpu');
  const of = { takenAtMs: 1_000, node: 'gpu-1', accelerators: 2 };
  return makeDiagnosisRecord({ window, waterfall: null, suspicions: suspectCauses(window) }, experiments, of);
}

describe('a record', () => {
  it('holds what was read and measured, and no verdict', () => {
    const record = recordOf([shown]);
    expect(record).toMatchObject({
      ...{ takenAtMs: 1_000, windowMs: 10_000, node: 'gpu-1', accelerators: 2, loadedShare: 1 },
      engine: { of: 'cpu', activity: 'between' },
      experiments: [
        { experiment: 'lifted-quota', outcome: { effect: { estimate: 1, lower: 0.8, upper: 1.2 }, rounds: 10 } },
      ],
    });
    expect(record.suspected.map(({ cause }) => cause)).toEqual(['cpu-quota']);
    expect(JSON.stringify(record)).not.toMatch(/verdict|shown/);
  });

  it('survives JSON, also where too few rounds leave no limits', () => {
    const noLimits = { estimate: 0.5, lower: -1, upper: Infinity };
    const record = recordOf([{ ...shown, outcome: { kind: 'not-shown', effect: noLimits, rounds: 4 } }]);
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
    expect(readEffect(tellEffect(noLimits))).toEqual(noLimits);
    expect(effectWords(tellEffect(noLimits))).toBe('50% more answers (no lower limit, no upper limit)');
  });

  it('takes an unknown load for all the time, and many requests for no more than that', () => {
    expect(measureLoadedShare(makeWindow({}))).toBe(1);
    expect(measureLoadedShare(makeWindow({ concurrentRequests: 0.25 }))).toBe(0.25);
    expect(measureLoadedShare(makeWindow({ concurrentRequests: 40 }))).toBe(1);
  });
});

describe('the finding of a record', () => {
  it('is the cause that an experiment showed, with its cost in accelerator-seconds and money', () => {
    // Twice the answers without it: half of each hour of two accelerators is lost, at 3 EUR an hour.
    expect(tellFinding(recordOf([shown]), { perHour: 3, currency: 'EUR' })).toMatchObject({
      ...{ verdict: 'shown', cause: 'cpu-quota', likeliest: [], deciding: null },
      effect: { estimate: 1, lower: 0.8, upper: 1.2, words: '100% more answers (at least 80%, at most 120%)' },
      cost: { acceleratorSecondsPerHour: 3_600, money: { perHour: 3, currency: 'EUR' } },
      remedy: expect.stringContaining('Raise the CPU limit') as string,
      gain: { kind: 'as-measured' },
      experiments: [{ kind: 'shown', rounds: 10, notUndone: null }],
    });
  });

  it('has no money without a price', () => {
    expect(tellFinding(recordOf([shown]), null).cost).toEqual({ acceleratorSecondsPerHour: 3_600, money: null });
  });

  it('is undetermined without an experiment, and says which would decide', () => {
    const finding = tellFinding(recordOf([]), { perHour: 3, currency: 'EUR' });
    expect(finding).toMatchObject({ verdict: 'undetermined', cause: null, cost: null, deciding: 'lifted-quota' });
    expect(finding.likeliest.map(({ cause }) => cause)).toEqual(['cpu-quota']);
  });

  it('believes the limits of an effect, and no word of the sender about it', () => {
    const weak = { estimate: 1, lower: 0.01, upper: 3 };
    const claimed = recordOf([{ ...shown, outcome: { kind: 'shown', effect: weak, rounds: 10 } }]);
    expect(tellFinding(claimed, null)).toMatchObject({
      verdict: 'undetermined',
      experiments: [{ kind: 'not-shown', words: '100% more answers (at least 1%, at most 300%)' }],
    });
  });

  it('tells why an experiment was not run', () => {
    const outcome = { kind: 'not-run', reason: 'no quota is set' } as const;
    expect(tellFinding(recordOf([{ ...shown, outcome }]), null).experiments).toEqual([
      {
        ...{ experiment: 'lifted-quota', causes: ['cpu-quota'], kind: 'not-run', words: 'no quota is set' },
        ...{ rounds: null, notUndone: null },
      },
    ]);
  });
});
