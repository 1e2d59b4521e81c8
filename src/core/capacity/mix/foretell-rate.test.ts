import { expect, it } from 'vitest';
import { summarizeMix, type MeasuredMix } from '../../evidence/kinds/capacity/request-mix.ts';
import { measuredCapacity } from '../../../testing/builders/capacity-builders.ts';
import { foretellRate } from './foretell-rate.ts';

/** 10 ms a request and 1 ms a row, one at a time. */
const surface = [1, 5, 20, 50].map((rows) => ({
  sizes: { rows },
  concurrency: 1,
  perSecond: 1_000 / (10 + rows),
  requests: 100,
}));
const mix: MeasuredMix = { source: 'text', of: 'rows=20', requests: 1, summary: summarizeMix([{ rows: 20 }]), surface };
const record = JSON.parse(JSON.stringify({ ...measuredCapacity, mix })) as Record<string, unknown>;

it('divides the measured rate by what a request of the other mix costs', () => {
  // 30 ms against 60 ms, and the objective of p99 50 ms holds up to 262 requests a second.
  const told = foretellRate(record, { p99: 50 }, summarizeMix([{ rows: 50 }]));
  if (told.kind !== 'foretold') throw new Error(told.kind);
  expect(told.costRatio).toBeCloseTo(2, 6);
  expect(told.measuredPerSecond).toBeCloseTo(262, 1);
  expect(told.perSecond).toBeCloseTo(131, 1);
  expect(told.errorShare).toBeCloseTo(0, 6);
});

it('says why it tells nothing: no mix, no surface, no rate, or other sizes', () => {
  const other = summarizeMix([{ rows: 50 }]);
  const { mix: _, ...plain } = record;
  expect(foretellRate(plain, { p99: 50 }, other)).toEqual({ kind: 'no-surface' });
  expect(foretellRate({ ...record, mix: { ...mix, surface: [] } }, { p99: 50 }, other)).toEqual({ kind: 'no-surface' });
  expect(foretellRate(record, { p99: 5 }, other)).toEqual({ kind: 'no-rate' });
  const bytes = foretellRate(record, { p99: 50 }, summarizeMix([{ bytes: 50 }]));
  expect(bytes).toEqual({ kind: 'other-sizes', dimension: 'rows' });
});

it('says nothing of sizes that never varied while it was measured', () => {
  const constant = { ...mix, surface: surface.filter(({ sizes }) => sizes.rows === 20).flatMap((one) => [one, one]) };
  const of = { ...record, mix: constant };
  const other = foretellRate(of, { p99: 50 }, summarizeMix([{ rows: 50 }]));
  expect(other).toEqual({ kind: 'other-sizes', dimension: 'rows' });
  expect(foretellRate(of, { p99: 50 }, summarizeMix([{ rows: 20 }]))).toMatchObject({ costRatio: 1 });
});
