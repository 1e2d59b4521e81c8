import { describe, expect, it } from 'vitest';
import type { MarginalReport, ReplayFacts, WhatIfReport } from '../../prove/simulate/what-if.ts';
import { marginalText, whatIfText } from './cost-what-if-text.ts';

const day = 86_400_000;
const facts: ReplayFacts = {
  ...{ service: 'chat', environment: 'prod', blocks: 7, scoredMs: day, seeds: 1, unit: 'accelerator', currency: 'EUR' },
  arrivals: { kind: 'recorded', name: 'recorded by the control plane', requests: 1_234_567, spanMs: 8 * day },
  from: {
    ...{ starts: 'cold-start evidence', capacity: 'capacity evidence', objective: 'the contract' },
    ...{ replicas: 'the contract', prices: 'prices.yaml' },
  },
  notes: ['a note'],
};
const objective = { latencyMs: 2_000, attainmentShare: 0.99, inTimeShare: 0.999_99, verdict: 'pass' } as const;
const kept = {
  ...{ keepPreviousMs: 3_600_000, releases: 4, keptMs: 9_000_000, deviceSeconds: 18_000, money: 12.5 },
  recordedMs: 8 * day,
};

describe('what-if as text', () => {
  const report: WhatIfReport = {
    ...facts,
    ...{ moved: ['scaling.replicas.min 2 -> 1'], alsoNeeded: [] },
    difference: {
      present: { deviceSeconds: 345_600, requests: 150_000, late: 10 },
      changed: { deviceSeconds: 172_800, requests: 150_000, late: 2_000 },
      deviceSeconds: { mean: -172_800, low: -180_000, high: -165_600 },
      late: { mean: 1_990, low: 1_500, high: 2_480 },
      limitsOver: 'blocks',
    },
    money: { present: 240, changed: 120, difference: { mean: -120, low: -125, high: -115 } },
    objective: { present: objective, changed: { ...objective, inTimeShare: 0.986_666, verdict: 'inconclusive' } },
    keptWarm: { present: kept, changed: { ...kept, deviceSeconds: 9_000, money: 6.25 } },
  };

  it('has means of a day with limits over the days, and money of a month', () => {
    expect(whatIfText(report)).toBe(
      [
        'change    scaling.replicas.min 2 -> 1',
        'service   chat in prod',
        'arrivals  1,234,567 requests in 8d 0h, recorded by the control plane',
        'start     cold-start evidence',
        'capacity  capacity evidence',
        'prices    prices.yaml',
        'replayed  7 days, 1 draw of starts each; the numbers are means of a day',
        '',
        '                     now                   changed  difference  95% limits',
        'accelerator-seconds  345,600               172,800  -172,800    -180,000..-165,600',
        'EUR                  240.00                120.00   -120.00     -125.00..-115.00',
        'EUR in 30 days       7200.00               3600.00  -3600.00    -3750.00..-3450.00',
        'late requests        10                    2,000    +1,990      +1,500..+2,480',
        'in time              99.99%                98.66%',
        'objective            held (99% within 2s)  not decided (99% within 2s)',
        'limits: over the days',
        '',
        'now:     rollout.keepPrevious: 1h kept 4 previous releases warm for 2h 30m in the last 8d 0h: 18,000 accelerator-seconds = EUR 12.50',
        'changed: rollout.keepPrevious: 1h kept 4 previous releases warm for 2h 30m in the last 8d 0h: 9,000 accelerator-seconds = EUR 6.25',
        '',
        'a note',
      ].join('\n'),
    );
  });

  it('has no money without a price, and none of a month for an hour', () => {
    expect(whatIfText({ ...report, currency: null, money: null })).not.toContain('EUR in 30 days');
    expect(whatIfText({ ...report, scoredMs: 3_600_000 })).not.toContain('EUR in 30 days');
  });
});

describe('marginal prices as text', () => {
  it('have a row a term, and mark a bound', () => {
    const nothing = { mean: 0, low: 0, high: 0 };
    const report: MarginalReport = {
      ...facts,
      keptWarm: kept,
      terms: [
        {
          ...{ term: 'scaling.replicas.min: 1', against: 'scaling.replicas.min: 0', note: null },
          deviceSeconds: { mean: 50_000.4, low: 40_000, high: 60_000 },
          late: { mean: -12.6, low: -20, high: -5 },
          money: { mean: 34.72, low: 27.8, high: 41.7 },
        },
        {
          ...{ term: 'objective p99.9', against: 'objective p99', note: 'at least: why' },
          ...{ deviceSeconds: nothing, late: { mean: -0.2, low: null, high: null }, money: nothing },
        },
      ],
    };
    const lines = marginalText(report).split('\n');
    expect(lines).toContain(
      'scaling.replicas.min: 1  scaling.replicas.min: 0  +50,000              +40,000..+60,000  +34.72  -13',
    );
    expect(lines).toContain(
      'objective p99.9          objective p99            0                    0..0              0.00    0 *',
    );
    expect(lines).toContain('* at least: why');
    expect(lines).toContain('Each row changes one term alone. The prices do not add up.');
  });
});
