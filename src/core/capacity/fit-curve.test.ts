import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../statistics/random.ts';
import { closedLoopRate } from './closed-loop-rate.ts';
import { fitCurve } from './fit-curve.ts';
import type { ClosedPoint, MeasuredPoints } from './measured-points.ts';
import { replicaPower } from './replica-power.ts';
import type { ServiceCurve } from './service-curve.ts';

const levels = [1, 2, 4, 8, 16, 32];
const slots = (count: number, meanWorkMs: number, slowdownShare = 0): ServiceCurve => ({
  kind: 'slots',
  slots: count,
  meanWorkMs,
  speeds: Array.from({ length: count }, (_, at) => 1 / (1 + slowdownShare * at)),
});
const batch = (rows: number, fixedMs: number, rowMs: number): ServiceCurve => ({
  kind: 'batch',
  batchMs: Array.from({ length: rows }, (_, at) => fixedMs + rowMs * (at + 1)),
  maxDelayMs: 0,
});

/** What closed loops against a curve show, each off by what `noise` says. */
function pointsOf(curve: ServiceCurve, more: Partial<MeasuredPoints> = {}, noise = () => 1): MeasuredPoints {
  const closed = levels.map((concurrency): ClosedPoint => ({
    concurrency,
    perSecond: closedLoopRate(curve, concurrency) * noise(),
    requests: 1_000,
    meanBatchRows: null,
  }));
  return { protocol: 'open-inference-v2', closed, rowsAtOnce: [], batchLimitRows: null, ...more };
}

/**
 * Closed loops against a batch server whose clients take a random moment to come back, so that batches are fewer than the
 * requests under way, as they are with a real one.
 */
function simulatedLoop(
  curve: Extract<ServiceCurve, { kind: 'batch' }>,
  concurrency: number,
  thinkMs: number,
): ClosedPoint {
  const random = seededRandom(concurrency);
  const backMs = Array.from({ length: concurrency }, () => 0);
  let [nowMs, rows, batches] = [0, 0, 0];
  while (nowMs < 60_000) {
    const waiting = backMs.filter((ms) => ms <= nowMs).length;
    if (waiting === 0) {
      nowMs = Math.min(...backMs);
      continue;
    }
    const taken = Math.min(waiting, curve.batchMs.length);
    const ordered = backMs.map((ms, at) => ({ ms, at })).toSorted((a, b) => a.ms - b.ms);
    nowMs += curve.batchMs[taken - 1] ?? NaN;
    for (const { at } of ordered.slice(0, taken)) backMs[at] = nowMs - thinkMs * Math.log(1 - random.nextShare());
    rows += taken;
    batches += 1;
  }
  return { concurrency, perSecond: (1_000 * rows) / nowMs, requests: rows, meanBatchRows: rows / batches };
}

const offBy = (share: number) => {
  const random = seededRandom(7);
  return () => 1 + share * (2 * random.nextShare() - 1);
};

describe('the curve of a server that batches', () => {
  it('is found from closed loops, as far as they went', () => {
    const truth = batch(16, 8, 0.5);
    const { curve, meanErrorShare, because } = fitCurve(pointsOf(truth));
    expect(because).toContain('times as many together');
    expect(curve).toMatchObject({ kind: 'batch', maxDelayMs: 0 });
    if (curve.kind !== 'batch' || truth.kind !== 'batch') throw new Error('it is a batch curve');
    expect(curve.batchMs).toHaveLength(16);
    curve.batchMs.forEach((ms, at) => expect(ms).toBeCloseTo(truth.batchMs[at] ?? NaN, 6));
    expect(meanErrorShare).toBeCloseTo(0, 6);
  });

  it.each([0.01, 0.2])('is found by the batches that it counts, where clients come back %d ms apart', (thinkMs) => {
    const truth = batch(32, 6, 0.25);
    if (truth.kind !== 'batch') throw new Error('it is a batch curve');
    const closed = levels.map((concurrency) => simulatedLoop(truth, concurrency, thinkMs));
    const { curve, because } = fitCurve(pointsOf(truth, { closed, batchLimitRows: 32 }));
    expect(because).toContain('counted batches');
    if (curve.kind !== 'batch') throw new Error('it is a batch curve');
    expect(curve.batchMs).toHaveLength(32);
    curve.batchMs.forEach((ms, at) => expect(Math.abs(ms / (truth.batchMs[at] ?? NaN) - 1)).toBeLessThan(0.05));
  });

  it('goes on to the limit of the server as requests of many rows do', () => {
    const truth = batch(64, 8, 0.5);
    const seen = levels.slice(0, 3);
    const closed = pointsOf(truth).closed.filter(({ concurrency }) => seen.includes(concurrency));
    const rowsAtOnce = [1, 8, 64].map((rows) => ({ rows, requests: 100, meanMs: 5 + 0.25 * rows }));
    const { curve } = fitCurve({ ...pointsOf(truth), closed, rowsAtOnce, batchLimitRows: 64 });
    if (curve.kind !== 'batch') throw new Error('it is a batch curve');
    expect(curve.batchMs[3]).toBeCloseTo(10, 6);
    expect(curve.batchMs[63]).toBeCloseTo(10 + 60 * 0.25, 6);
    const without = fitCurve({ ...pointsOf(truth), closed, batchLimitRows: 64 }).curve;
    if (without.kind !== 'batch') throw new Error('it is a batch curve');
    expect(without.batchMs[63]).toBeCloseTo(8 + 64 * 0.5, 6);
  });
});

