import { expect, test } from 'vitest';
import { rollingStatus } from './rolling-status.ts';
import type { Outcome } from './traffic.ts';

const right: Outcome = { ok: true, right: true, latencyMs: 2, release: '2', modelVersion: '2', requestId: 'id' };

function run(isTTY: boolean, outcomes: readonly Outcome[]): string {
  let written = '';
  let nowMs = 0;
  const status = rollingStatus({ isTTY, columns: 200, write: (text: string) => (written += text) }, () => nowMs);
  for (const outcome of outcomes) {
    nowMs += 200;
    status.add(outcome);
  }
  status.end();
  return written;
}

test('on a terminal one line rewrites itself', () => {
  const written = run(
    true,
    Array.from({ length: 10 }, () => right),
  );
  expect(written.split('\n')).toHaveLength(2);
  expect(written).toContain(
    '10 digits sent, 0 without an answer; of the last 10 100.0 % right; p50 2.0 ms, p99 2.0 ms; release 2 (model version 2)',
  );
});

test('elsewhere it says something once a minute', () => {
  const written = run(
    false,
    Array.from({ length: 310 }, () => right),
  );
  expect(written.trim().split('\n')).toHaveLength(3);
});

test('a digit without an answer is shown with its reason while it is the last one', () => {
  const refused: Outcome = { ok: false, error: '503 no replica' };
  expect(run(true, [right, refused])).toContain('2 digits sent, 1 without an answer; the last: 503 no replica');
  expect(run(true, [right, refused, right])).toMatch(
    /3 digits sent, 1 without an answer; of the last 2 .* % right.*\n$/,
  );
});
