import { expect, test } from 'vitest';
import type { OutcomeSpan } from './outcomes.ts';
import { latencyBinOf } from '../rollout/judge/latency-bins.ts';
import { measureSharing } from './measure-sharing.ts';

const minute = (index: number, requests: number, latencyMs = 10): OutcomeSpan => ({
  ...{ fromMs: index * 60_000, toMs: (index + 1) * 60_000, requests, failed: 0 },
  latency: requests === 0 ? {} : { [latencyBinOf(latencyMs)]: requests },
});
const indexes = Array.from({ length: 20 }, (_, index) => index);

test('a service that is slower while the other is busy: both means, their counts, and a difference above 0', () => {
  const own = indexes.map((index) => minute(index, 50, index < 10 ? 10 + (index % 2) : 30 + (index % 3)));
  const other = indexes.map((index) => minute(index, index < 10 ? 0 : 5));
  const { idleMinutes, busyMinutes, idleMs, busyMs, difference } = measureSharing(own, other);
  expect([idleMinutes, busyMinutes]).toEqual([10, 10]);
  // Bins are up to 4.4% wide.
  expect(idleMs).toBeCloseTo(10.5, 0);
  expect((busyMs ?? 0) - (idleMs ?? 0)).toBeGreaterThan(18);
  expect(difference?.lowerMs).toBeGreaterThan(15);
  expect(difference?.upperMs).toBeLessThan(25);
});

test('without a difference the limits hold 0', () => {
  const own = indexes.map((index) => minute(index, 50, 10 + (index % 3)));
  const { difference } = measureSharing(
    own,
    indexes.map((index) => minute(index, index % 2)),
  );
  expect(difference?.lowerMs).toBeLessThan(0);
  expect(difference?.upperMs).toBeGreaterThan(0);
});

test('too few minutes of either, minutes without a record of the other, and minutes without an answer tell nothing', () => {
  const own = indexes.map((index) => minute(index, 50));
  const other = indexes.slice(0, 14).map((index) => minute(index, index < 10 ? 0 : 5));
  expect(measureSharing(own, other)).toMatchObject({ idleMinutes: 10, busyMinutes: 4, difference: null });
  expect(measureSharing(own, [])).toEqual({
    ...{ idleMinutes: 0, busyMinutes: 0, idleMs: null, busyMs: null, difference: null },
  });
  expect(
    measureSharing(
      indexes.map((index) => minute(index, 0)),
      other,
    ),
  ).toMatchObject({ idleMinutes: 0 });
});
