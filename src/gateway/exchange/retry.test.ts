import { expect, test } from 'vitest';
import { backoffMs } from '../routes/backoff.ts';
import { mayRetry } from './retry.ts';

const broken = { errorCode: 'ECONNRESET', sent: true, sends: 1, maxSends: 2, replayable: true };

test.each([
  ['never sent', { sent: false, errorCode: 'ECONNREFUSED', sends: 0 }, true],
  ['never sent, many times', { sent: false, errorCode: 'UND_ERR_CONNECT_TIMEOUT', sends: 5 }, true],
  ['never sent, but its body is gone', { sent: false, replayable: false }, false],
  ['reset with sends left', {}, true],
  ['closed by the replica with sends left', { errorCode: 'UND_ERR_SOCKET' }, true],
  ['reset for the last time', { sends: 2 }, false],
  ['reset while its body streamed', { replayable: false }, false],
  ['not HTTP', { errorCode: 'HPE_INVALID_CONSTANT' }, false],
])('%s', (_, facts, verdict) => {
  expect(mayRetry({ ...broken, ...facts })).toBe(verdict);
});

test('backoff doubles to its cap, and at most half of it is taken off', () => {
  expect([1, 2, 3, 4, 9].map((failures) => backoffMs(failures, 100, 500, 0))).toEqual([100, 200, 400, 500, 500]);
  expect(backoffMs(3, 100, 500, 0.999)).toBeCloseTo(200, 0);
  expect(backoffMs(10_000, 100, 500, 0)).toBe(500);
});
