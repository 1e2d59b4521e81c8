import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../../../testing/builders/contract-texts.ts';
import { digest } from '../../../../testing/builders/evidence-builders.ts';
import { judgeScaling } from './scaling-evidence.ts';
import { readScaling, scalingRecord, type ScalingMeasurements, type SimulatedRun } from './scaling-measurements.ts';

const runs = (inTime: readonly number[], seconds: readonly number[] = []): readonly SimulatedRun[] =>
  inTime.map((count, at) => ({
    seed: at + 1,
    requests: 10_000,
    inTime: count,
    acceleratorSeconds: seconds[at] ?? 5_000,
  }));
const measured: ScalingMeasurements = {
  scalingVersion: 1,
  policy: 'plimsoll',
  arrivals: { kind: 'trace', name: 'requests.csv', digest: digest('trace'), requests: 12_000, spanMs: 3_600_000 },
  scoreFromMs: 360_000,
  endMs: 3_600_001,
  latencyMs: 50,
  replicas: { min: 1, max: 4 },
  warmPool: 0,
  starts: 30,
  ratePerSecond: 100,
  runs: runs([9_950, 9_960, 9_970]),
  withoutZero: null,
  keepAlive: null,
};
const contractOf = (scaling = '{ replicas: { min: 1, max: 4 } }', latency = '{ p99: 50ms }') =>
  loadContract(`${minimalContract}objective: { latency: ${latency} }\ncoldStart: { p90: 45s }\nscaling: ${scaling}\n`)
    .contract;
const toZero = contractOf('{ replicas: { min: 0, max: 4 }, toZero: when-proven }');
const judged = (changes: Partial<ScalingMeasurements> = {}, contract = contractOf()) =>
  judgeScaling(scalingRecord({ ...measured, ...changes }), contract);

describe('scaling evidence', () => {
  it('passes when the lower limit of the attainment reaches the objective', () => {
    expect(judged()).toEqual({
      verdict: 'pass',
      reasons: ['99.60% in time (95% 99.35% to 99.84%, 3 seeds), asked for 99% within 50ms'],
    });
  });

  it('fails when the upper limit is below it, and is not decided in between', () => {
    expect(judged({ runs: runs([9_800, 9_810, 9_820]) }).verdict).toBe('fail');
    expect(judged({ runs: runs([9_850, 9_910, 9_990]) })).toMatchObject({
      verdict: 'inconclusive',
      reasons: [expect.stringContaining('does not decide on 99% within 50ms; more --seeds')],
    });
  });

  it('takes three seeds at least', () => {
    expect(judged({ runs: runs([10_000, 10_000]) }).verdict).toBe('inconclusive');
    expect(judged({ runs: runs([10_000]) }).verdict).toBe('inconclusive');
  });

  it.each([
    ['another latency', contractOf(undefined, '{ p99: 40ms }'), 'simulated for 50ms, and 40ms are promised'],
    ['other bounds', contractOf('{ replicas: { min: 1, max: 2 } }'), '1 to 4 replicas, and the contract has 1 to 2'],
    [
      'another sleep',
      contractOf('{ replicas: { min: 1, max: 4 }, sleep: { replicas: 1, wake: 1s } }'),
      'another `scaling.sleep`',
    ],
    ['another warm pool', contractOf('{ replicas: { min: 1, max: 4 }, warmPool: 1 }'), '0 kept warm'],
  ])('says nothing for %s', (_, contract, said) => {
    expect(judged({}, contract)).toMatchObject({ verdict: 'unknown', reasons: [expect.stringContaining(said)] });
  });

  it('says nothing for another policy, and where nothing is promised', () => {
    expect(judged({ policy: 'keda' }).verdict).toBe('unknown');
    expect(judged({}, loadContract(minimalContract).contract).verdict).toBe('unknown');
  });

  it('is judged by the share that is promised now', () => {
    expect(judged({}, contractOf(undefined, '{ p99.9: 50ms }')).verdict).toBe('fail');
    expect(judged({}, contractOf(undefined, '{ p95: 50ms }')).verdict).toBe('pass');
  });
});