describe('the curve of a server that runs requests side by side', () => {
  const fitted = (truth: ServiceCurve, noise = () => 1) => fitCurve(pointsOf(truth, { protocol: 'openai' }, noise));

  it.each([
    ['one at a time', slots(1, 40)],
    ['six, between two levels that were tried', slots(6, 40)],
    ['eight that slow each other down', slots(8, 40, 0.1)],
  ])('is found: %s', (_, truth) => {
    const { curve, meanErrorShare } = fitted(truth);
    if (curve.kind !== 'slots' || truth.kind !== 'slots') throw new Error('they are slots');
    expect(curve.slots).toBe(truth.slots);
    expect(curve.meanWorkMs).toBeCloseTo(40, 6);
    // Lines are drawn between the levels.
    curve.speeds.forEach((speed, at) => expect(Math.abs(speed - (truth.speeds[at] ?? NaN))).toBeLessThan(0.02));
    expect(meanErrorShare).toBeLessThan(0.001);
  });

  it('is that of slots for a server that counts no batch of two, whatever its protocol', () => {
    const closed = pointsOf(slots(1, 40)).closed.map((point) => ({ ...point, meanBatchRows: 1 }));
    const { curve, because } = fitCurve(pointsOf(slots(1, 40), { closed, batchLimitRows: 64 }));
    expect([curve.kind, because]).toEqual(['slots', expect.stringContaining('no batch')]);
  });

  it('is near the truth when every rate is off by up to 3%', () => {
    const { curve, meanErrorShare } = fitted(slots(8, 40), offBy(0.03));
    if (curve.kind !== 'slots') throw new Error('they are slots');
    expect(Math.abs(curve.slots - 8)).toBeLessThanOrEqual(1);
    expect(meanErrorShare).toBeLessThan(0.05);
  });
});

describe('whatever was measured', () => {
  const point = fc.record({
    concurrency: fc.constant(0),
    perSecond: fc.double({ min: 0.01, max: 1e5, noNaN: true }),
    requests: fc.integer({ min: 1, max: 1e5 }),
    meanBatchRows: fc.oneof(fc.constant(null), fc.double({ min: 1, max: 200, noNaN: true })),
  });
  const points = fc.record({
    protocol: fc.constantFrom('open-inference-v2' as const, 'openai' as const),
    closed: fc
      .array(point, { minLength: 1, maxLength: 8 })
      .map((all) => all.map((one, at) => ({ ...one, concurrency: 2 ** at }))),
    rowsAtOnce: fc.array(
      fc.record({
        rows: fc.integer({ min: 1, max: 256 }),
        requests: fc.integer({ min: 1, max: 1e4 }),
        meanMs: fc.double({ min: 0.01, max: 1e4, noNaN: true }),
      }),
      { maxLength: 3 },
    ),
    batchLimitRows: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 300 })),
  });

  it('larger batches are never faster, and more under way never makes one run faster', () => {
    fc.assert(
      fc.property(points, (measured) => {
        const { curve, meanErrorShare } = fitCurve(measured);
        expect(meanErrorShare).toBeGreaterThanOrEqual(0);
        const [first = NaN, ...rest] = curve.kind === 'batch' ? curve.batchMs : curve.speeds.map((speed) => 1 / speed);
        expect(first).toBeGreaterThan(0);
        let before = first;
        for (const value of rest) {
          expect(value).toBeGreaterThanOrEqual(before * (1 - 1e-12));
          before = value;
        }
        if (curve.kind !== 'slots') return;
        expect(curve.speeds).toHaveLength(curve.slots);
        expect(first).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe('a server whose requests take less time the more are under way', () => {
  // Alone a request takes 20 ms, with eight under way 10 ms: 800 answers a second.
  const closed = [20, 15, 12, 10].map((timeMs, at): ClosedPoint => {
    const concurrency = 2 ** at;
    return { concurrency, perSecond: (1_000 * concurrency) / timeMs, requests: 1_000, meanBatchRows: null };
  });

  it.each(['openai', 'open-inference-v2'] as const)(
    'of %s has a curve that promises no more than it did',
    (protocol) => {
      const { curve } = fitCurve({ ...pointsOf(slots(1, 20)), protocol, closed });
      const most = replicaPower({ curve }).mostPerSecond;
      expect(most).toBeLessThanOrEqual(800 * (1 + 1e-9));
      // Nor less than one at a time on each.
      expect(most).toBeGreaterThanOrEqual(400 * (1 - 1e-9));
      const times = curve.kind === 'batch' ? curve.batchMs : curve.speeds.map((speed) => curve.meanWorkMs / speed);
      times.forEach((timeMs, at) => expect(timeMs).toBeGreaterThanOrEqual(times[at - 1] ?? 0));
    },
  );
});
