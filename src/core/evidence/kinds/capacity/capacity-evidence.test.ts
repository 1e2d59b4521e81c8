import { describe, expect, it } from 'vitest';
import {
  makeLevel as level,
  makeLoad as load,
  makeOpenRun as run,
  measuredCapacity as measured,
} from '../../../../testing/builders/capacity-builders.ts';
import { loadContract, minimalContract } from '../../../../testing/builders/contract-texts.ts';
import { readCapacity } from '../../../capacity/read-capacity.ts';
import { judgeCapacity } from './capacity-evidence.ts';
import type { CapacityMeasurements, OpenRun } from './capacity-measurements.ts';

const contractOf = (lines: string) => loadContract(`${minimalContract}${lines}\n`).contract;
const promised = (latency: string) => contractOf(`objective: { latency: ${latency} }`);
const none = contractOf('');

const judged = (changes: Partial<Record<keyof CapacityMeasurements, unknown>>, contract = promised('{ p99: 50ms }')) =>
  judgeCapacity({ ...measured, ...changes }, contract);

describe('capacity evidence', () => {
  it('passes with the largest rate inside the objective, and says of how many requests', () => {
    expect(judged({})).toEqual({
      verdict: 'pass',
      reasons: ['262 requests/s by one replica, p99 at most 44.9ms of 50ms promised (3,000 requests)'],
    });
  });

  it('is judged by the objective of the present contract, whatever it was measured for', () => {
    expect(judged({}, promised('{ p99: 42ms }')).reasons[0]).toContain('240 requests/s');
    expect(judged({}, promised('{ p95: 70ms, p99: 70ms }')).reasons[0]).toContain('285 requests/s');
    expect(judged({}, promised('{ p99: 15ms }')).verdict).toBe('inconclusive');
    expect(judged({}, promised('{ p99: 5ms }'))).toMatchObject({
      verdict: 'fail',
      reasons: [expect.stringContaining('even one request at a time has a p99 of at least 11.9')],
    });
    expect(judged({}, promised('{ p99.9: 70ms }'))).toEqual({
      verdict: 'unknown',
      reasons: ['p99.9 was not measured; next: plimsoll capacity'],
    });
  });

  it('never takes a rate above one that is proven to miss', () => {
    expect(judged({ open: [run(240, 40), run(285, 120), run(300, 40)] }).reasons[0]).toContain('240 requests/s');
  });

  it('is inconclusive with too few requests, and says how many are needed', () => {
    const { verdict, reasons } = judged({ open: [run(240, 40, {}, 200)] });
    expect([verdict, reasons[0]]).toEqual([
      'inconclusive',
      '200 requests are too few: 299 are the fewest that can show an upper limit of p99; next: plimsoll capacity --seconds N',
    ]);
    expect(judged({ open: [] }).verdict).toBe('inconclusive');
  });

  it('counts a request that failed as late', () => {
    const failing: OpenRun = { ...load(3_000, 20, 40, 12_500, 90), underWay: 2 };
    expect(judged({ open: [failing] }).reasons[0]).toContain('240 requests/s misses it');
    const broken = { ...load(300, 10, 12, 3_000, 300), concurrency: 1, meanBatchRows: null };
    expect(judged({ closed: [broken] })).toMatchObject({
      verdict: 'fail',
      reasons: [expect.stringContaining('none of 300')],
    });
  });

  it('without an objective speaks of the knee, with a queue that does not grow', () => {
    const { verdict, reasons } = judged({ objective: null }, none);
    expect([verdict, reasons[0]]).toEqual([
      'pass',
      expect.stringContaining('at its knee, since no `objective.latency`'),
    ]);
    expect(reasons[0]).toContain('285 requests/s');
    const growing = [run(240, 40), run(285, 60, { underWay: 17 })];
    expect(judged({ open: growing }, none).reasons[0]).toContain('240 requests/s');
    expect(judged({ open: [run(240, 40, {}, 99)] }, none).verdict).toBe('inconclusive');
  });

  const [first] = measured.open;
  const edited = (changes: object): unknown => [{ ...first, ...changes }];
  it.each([
    ['of another version', { capacityVersion: 2 }],
    ['without levels', { closed: [] }],
    ['with levels out of order', { closed: measured.closed.toReversed() }],
    ['with more failures than requests', { open: edited({ failed: 3_001 }) }],
    ['with no time', { open: edited({ durationMs: 0 }) }],
    ['with a mean below zero', { open: edited({ meanMs: -1 }) }],
    ['with text for a number', { open: edited({ requests: '3000' }) }],
    ['with limits out of order', { open: edited({ quantiles: { p99: { valueMs: 40, lowerMs: 39, upperMs: 20 } } }) }],
    ['with a limit of too few requests', { open: edited({ requests: 100 }) }],
    ['with a list for the quantiles', { open: edited({ quantiles: [] }) }],
    ['with an objective of nothing', { objective: {} }],
    ['with a batch of less than a row', { closed: [level(1, 100, 10, { meanBatchRows: 0.5 })] }],
    ['with nothing', { open: [null] }],
  ])('that was edited proves nothing: %s', (_, changes) => {
    expect(judged(changes)).toEqual({ verdict: 'unknown', reasons: ['it does not say what was measured'] });
    expect(readCapacity({ ...measured, ...(changes as object) })).toBeNull();
  });
});

describe('what scaling reads of it', () => {
  const record = measured as unknown as Readonly<Record<string, unknown>>;

  it('is the curve, and the rate with what is under way at it', () => {
    const capacity = readCapacity(record);
    expect(capacity?.curve.kind).toBe('batch');
    expect(capacity?.ratePerSecond).toBeCloseTo(262, 1);
    expect(capacity?.serviceMs).toBeCloseTo(33.75, 1);
    expect(capacity?.concurrency).toBeCloseTo(262 * 0.03375, 1);
  });

  it('moves with the objective that is asked about, and is null where no rate is inside it', () => {
    expect(readCapacity(record, { p99: 42 })?.ratePerSecond).toBeCloseTo(240, 1);
    expect(readCapacity(record, null)?.ratePerSecond).toBeCloseTo(285, 1);
    expect(readCapacity(record, { p99: 5 })).toBeNull();
  });
});
