import { expect, it } from 'vitest';
import { callWithoutHandles } from '../../testing/rigs/without-handles.ts';

it('a program that cannot be started for want of file handles is a reason, and ends nobody', () => {
  const bounds = '{ timeoutMs: 5_000, mostBytes: 100, signal: new AbortController().signal }';
  const told = callWithoutHandles(
    new URL('./bounded-program.ts', import.meta.url),
    `it.runBounded(process.execPath, ['-e', '0'], ${bounds})`,
  );
  expect(told).toEqual({ kind: 'failed', reason: 'it cannot be run (EMFILE)' });
});
