import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelayMs, decideRestart, defaultRestartPolicy, type EndedRun } from './restart.ts';

const crashed: EndedRun = {
  end: { kind: 'exit', status: 1 },
  ranMs: 400,
  readyForMs: null,
  failuresInRow: 1,
  lastLine: null,
};

describe('decideRestart', () => {
  it('doubles the delay with each failure in a row and says why', () => {
    expect(decideRestart(crashed)).toEqual({
      delayMs: 2_000,
      failuresInRow: 2,
      reason: 'exit status 1 after 0.4 s; next start in 2 s',
    });
  });

  it('quotes the last line that the program wrote', () => {
    expect(decideRestart({ ...crashed, lastLine: 'Error: no model' }).reason).toBe(
      'exit status 1 after 0.4 s: "Error: no model"; next start in 2 s',
    );
  });

  it('quotes each of several lines, and cuts a long one alone', () => {
    const lastLine = `Error: no model\n${'x'.repeat(300)}\n  at load`;
    expect(decideRestart({ ...crashed, lastLine }).reason).toBe(
      `exit status 1 after 0.4 s: "Error: no model | ${'x'.repeat(200)}... |   at load"; next start in 2 s`,
    );
  });

  it('starts at once, and counts from one again, after it stayed ready', () => {
    expect(
      decideRestart({
        ...crashed,
        end: { kind: 'signal', signal: 'SIGKILL' },
        ranMs: 61_000,
        readyForMs: 60_000,
        failuresInRow: 7,
      }),
    ).toEqual({
      delayMs: 0,
      failuresInRow: 1,
      reason: 'signal SIGKILL after 61 s; next start at once',
    });
  });

  it('keeps counting when it was ready only for a moment', () => {
    expect(decideRestart({ ...crashed, readyForMs: 9_999, failuresInRow: 4 }).failuresInRow).toBe(5);
  });

  it('does not claim an exit status that it cannot know', () => {
    expect(decideRestart({ ...crashed, end: { kind: 'unknown' } }).reason).toMatch(/exit status unknown/);
  });

  it('gives the cause as it is when nothing was started', () => {
    expect(decideRestart({ ...crashed, end: { kind: 'not-started', why: 'no free port' } }).reason).toBe(
      'no free port; next start in 2 s',
    );
  });

  it('never waits longer than the cap, and never less after more failures', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 100 }), (failures, more) => {
        const first = backoffDelayMs(failures, defaultRestartPolicy);
        const later = backoffDelayMs(failures + more, defaultRestartPolicy);
        return first <= later && later <= defaultRestartPolicy.maxDelayMs && first >= defaultRestartPolicy.firstDelayMs;
      }),
    );
  });
});
