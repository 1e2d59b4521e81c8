import { expect, it } from 'vitest';
import { callWithoutHandles } from '../../testing/rigs/without-handles.ts';

it('a trial that cannot be started for want of file handles is a reason, and ends nobody', () => {
  const told = callWithoutHandles(
    new URL('./run-trial.ts', import.meta.url),
    `it.runTrial('/nowhere.mjs', [], { timeoutMs: 5_000, signal: new AbortController().signal })`,
  );
  expect(told).toEqual({ checks: [], devices: [], failure: 'it cannot be run (EMFILE)' });
});
