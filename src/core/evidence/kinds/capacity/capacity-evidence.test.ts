import { describe, expect, it } from 'vitest';
import {
  makeCandidate,
  makeHorizon,
  sustainedMeasured,
  makeLevel as level,
  makeLoad as load,
  measuredCapacity as measured,
} from '../../../../testing/builders/capacity-builders.ts';
import { loadContract, minimalContract } from '../../../../testing/builders/contract-texts.ts';
import { readCapacity } from '../../../capacity/read-capacity.ts';
import { judgeCapacity } from './capacity-evidence.ts';
import type { CapacityMeasurements } from './capacity-measurements.ts';
import type { SustainedMeasurements } from './sustained-measurements.ts';

const contractOf = (lines: string) => loadContract(`${minimalContract}${lines}\n`).contract;
const promised = (latency: string) => contractOf(`objective: { latency: ${latency} }`);
const none = contractOf('');

const judged = (changes: Partial<Record<keyof CapacityMeasurements, unknown>>, contract = promised('{ p99: 50ms }')) =>
  judgeCapacity({ ...measured, ...changes }, contract);

const sustained = (changes: Partial<SustainedMeasurements>) => ({ sustained: { ...sustainedMeasured, ...changes } });
const candidate = (perSecond: number, ms: number, count = 14) => makeCandidate(perSecond, ms, count);