describe('scaling to zero', () => {
  const zero = { replicas: { min: 0, max: 4 }, runs: runs([9_950, 9_960, 9_970], [3_000, 3_010, 3_020]) };

  it('passes when the objective holds with it and it costs less', () => {
    const { verdict, reasons } = judged(
      { ...zero, withoutZero: runs([9_990, 9_990, 9_990], [5_000, 5_010, 5_020]) },
      toZero,
    );
    expect(verdict).toBe('pass');
    expect(reasons[1]).toBe(
      'scaling to zero: it costs less: 3,010 accelerator-seconds with zero, 5,010 without; 99.60% in time with zero, 99.90% without',
    );
  });

  it('fails with both numbers when it costs no less, or when the objective does not survive it', () => {
    const dearer = judged({ ...zero, withoutZero: runs([9_990, 9_990, 9_990], [2_000, 2_010, 2_020]) }, toZero);
    expect(dearer).toMatchObject({
      verdict: 'fail',
      reasons: [expect.any(String), expect.stringContaining('3,010 accelerator-seconds with zero, 2,010 without')],
    });
    const late = { ...zero, runs: runs([9_000, 9_010, 9_020], [3_000, 3_010, 3_020]) };
    expect(judged({ ...late, withoutZero: runs([9_990, 9_990, 9_990]) }, toZero)).toMatchObject({
      verdict: 'fail',
      reasons: [expect.stringContaining('90.10% in time'), expect.stringContaining('99.90% without')],
    });
  });

  it('is not decided while the seeds do not agree', () => {
    expect(judged({ ...zero, withoutZero: runs([9_990, 9_990, 9_990], [3_000, 2_990, 3_050]) }, toZero).verdict).toBe(
      'inconclusive',
    );
  });

  it('is not proven by a simulation without it', () => {
    expect(judged({ ...zero, withoutZero: null }, toZero)).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringContaining('without scaling to zero')],
    });
  });
});

describe('a lock that was edited', () => {
  const whole = scalingRecord({ ...measured, withoutZero: measured.runs });

  it('is read as it was written', () => {
    expect(readScaling(JSON.parse(JSON.stringify(whole)) as Record<string, unknown>)).toEqual({
      ...measured,
      withoutZero: measured.runs,
    });
  });

  it.each([
    ['more in time than there were', { runs: ['seed 1: 11 of 10 in time, 1 accelerator-seconds'] }],
    ['more requests than arrived', { runs: ['seed 1: 13000 of 13000 in time, 1 accelerator-seconds'] }],
    ['a seed twice', { runs: Array.from({ length: 3 }, () => 'seed 1: 9 of 10 in time, 1 accelerator-seconds') }],
    ['other seeds without zero', { withoutZero: ['seed 1: 9 of 10 in time, 1 accelerator-seconds'] }],
    ['no run', { runs: [] }],
    ['no request', { runs: ['seed 1: 0 of 0 in time, 1 accelerator-seconds'] }],
    ['no measured start', { starts: 0 }],
    ['no arrivals', { arrivals: null }],
    ['a wrong digest', { arrivals: { ...measured.arrivals, digest: 'sha256:0' } }],
    ['another version', { scalingVersion: 2 }],
    ['no time', { endMs: 0 }],
    ['no replica at the peak', { peakReplicas: 0 }],
  ])('with %s proves nothing', (_, changes) => {
    expect(judgeScaling({ ...whole, ...changes }, contractOf()).verdict).toBe('unknown');
  });

  it('proves nothing without any one of its facts', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(whole)), fc.jsonValue(), (key, value) => {
        const { [key]: left, ...rest } = whole;
        fc.pre(JSON.stringify(left) !== JSON.stringify(value));
        expect(readScaling(rest)).toBeNull();
        // Any other value is refused, or is one of the same kind.
        const read = readScaling({ ...rest, [key]: value });
        if (read !== null) expect(typeof value === typeof left || left === null || value === null).toBe(true);
      }),
    );
  });
});
