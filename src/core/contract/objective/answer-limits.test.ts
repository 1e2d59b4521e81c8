import { describe, expect, it } from 'vitest';
import { answerLimitsOf, isInsideObjective } from './answer-limits.ts';

describe('answerLimitsOf', () => {
  it('takes the limit of the highest quantile, whatever order they are written in', () => {
    expect(answerLimitsOf({ latency: { 'p99.9': 900, p50: 100, p99: 250 } })).toEqual({ latencyMs: 900 });
    expect(answerLimitsOf({ latency: { p99: 250 }, ttft: { p95: 40, p50: 10 } })).toEqual({
      latencyMs: 250,
      ttftMs: 40,
    });
  });

  it('has no limits where no latency is promised', () => {
    expect([answerLimitsOf(undefined), answerLimitsOf({ availabilityShare: 0.999 })]).toEqual([null, null]);
  });
});

describe('isInsideObjective', () => {
  const limits = { latencyMs: 250, ttftMs: 40 };
  const answer = (status: number, latencyMs: number, ttftMs: number | null = null) =>
    isInsideObjective({ status, latencyMs, ttftMs }, limits);

  it('holds status, latency and first bytes against the limits; the limit itself is inside', () => {
    expect([answer(200, 250), answer(200, 250.1), answer(400, 1), answer(503, 1)]).toEqual([true, false, false, false]);
    expect([answer(200, 100, 40), answer(200, 100, 41)]).toEqual([true, false]);
  });

  it('asks for the status alone where nothing is promised', () => {
    expect(isInsideObjective({ status: 200, latencyMs: 1e9, ttftMs: 1e9 }, null)).toBe(true);
    expect(isInsideObjective({ status: 404, latencyMs: 1, ttftMs: null }, null)).toBe(false);
  });
});
