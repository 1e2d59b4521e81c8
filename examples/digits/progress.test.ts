import { expect, test } from 'vitest';
import { progressOn, seconds } from './progress.ts';

function run(isTTY: boolean): string {
  let nowMs = 0;
  let written = '';
  const progress = progressOn({ isTTY, columns: 80, write: (text: string) => (written += text) }, () => nowMs);
  const task = progress.task('model 2');
  for (const [atMs, share] of [
    [2_000, 0.1],
    [6_000, 0.3],
    [20_000, 1],
  ] as const) {
    nowMs = atMs;
    task.report(share, `pass ${share * 10} of 10`);
  }
  progress.done();
  return written;
}

test('without a terminal: a line every five seconds and one at the end, with the time that is left', () => {
  expect(run(false)).toBe('  model 2: pass 3 of 10, about 14 s left\n  model 2: pass 10 of 10, 20 s\n');
});

test('on a terminal one line rewrites itself and is cleared at the end', () => {
  expect(run(true)).toBe(
    'model 2: pass 1 of 10, about 18 s left\r\u001b[Kmodel 2: pass 3 of 10, about 14 s left\r\u001b[K',
  );
});

test('durations', () => {
  expect([400, 9_940, 14_200].map(seconds)).toEqual(['0.4 s', '9.9 s', '14 s']);
});
