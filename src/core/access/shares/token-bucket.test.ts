import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chargeTokens, readTokens, waitForTokens, type BucketSize } from './token-bucket.ts';

const ten: BucketSize = { perSecond: 10, burst: 10 };

test('an unused bucket is full, and each token takes its time to come back', () => {
  expect(readTokens(-Infinity, ten, 5_000)).toBe(10);
  let fullAtMs = -Infinity;
  for (let n = 0; n < 10; n += 1) fullAtMs = chargeTokens(fullAtMs, ten, 1, 5_000);
  expect(fullAtMs).toBe(6_000);
  expect(readTokens(fullAtMs, ten, 5_000)).toBe(0);
  expect(waitForTokens(fullAtMs, ten, 1, 5_000)).toBe(100);
  expect(waitForTokens(fullAtMs, ten, 5, 5_000)).toBe(500);
  expect(waitForTokens(fullAtMs, ten, 1, 5_100)).toBe(0);
});

test('what costs more than the bucket holds waits for a full one, and is paid back', () => {
  const fullAtMs = chargeTokens(0, ten, 1, 1_000);
  expect(waitForTokens(fullAtMs, ten, 25, 1_000)).toBe(100);
  const owing = chargeTokens(0, ten, 25, 1_100);
  expect(readTokens(owing, ten, 1_100)).toBe(-15);
  expect(waitForTokens(owing, ten, 1, 1_100)).toBe(1_600);
});

test('over any span a bucket lets through at most its burst and its rate', () => {
  const gaps = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(gaps, fc.double({ min: 0.5, max: 50, noNaN: true }), (waits, perSecond) => {
      const size = { perSecond, burst: Math.max(1, perSecond) };
      let [nowMs, fullAtMs] = [0, -Infinity];
      const taken: number[] = [];
      for (const gap of waits) {
        nowMs += gap;
        if (waitForTokens(fullAtMs, size, 1, nowMs) > 0) continue;
        fullAtMs = chargeTokens(fullAtMs, size, 1, nowMs);
        taken.push(nowMs);
      }
      for (const [index, fromMs] of taken.entries()) {
        const count = taken.length - index;
        expect(count).toBeLessThanOrEqual(size.burst + (perSecond * (nowMs - fromMs)) / 1000 + 1e-3);
      }
    }),
  );
});

test('whoever waits as long as told is let in', () => {
  const costs = fc.array(fc.double({ min: 0.1, max: 30, noNaN: true }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(costs, (all) => {
      let [nowMs, fullAtMs] = [0, -Infinity];
      for (const cost of all) {
        nowMs += waitForTokens(fullAtMs, ten, cost, nowMs);
        expect(waitForTokens(fullAtMs, ten, cost, nowMs)).toBe(0);
        fullAtMs = chargeTokens(fullAtMs, ten, cost, nowMs);
      }
    }),
  );
});
