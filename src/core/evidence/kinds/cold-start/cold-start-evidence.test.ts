import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColdStartSection } from '../../../contract/contract.ts';
import { judgeColdStart } from './cold-start-evidence.ts';
import { phaseGroups } from './start-groups.ts';
import {
  coldStartRecord,
  phaseOrder,
  readColdStart,
  type ColdStartMeasurements,
  type MeasuredStart,
} from './start-measurements.ts';

const start = (totalMs: number, outcome: MeasuredStart['outcome'] = 'ready'): MeasuredStart => ({
  totalMs,
  outcome,
  phases:
    outcome === 'ready'
      ? [
          { phases: ['process-start'], durationMs: totalMs / 4 },
          { phases: ['weights-load', 'engine-init'], durationMs: totalMs / 2 },
        ]
      : [],
});
const times = (count: number, slowest = 1_000): readonly MeasuredStart[] =>
  Array.from({ length: count }, (_, at) => start((slowest * (at + 1)) / count));
const measured = (starts: readonly MeasuredStart[]): ColdStartMeasurements => ({
  coldStartVersion: 1,
  platform: 'local',
  timeoutMs: 60_000,
  tiers: { 'node-disk': { prepared: 'page cache dropped', starts } },
});
const section = (changes: Partial<ColdStartSection> = {}): ColdStartSection => ({
  budget: { p90: 1_000 },
  from: 'node-disk',
  phases: {},
  prePull: false,
  ...changes,
});
const judged = (starts: readonly MeasuredStart[], changes: Partial<ColdStartSection> = {}) =>
  judgeColdStart(coldStartRecord(measured(starts)), { coldStart: section(changes) });

describe('cold-start evidence', () => {
  it('passes from 29 starts on for p90, and says with how many', () => {
    expect(judged(times(29))).toEqual({
      verdict: 'pass',
      reasons: ['p90 at most 1s, within the budget 1s (29 starts from node-disk)'],
    });
  });

  it.each([
    [28, 'p90', '1 start is missing: bounding p90 at 95% takes 29'],
    [9, 'p90', '20 starts are missing: bounding p90 at 95% takes 29'],
    [29, 'p95', '30 starts are missing: bounding p95 at 95% takes 59'],
    [59, 'p99', '240 starts are missing: bounding p99 at 95% takes 299'],
  ] as const)('with %d starts is inconclusive for %s, and says how many are missing', (count, quantile, said) => {
    const { verdict, reasons } = judged(times(count), { budget: { [quantile]: 1_000 } });
    expect([verdict, reasons[0]]).toEqual(['inconclusive', expect.stringContaining(said)]);
  });

  it('fails only when the lower limit is beyond the budget, and is not decided in between', () => {
    expect(judged(times(29), { budget: { p90: 500 } })).toMatchObject({
      verdict: 'fail',
      reasons: [expect.stringMatching(/^p90 at least \d+ms, beyond the budget 500ms/)],
    });
    expect(judged(times(29), { budget: { p90: 990 } })).toMatchObject({
      verdict: 'inconclusive',
      reasons: [expect.stringMatching(/^p90 is between \d+ms and 1s; the budget 990ms is not decided/)],
    });
    // Few starts, and all of them far too slow: more of them are not needed to know that.
    expect(judged([start(5_000), start(6_000)]).verdict).toBe('fail');
  });

  it('counts a failed start as never ready, and one that never ended as longer than all others', () => {
    const one = [...times(28), start(20, 'failed')];
    expect(judged(one)).toMatchObject({
      verdict: 'inconclusive',
      reasons: [expect.stringMatching(/between \d+ms and no known time.*29 starts, 1 of them failed/)],
    });
    const many = [...times(22), ...Array.from({ length: 7 }, () => start(20, 'failed'))];
    expect(judged(many).verdict).toBe('fail');
    // Seven that were ended below the budget say nothing against it; above it they do.
    expect(judged([...times(22), ...Array.from({ length: 7 }, () => start(900, 'running'))]).verdict).toBe(
      'inconclusive',
    );
    expect(judged([...times(22), ...Array.from({ length: 7 }, () => start(9_000, 'running'))])).toMatchObject({
      verdict: 'fail',
      reasons: [expect.stringContaining('7 of them never ended')],
    });
  });

  it('holds each phase to its budget, and merged ones to the sum of theirs', () => {
    const phases = { 'weights-load': { p90: 300 }, 'engine-init': { p90: 200 } };
    expect(judged(times(29), { phases })).toMatchObject({ verdict: 'pass' });
    expect(judged(times(29), { phases: { ...phases, 'engine-init': { p90: 20 } } })).toMatchObject({
      verdict: 'fail',
      reasons: [expect.stringContaining('p90 of weights-load + engine-init')],
    });
    expect(judged(times(29), { phases: { 'process-start': { p90: 10 } } })).toMatchObject({
      verdict: 'fail',
      reasons: [expect.stringContaining('p90 of process-start at least')],
    });
  });

  it('does not say that a phase broke its budget where another without one is measured with it', () => {
    const { verdict, reasons } = judged(times(29), { phases: { 'weights-load': { p90: 20 } } });
    expect([verdict, reasons[0]]).toEqual([
      'inconclusive',
      expect.stringContaining('measured together with engine-init, which has no budget'),
    ]);
  });

  it('is unknown for a budgeted phase that no start tells of, and for another tier', () => {
    expect(judged(times(29), { phases: { 'image-pull': { p90: 100 } } })).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringContaining('no start tells of the phase image-pull')],
    });
    expect(judged(times(29), { from: 'memory' })).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringContaining('no start from memory was measured')],
    });
    expect(judgeColdStart({}, {}).verdict).toBe('unknown');
  });

  it('never gets worse by a faster start', () => {
    const rank = { fail: 0, inconclusive: 1, unknown: 1, pass: 2 };
    const sample = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(sample, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (values, which, factor) => {
        const faster = values.map((value, at) => (at === which % values.length ? value * factor : value));
        const verdict = (each: readonly number[]) => rank[judged(each.map((ms) => start(ms))).verdict];
        expect(verdict(faster)).toBeGreaterThanOrEqual(verdict(values));
      }),
    );
  });
});

