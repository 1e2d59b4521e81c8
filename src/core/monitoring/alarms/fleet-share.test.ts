import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepShare, shareOfFleet, smallerRate, type KeptShare } from './fleet-share.ts';

const day = 86_400_000;
const daily = { count: 1, perMs: day };
const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `s${index}`);

describe('the share of a service in the false alarms of its environment', () => {
  it('is the same for all without weights', () => {
    const share = shareOfFleet({ falseAlarms: daily }, 's7', names(200));
    expect(share).toEqual({ fleet: daily, services: 200, rate: { count: 1, perMs: 200 * day } });
  });

  it('goes by the weights, and counts a service that is not listed yet', () => {
    const policy = { falseAlarms: { count: 2, perMs: day }, falseAlarmWeights: { fraud: 3, gone: 50 } };
    expect(shareOfFleet(policy, 'fraud', ['digits'])?.rate).toEqual({
      count: 1,
      perMs: Math.ceil((day / 2) * (4 / 3)),
    });
    expect(shareOfFleet(policy, 'digits', ['fraud', 'digits'])?.rate).toEqual({ count: 1, perMs: 2 * day });
  });

  it('is none where the policy states no rate, and takes no weight from a prototype', () => {
    expect(shareOfFleet({}, 'digits', names(2))).toBe(null);
    expect(shareOfFleet({ falseAlarms: daily }, 'constructor', [])?.rate).toEqual(daily);
  });

  it('of all services together is at most the budget, whatever comes and goes', () => {
    const falseAlarmWeights = { s1: 5, s2: 0.25 };
    const presences = fc.array(fc.subarray([...names(6)], { minLength: 1 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(presences, fc.integer({ min: 1, max: day }), (steps, stepMs) => {
        const kept = new Map<string, KeptShare>();
        steps.forEach((present, at) => {
          for (const name of present) {
            const share = shareOfFleet({ falseAlarms: daily, falseAlarmWeights }, name, present);
            const before = kept.get(name);
            const after = keepShare(before, share, at * stepMs);
            if (after === undefined) throw new Error('no share');
            if (before?.period === after.period) expect(after.rate.perMs).toBeGreaterThanOrEqual(before.rate.perMs);
            kept.set(name, after);
          }
          const perDay = present.reduce((sum, name) => sum + day / (kept.get(name)?.rate.perMs ?? 1), 0);
          expect(perDay).toBeLessThanOrEqual(1 + 1e-9);
        });
      }),
      { numRuns: 100, seed: 5 },
    );
  });

  it('rises in the next period only, and not for a clock that steps back', () => {
    const many = shareOfFleet({ falseAlarms: daily }, 's0', names(10));
    const few = shareOfFleet({ falseAlarms: daily }, 's0', names(2));
    const kept = keepShare(undefined, many, 3 * day + 5);
    expect(keepShare(kept, few, 3 * day + 9)).toMatchObject({ services: 2, rate: { perMs: 10 * day } });
    expect(keepShare(kept, few, day)).toMatchObject({ rate: { perMs: 10 * day }, period: 3 });
    expect(keepShare(kept, few, 4 * day)).toMatchObject({ rate: { perMs: 2 * day }, period: 4 });
    expect(keepShare(kept, null, 4 * day)).toBe(undefined);
  });

  it('begins anew with another budget', () => {
    const kept = keepShare(undefined, shareOfFleet({ falseAlarms: daily }, 's0', names(10)), 5);
    const more = shareOfFleet({ falseAlarms: { count: 5, perMs: day } }, 's0', names(10));
    expect(keepShare(kept, more, 6)?.rate).toEqual({ count: 1, perMs: 2 * day });
  });

  it('is used where it is smaller than what the contract says', () => {
    const contract = { count: 1, perMs: 30 * day };
    expect(smallerRate(contract, { count: 1, perMs: 200 * day }).perMs).toBe(200 * day);
    expect(smallerRate(contract, { count: 1, perMs: 2 * day })).toBe(contract);
    expect(smallerRate(contract, undefined)).toBe(contract);
  });
});
