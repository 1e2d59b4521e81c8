import { describe, expect, it } from 'vitest';
import { latencyBinOf } from '../rollout/judge/latency-bins.ts';
import { addOutcomes, countLate, countTimed, noOutcomes, outcomesSince, quantileOf } from './outcomes.ts';

describe('counters that a gateway tells', () => {
  it('give what came since the last report', () => {
    const before = { requests: 10, failed: 2, latency: { 5: 8 } };
    const now = { requests: 15, failed: 3, latency: { 5: 9, 7: 3 } };
    expect(outcomesSince(before, now)).toEqual({ requests: 5, failed: 1, latency: { 5: 1, 7: 3 } });
  });

  it('that fell add nothing, and no more fails than was asked', () => {
    const before = { requests: 100, failed: 50, latency: { 5: 50 } };
    expect(outcomesSince(before, noOutcomes)).toEqual(noOutcomes);
    expect(outcomesSince(noOutcomes, { requests: 1, failed: 1_000_000, latency: {} }).failed).toBe(1);
    expect(addOutcomes([{ requests: 2, failed: 9, latency: {} }]).failed).toBe(2);
  });
});

describe('how long answers took', () => {
  const slow = { requests: 10, failed: 0, latency: { [latencyBinOf(40)]: 9, [latencyBinOf(80)]: 1 } };

  it('counts as late only what surely was', () => {
    expect([countLate(slow, 40), countLate(slow, 50), countLate(slow, 90)]).toEqual([1, 1, 0]);
  });

  it('of first tokens are counted apart, and are absent where none was streamed', () => {
    const before = { requests: 2, failed: 0, latency: { 9: 2 }, ttft: { 3: 2 } };
    const now = { requests: 5, failed: 0, latency: { 9: 5 }, ttft: { 3: 2, 8: 1 } };
    const more = outcomesSince(before, now);
    expect(more).toEqual({ requests: 3, failed: 0, latency: { 9: 3 }, ttft: { 8: 1 } });
    expect(outcomesSince(noOutcomes, now).ttft).toEqual(now.ttft);
    expect(outcomesSince(before, { ...before, requests: 9 })).not.toHaveProperty('ttft');
    expect(addOutcomes([more, slow, before]).ttft).toEqual({ 3: 2, 8: 1 });
    expect([countTimed(more, 'ttft'), countTimed(slow, 'ttft'), countLate(more, 0.12, 'ttft')]).toEqual([1, 0, 1]);
  });

  it('has quantiles, also where the slowest is beyond every bin', () => {
    expect(quantileOf(noOutcomes, 0.5)).toBeNull();
    expect(quantileOf(slow, 0.5)).toBeGreaterThanOrEqual(40);
    expect(quantileOf({ requests: 1, failed: 0, latency: { [latencyBinOf(1e12)]: 1 } }, 0.99)).toBeLessThan(Infinity);
  });
});
