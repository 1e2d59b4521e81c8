import { describe, expect, it } from 'vitest';
import { makePolicyInput, makeReplicas } from '../../../../testing/builders/scaling/scaling-builders.ts';
import { plimsollPolicy } from '../plimsoll.ts';
import type { PlimsollState } from '../rest-own.ts';
import { afterClockStep } from './after-clock-step.ts';

const hourMs = 3_600_000;
const signals = {
  arrivalsPerSecond: 8,
  completionsPerSecond: 8,
  inFlight: 8,
  serviceMs: 1_000,
  queueDepth: 0,
  oldestWaitMs: 0,
};
/** As it is remembered after some decisions, with a hold, a promise, and distrust since a while. */
function remembered(): PlimsollState {
  let state = plimsollPolicy.begin(0);
  for (let at = 1; at <= 20; at += 1) {
    const input = makePolicyInput({ atSeconds: 7_200 + 2 * at, signals, replicas: makeReplicas(2) });
    ({ state } = plimsollPolicy.decide(input, state));
  }
  const distrust = {
    sinceMs: 7_210_000,
    feedback: { replicas: 3 },
    kept: 1,
  } as unknown as PlimsollState['doubt']['distrust'];
  const promise = { kind: 'drained', fromMs: 7_230_000, untilMs: 7_300_000, ratePerSecond: 8, arrivals: 0 } as const;
  return {
    ...state,
    hold: { replicas: 4, below: { highest: 2, sinceMs: 7_230_000 } },
    doubt: { ...state.doubt, promise, distrust },
  };
}

describe('what is remembered after the clock went back', () => {
  const before = remembered();
  const [atMs, nowMs] = [hourMs, hourMs + 500];
  const after = afterClockStep(before, atMs, nowMs);

  it('has no moment that is still to come', () => {
    expect(after).toMatchObject({
      history: { seenMs: atMs, openTick: { fromMs: atMs, arrivals: 0 }, lastArrivalMs: atMs },
      hold: { replicas: 4, below: { highest: 2, sinceMs: nowMs } },
      doubt: { promise: null, distrust: { sinceMs: atMs } },
      learned: { starts: { countedMs: nowMs } },
    });
  });

  it('has all else as it was', () => {
    expect(after.history.arrivals).toBe(before.history.arrivals);
    expect(after.history.level).toBe(before.history.level);
    expect(after.chosen).toBe(before.chosen);
    expect(after.learned?.capacity).toBe(before.learned?.capacity);
  });

  it('is the same state where the clock went on, or a reading is late by half a minute at most', () => {
    const seenMs = before.history.seenMs ?? 0;
    for (const at of [seenMs + hourMs, seenMs, seenMs - 30_000]) expect(afterClockStep(before, at, at)).toBe(before);
    const begun = plimsollPolicy.begin(0);
    expect(afterClockStep(begun, atMs, nowMs)).toBe(begun);
  });
});
