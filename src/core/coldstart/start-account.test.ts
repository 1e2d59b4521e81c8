import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accountStart, describeStart, type TimedPhases } from './start-account.ts';

const phase = (name: TimedPhases['phases'][number], startMs: number, durationMs: number): TimedPhases => ({
  phases: [name],
  startMs,
  durationMs,
});

describe('accountStart', () => {
  test('what no phase explains is its own figure', () => {
    const account = accountStart([phase('warm-up', 60, 20), phase('process-start', 0, 50)], 100);
    expect(account.phases.map((each) => each.phases)).toEqual([['process-start'], ['warm-up']]);
    expect(account).toMatchObject({ accountedMs: 70, unaccountedMs: 30 });
  });

  test('overlapping phases count once, and what lies past ready not at all', () => {
    expect(accountStart([phase('weights-load', 0, 60), phase('engine-init', 40, 40)], 70)).toMatchObject({
      accountedMs: 70,
      unaccountedMs: 0,
    });
  });

  test('accounted and unaccounted always add up to the whole', () => {
    const time = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(time, time)), time, (spans, readyAfterMs) => {
        const account = accountStart(
          spans.map(([startMs, durationMs]) => phase('warm-up', startMs, durationMs)),
          readyAfterMs,
        );
        expect(account.accountedMs + account.unaccountedMs).toBeCloseTo(readyAfterMs, 3);
        expect(account.unaccountedMs).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test('describeStart names merged phases as one', () => {
  const account = accountStart([{ phases: ['weights-load', 'engine-init'], startMs: 0, durationMs: 90 }], 100);
  expect(describeStart(account)).toBe('ready after 100 ms: weights-load + engine-init 90 ms, other 10 ms');
});