describe('what the lock holds of starts', () => {
  it('comes back as it was written, a start a line', () => {
    const phases = fc
      .subarray([...phaseOrder])
      .chain((names) =>
        fc.record({
          names: fc.constant(names),
          cut: fc.nat({ max: names.length }),
          durations: fc.array(fc.nat({ max: 1_000 }), { minLength: 2, maxLength: 2 }),
        }),
      )
      .map(({ names, cut, durations }) =>
        [names.slice(0, cut), names.slice(cut)]
          .filter((group) => group.length > 0)
          .map((group, at) => ({ phases: group, durationMs: (durations[at] ?? 0) / 10 })),
      );
    const starts = fc.array(
      fc.record({ totalMs: fc.integer({ min: 200, max: 9_999 }), outcome: fc.constantFrom('ready', 'failed'), phases }),
      { maxLength: 20 },
    ) as fc.Arbitrary<MeasuredStart[]>;
    fc.assert(
      fc.property(starts, (each) => {
        const record = JSON.parse(JSON.stringify(coldStartRecord(measured(each)))) as Record<string, unknown>;
        expect(readColdStart(record)).toEqual(measured(each));
      }),
    );
  });

  it.each([
    'ready',
    'ready -1',
    'ready 12: weights-load',
    'ready 12: weights-load 1, weights-load 2',
    'ready 12: weights-load + weights-load 2',
    'ready 12: loading 2',
    'ready 1e9',
    'quick 12',
    // A total that was made smaller than its parts.
    'ready 100: process-start 95, weights-load 900',
    12,
    null,
  ])('proves nothing where it was edited: %s', (line) => {
    const tiers = { 'node-disk': { prepared: 'x', starts: [...Array.from({ length: 40 }, () => 'ready 1'), line] } };
    const edited = { ...coldStartRecord(measured([])), tiers };
    expect(judgeColdStart(edited, { coldStart: section() })).toMatchObject({ verdict: 'unknown' });
  });

  it.each([
    { coldStartVersion: 2 },
    { platform: 'cloud' },
    { timeoutMs: 0 },
    { tiers: null },
    { tiers: { attic: { prepared: 'x', starts: [] } } },
    { tiers: { memory: { prepared: 'x', starts: 'ready 1' } } },
  ])('proves nothing of another shape: %j', (change) => {
    expect(readColdStart({ ...coldStartRecord(measured(times(3))), ...change })).toBeNull();
  });
});

it('phases that were merged in one start are one group in all', () => {
  const apart = start(100);
  const told: MeasuredStart = {
    ...apart,
    phases: [
      { phases: ['warm-up'], durationMs: 1 },
      { phases: ['engine-init'], durationMs: 1 },
    ],
  };
  expect(phaseGroups([told, apart])).toEqual([['process-start'], ['weights-load', 'engine-init'], ['warm-up']]);
});