describe('capacity evidence', () => {
  it('passes with the lower limit, and says of how many horizons', () => {
    expect(judged({})).toEqual({
      verdict: 'pass',
      reasons: [
        'at least 262 requests/s by one replica, below 300 requests/s (14 horizons, 95% sure), inside p99 of 50ms',
      ],
    });
  });

  it('is judged by the objective of the present contract, whatever it was measured for', () => {
    // The rate that misses 50 ms holds 100 ms, so nothing is above.
    expect(judged({}, promised('{ p99: 100ms }')).reasons[0]).toMatch(/^at least 262 requests\/s by one replica \(14/);
    expect(judged({}, promised('{ p99: 42ms }'))).toEqual({
      verdict: 'inconclusive',
      reasons: [
        'not even 262 requests/s is shown to be sustained (14 horizons); 300 requests/s is shown not to be; about 1,920 s more: plimsoll capacity',
      ],
    });
    expect(judged({}, promised('{ p99: 5ms }'))).toMatchObject({
      verdict: 'fail',
      reasons: [expect.stringContaining('even one request at a time has a p99 of at least 11.9')],
    });
    expect(judged({}, promised('{ p99.9: 70ms }'))).toEqual({
      verdict: 'unknown',
      reasons: ['p99.9 was not measured; next: plimsoll capacity'],
    });
  });

  it('of an older version, without horizons, is inconclusive and says what it takes', () => {
    expect(judged({ sustained: undefined })).toEqual({
      verdict: 'inconclusive',
      reasons: [
        'one run held 262 requests/s; an older version measured it, without a lower limit; about 1,920 s more: plimsoll capacity',
      ],
    });
  });

  it('of shorter horizons than the contract asks for is inconclusive', () => {
    const { verdict, reasons } = judged(sustained({ horizonMs: 6_000 }));
    expect([verdict, reasons[0]]).toEqual([
      'inconclusive',
      expect.stringMatching(/^at least 262 .* horizons of 6s, and `objective.horizon` is 2m; about 1,920 s more:/),
    ]);
    const short = contractOf('objective: { latency: { p99: 50ms }, horizon: 6s }');
    expect(judged(sustained({ horizonMs: 6_000 }), short).verdict).toBe('pass');
  });

  it('needs 14 of 14 horizons, and the part of the 5% that the candidate has', () => {
    expect(judged(sustained({ lower: [candidate(262, 45, 13)] })).verdict).toBe('inconclusive');
    const withMiss = { ...candidate(262, 45), horizons: [...candidate(262, 45, 13).horizons, makeHorizon(55)] };
    expect(judged(sustained({ lower: [withMiss] })).verdict).toBe('inconclusive');
    const second = makeCandidate(230, 40, 26, { alphaShare: 0.0025, planned: 27 });
    expect(judged(sustained({ lower: [withMiss, second] })).verdict).toBe('inconclusive');
    const whole = makeCandidate(230, 40, 27, { alphaShare: 0.0025, planned: 27 });
    expect(judged(sustained({ lower: [withMiss, whole] })).reasons[0]).toContain('at least 230 requests/s');
  });

  it('fails when the replica slows down, with what the node showed', () => {
    const probes = Array.from({ length: 15 }, (_, at) => ({ atMs: 1_000 * at, perSecond: 300 - 4 * at }));
    const slowing = sustained({ lower: [{ ...candidate(262, 45), probes }], nodeFacts: ['the clock fell'] });
    expect(judged(slowing)).toEqual({
      verdict: 'fail',
      reasons: ['the replica lost 19% of its throughput while horizons ran, so no rate is sustained (the clock fell)'],
    });
    expect(readCapacity({ ...measured, ...slowing })).toBeNull();
    const busy = sustained({ ...slowing.sustained, isBusy: true });
    expect(judged(busy)).toMatchObject({
      verdict: 'inconclusive',
      reasons: [expect.stringMatching(/^at least 262 .* or other programs took it: measure on a quiet machine; about/)],
    });
    expect(readCapacity({ ...measured, ...busy })?.ratePerSecond).toBe(262);
  });

  it('on a machine that is busy claims no upper limit, and says that more may be possible', () => {
    const busy = { ...measured, ...sustained({ isBusy: true }) };
    expect(judgeCapacity(busy, promised('{ p99: 50ms }'))).toEqual({
      verdict: 'pass',
      reasons: [
        'at least 262 requests/s by one replica (14 horizons, 95% sure), inside p99 of 50ms; more may be possible: other programs took processor time',
      ],
    });
    expect(readCapacity(busy)?.interval).toMatchObject({ lower: 262, upper: null });
  });

  it('is inconclusive when it is not shown that the replica keeps its speed within horizons', () => {
    const growing = candidate(262, 45);
    const horizons = growing.horizons.map((horizon, at) => ({ ...horizon, growth: at % 2 === 0 ? 1.09 : 1.02 }));
    const { verdict, reasons } = judged(sustained({ lower: [{ ...growing, horizons }] }));
    // The middle is 1.0545, and its upper limit a little more: over 0.633 of a horizon.
    expect([verdict, reasons[0]]).toEqual([
      'inconclusive',
      expect.stringMatching(/times within a horizon are too noisy .* may have lost 1[0-3]% .* --horizons 28$/),
    ]);
  });

  it('is inconclusive when throughput is too noisy, and asks for more horizons', () => {
    const probes = Array.from({ length: 15 }, (_, at) => ({
      atMs: 1_000 * at,
      perSecond: 300 * (at % 3 === 0 ? 1 : 1.4),
    }));
    const { verdict, reasons } = judged(sustained({ lower: [{ ...candidate(262, 45), probes }] }));
    expect([verdict, reasons[0]]).toEqual([
      'inconclusive',
      expect.stringMatching(/too noisy .* about 3,360 s more: plimsoll capacity --horizons 28$/),
    ]);
  });

  it('claims no upper limit, and says why no rate was found, where the client was the limit', () => {
    const generator = { ceilingPerSecond: 320, busyShare: 0.2, underWayAtMost: 256 };
    expect(judged(sustained({ generator })).reasons[0]).toBe(
      'at least 262 requests/s by one replica (14 horizons, 95% sure), inside p99 of 50ms; more may be possible: the client reaches only 320 requests/s at a server that computes nothing',
    );
  });

  it('counts a request that failed as late', () => {
    const broken = { ...load(300, 10, 12, 3_000, 300), concurrency: 1, meanBatchRows: null };
    expect(judged({ closed: [broken] })).toMatchObject({
      verdict: 'fail',
      reasons: [expect.stringContaining('none of 300')],
    });
    const failing = {
      ...candidate(262, 45),
      horizons: Array.from({ length: 14 }, () => makeHorizon(45, { quantiles: { p99: null } })),
    };
    expect(judged(sustained({ lower: [failing] })).verdict).toBe('inconclusive');
  });

  it('without an objective holds while nothing fails and the queue is steady', () => {
    const { verdict, reasons } = judged({ objective: null }, none);
    expect([verdict, reasons[0]]).toEqual([
      'pass',
      expect.stringContaining('with no failure and a steady queue, since no `objective.latency` is written'),
    ]);
    // The knee is at 4 under way: 17 are more than four times as many.
    const growing = {
      ...candidate(262, 45),
      horizons: Array.from({ length: 14 }, () => makeHorizon(45, { underWay: 17 })),
    };
    expect(judged(sustained({ lower: [growing] }), none).verdict).toBe('inconclusive');
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
    ['with horizons of no time', sustained({ horizonMs: 0 })],
    [
      'with more failures than requests in a horizon',
      sustained({ lower: [{ ...candidate(262, 45), horizons: [makeHorizon(45, { failed: 3_001 })] }] }),
    ],
    ['with more than the 5%', sustained({ lower: [candidate(262, 45), candidate(230, 40)] })],
    ['with a rate of nothing', sustained({ lower: [candidate(0, 45)] })],
    ['with a probe of nothing', sustained({ lower: [{ ...candidate(262, 45), probes: [{ atMs: 0, perSecond: 0 }] }] })],
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

  it('has both limits, and what they rest on', () => {
    expect(readCapacity(record)?.interval).toEqual({ lower: 262, upper: 300, confidence: 0.95, horizons: 14 });
  });

  it('moves with the objective that is asked about, and is null where no rate is inside it', () => {
    expect(readCapacity(record, { p99: 100 })?.interval).toMatchObject({ lower: 262, upper: null });
    expect(readCapacity(record, { p99: 42 })).toBeNull();
  });

  it('of an older version is the rate of the best run, without limits', () => {
    const old = { ...record, sustained: undefined };
    expect(readCapacity(old, { p99: 42 })?.ratePerSecond).toBeCloseTo(240, 1);
    expect(readCapacity(old, null)?.ratePerSecond).toBeCloseTo(285, 1);
    expect(readCapacity(old, { p99: 5 })).toBeNull();
    expect(readCapacity(old)?.interval).toBeUndefined();
  });
});
