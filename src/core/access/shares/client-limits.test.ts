import { expect, test } from 'vitest';
import { chargeBytes, chargeRequest, findReachedLimit, retryAfterSeconds, type ClientUse } from './client-limits.ts';

const unused: ClientUse = { open: 0, requestsFullAtMs: -Infinity, bytesFullAtMs: -Infinity };

test('without limits nothing is refused, and nothing is charged', () => {
  const use = { open: 9_999, requestsFullAtMs: 1e9, bytesFullAtMs: 1e9 };
  expect(findReachedLimit({}, use, 1e9, 0)).toBeNull();
  expect([chargeRequest({}, 7, 0), chargeBytes({}, 7, 1e9, 0)]).toEqual([7, 7]);
});

test.each([
  ['requests', { requestsPerSecond: 4 }, { requestsFullAtMs: 2_000 }, 0, { limit: 'requests', retryAfterMs: 250 }],
  ['requests not used up', { requestsPerSecond: 4 }, { requestsFullAtMs: 1_750 }, 0, null],
  [
    'half a request a second',
    { requestsPerSecond: 0.5 },
    { requestsFullAtMs: 3_000 },
    0,
    { limit: 'requests', retryAfterMs: 2_000 },
  ],
  ['open ones', { concurrent: 3 }, { open: 3 }, 0, { limit: 'concurrent', retryAfterMs: 1_000 }],
  ['one open fewer', { concurrent: 3 }, { open: 2 }, 0, null],
  ['bytes', { bytesPerSecond: 1_000 }, { bytesFullAtMs: 1_600 }, 500, { limit: 'bytes', retryAfterMs: 100 }],
  ['bytes that fit', { bytesPerSecond: 1_000 }, { bytesFullAtMs: 1_600 }, 400, null],
  ['a body beyond a second of bytes', { bytesPerSecond: 1_000 }, {}, 1e6, null],
  [
    'no body while bytes are paid back',
    { bytesPerSecond: 1_000 },
    { bytesFullAtMs: 5_000 },
    0,
    { limit: 'bytes', retryAfterMs: 3_001 },
  ],
] as const)('%s', (_name, limits, use, bytes, expected) => {
  expect(findReachedLimit(limits, { ...unused, ...use }, bytes, 1_000)).toEqual(expected);
});

test('of several limits the one with the longest wait is named', () => {
  const limits = { requestsPerSecond: 1, concurrent: 1, bytesPerSecond: 1_000 };
  const use = { open: 1, requestsFullAtMs: 3_000, bytesFullAtMs: 4_000 };
  expect(findReachedLimit(limits, use, 0, 1_000)).toEqual({ limit: 'bytes', retryAfterMs: 2_001 });
  expect(findReachedLimit(limits, { ...use, bytesFullAtMs: 0 }, 0, 1_000)).toEqual({
    limit: 'requests',
    retryAfterMs: 2_000,
  });
});

test('Retry-After is in whole seconds, at least one, and never too short', () => {
  expect([0, 1, 1_000, 1_001, 61_500].map(retryAfterSeconds)).toEqual([1, 1, 1, 2, 62]);
});
