import { expect, test } from 'vitest';
import { judgeRun, type Expectation } from './judge.ts';
import { tally } from './tally.ts';
import type { Outcome } from './traffic.ts';

const answer = (right: boolean, latencyMs = 2, release = '2'): Outcome => ({
  ok: true,
  right,
  latencyMs,
  release,
  modelVersion: '2',
  requestId: 'id',
});
const expected: Expectation = { release: '2', right: 980, objective: { quantile: 0.99, latencyMs: 100 } };
const run = (outcomes: readonly Outcome[], wanted = expected): ReturnType<typeof judgeRun> =>
  judgeRun(
    tally(outcomes),
    outcomes.flatMap((outcome) => (outcome.ok ? [outcome.latencyMs] : [])),
    wanted,
  );
const rows = (make: (index: number) => Outcome): Outcome[] => Array.from({ length: 1000 }, (_, index) => make(index));

test('every digit answered by the live release as ONNX Runtime answers it passes, with its reasons', () => {
  const { verdict, reasons } = run(rows((index) => answer(index >= 20)));
  expect(verdict).toBe('pass');
  expect(reasons).toEqual([
    '1000 of 1000 digits were answered',
    'release 2 gave every answer',
    '980 of 1000 right through the gateway, 980 in ONNX Runtime alone',
    '0 of 1000 took longer than 100 ms, seen from this machine; the objective allows 1 %',
  ]);
});

test('one digit without an answer fails', () => {
  const { verdict, reasons } = run(
    rows((index) => (index === 5 ? { ok: false, error: '503 no replica' } : answer(true))),
  );
  expect(verdict).toBe('fail');
  expect(reasons[0]).toContain('503 no replica');
});

test('an answer of another release fails', () => {
  expect(run(rows((index) => answer(index >= 20, 2, index === 500 ? '1' : '2'))).verdict).toBe('fail');
});

test('a served model that answers otherwise than its file fails, a tie or two does not', () => {
  expect(run(rows((index) => answer(index >= 60))).verdict).toBe('fail');
  expect(run(rows((index) => answer(index >= 22))).verdict).toBe('pass');
});

test('slowness is said and not judged: sender and service share the cores', () => {
  const { verdict, reasons } = run(rows((index) => answer(index >= 20, index < 40 ? 500 : 2)));
  expect(verdict).toBe('pass');
  expect(reasons.at(-1)).toContain('40 of 1000 took longer than 100 ms');
});

test('nothing sent is unknown, never pass', () => {
  expect(run([]).verdict).toBe('unknown');
});
