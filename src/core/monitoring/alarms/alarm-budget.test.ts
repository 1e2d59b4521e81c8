import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import {
  acknowledgeAlarm,
  emptyBudget,
  longestTickMs,
  stepBudget,
  type AlarmBudget,
  type BettingTerm,
  type BudgetTick,
} from './alarm-budget.ts';

const rate = { count: 1, perMs: 1_000_000 };
const term = (name: string, weight: number, more: Partial<BettingTerm> = {}): BettingTerm => ({
  id: name,
  name,
  group: 'outputs',
  arm: null,
  weight,
  stakes: 1,
  ...more,
});
const [a, b, c] = [term('a', 0.2), term('b', 0.2), term('c', 0.1)];
const all = term('all', 0.5, { group: null });
const tick = (evidence: BudgetTick['evidence'], terms: readonly BettingTerm[] = [a, b, c, all]): BudgetTick => ({
  elapsedMs: 10_000,
  rate,
  terms,
  evidence,
});

describe('the alarm budget', () => {
  it('gives out elapsed / period of capital before it looks at the evidence of the tick', () => {
    const { budget, alarm } = stepBudget(emptyBudget, tick({ a: [3], all: [1] }));
    expect(alarm).toBeNull();
    expect(budget.injected).toBeCloseTo(0.01, 12);
    expect(budget.capital['a']?.[0]).toBeCloseTo(0.006, 12);
    expect(budget.capital['all']?.[0]).toBeCloseTo(0.005, 12);
    expect(budget.capital['b']).toEqual([0]);
  });

  it('names the feature that holds half of the capital, zeroes all capital, and latches the feature', () => {
    const { budget, alarm } = stepBudget(emptyBudget, tick({ a: [600], b: [10] }));
    expect(alarm).toMatchObject({ kind: 'feature', name: 'a' });
    expect(Object.values(budget.capital).flat()).toEqual([0, 0, 0, 0]);
    const next = stepBudget(budget, tick({ a: [1e9], b: [2] }));
    expect(next.alarm).toBeNull();
    expect(next.budget.capital['a']).toEqual([0]);
    expect(next.budget.capital['b']?.[0]).toBeCloseTo(0.004, 12);
    const again = acknowledgeAlarm(next.budget, { kind: 'feature', name: 'a' });
    expect(stepBudget(again, tick({ a: [600] })).alarm?.name).toBe('a');
  });

  it('names the group where no feature of it holds half, and latches all of the group', () => {
    const { budget, alarm } = stepBudget(emptyBudget, tick({ a: [200], b: [200], c: [250] }));
    expect(alarm).toMatchObject({ kind: 'group', name: 'outputs' });
    expect(stepBudget(budget, tick({ a: [1e9], b: [1e9], c: [1e9] })).alarm).toBeNull();
  });

  it('names the aggregate that holds the most', () => {
    expect(stepBudget(emptyBudget, tick({ all: [400] })).alarm).toMatchObject({ kind: 'aggregate', name: 'all' });
  });

  it('names an arm only where it holds more than half', () => {
    const terms = ['r1', 'r2', 'r3'].map((arm) => term('a', 0.2, { id: arm, arm }));
    expect(stepBudget(emptyBudget, tick({ r1: [900] }, terms)).alarm?.arm).toBe('r1');
    expect(stepBudget(emptyBudget, tick({ r1: [900], r2: [900] }, terms)).alarm?.arm).toBeNull();
  });

  it('gives nothing of a replica that went to the ones that stay', () => {
    const before = stepBudget(emptyBudget, tick({ a: [100], b: [1], c: [1], all: [1] })).budget;
    const after = stepBudget(before, { ...tick({}, [b, c, all]), elapsedMs: 0 }).budget;
    expect(after.capital).toEqual({ b: before.capital['b'], c: before.capital['c'], all: before.capital['all'] });
  });

  it('counts a step of the clock as ten minutes at most, and a step back as nothing', () => {
    expect(stepBudget(emptyBudget, { ...tick({}), elapsedMs: 1e15 }).budget.watchedMs).toBe(longestTickMs);
    for (const elapsedMs of [-1e9, NaN]) {
      expect(stepBudget(emptyBudget, { ...tick({}), elapsedMs }).budget.injected).toBe(0);
    }
  });

  it('takes the capital where a multiplier is no number, and never alarms for it', () => {
    for (const wrong of [NaN, -5]) {
      expect(stepBudget(emptyBudget, tick({ a: [wrong] })).budget.capital['a']).toEqual([0]);
    }
    expect(stepBudget(emptyBudget, tick({ a: [Infinity] })).alarm?.name).toBe('a');
  });

  it('raises no alarm for capital that only piled up', () => {
    let budget = emptyBudget;
    for (let step = 0; step < 300; step += 1) {
      const next = stepBudget(
        budget,
        tick(step % 2 === 0 ? { a: [1], b: [1], c: [1], all: [1] } : { a: [1.01], all: [0.99] }),
      );
      expect(next.alarm).toBeNull();
      budget = next.budget;
    }
    expect(budget.injected).toBeGreaterThan(2.9);
    expect(stepBudget(budget, tick({ a: [50] })).alarm).toMatchObject({ kind: 'feature', name: 'a' });
  });

  it('refuses weights that sum to more than 1, negative weights and one id twice', () => {
    for (const terms of [[term('a', 0.7), term('b', 0.4)], [term('a', -0.1)], [a, a]]) {
      expect(() => stepBudget(emptyBudget, tick({}, terms))).toThrow(
        expect.objectContaining({ code: 'alarm-weights' }),
      );
    }
  });

  it('never has negative capital, and replays to the bit from its JSON', () => {
    const multiplier = fc.double({ min: 0, max: 50, noNaN: true });
    const evidence = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'all'), fc.tuple(multiplier), { maxKeys: 4 });
    const steps = fc.array(fc.record({ evidence, elapsedMs: fc.integer({ min: 0, max: 500_000 }) }), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (list) => {
        let [direct, stored]: AlarmBudget[] = [emptyBudget, emptyBudget];
        for (const { evidence: found, elapsedMs } of list) {
          const before = direct!;
          direct = stepBudget(before, { ...tick(found), elapsedMs }).budget;
          stored = stepBudget(JSON.parse(JSON.stringify(stored)), { ...tick(found), elapsedMs }).budget;
          const capital = Object.values(direct.capital).flat();
          expect(capital.every((each) => each >= 0)).toBe(true);
        }
        expect(JSON.stringify(stored)).toBe(JSON.stringify(direct));
      }),
      { numRuns: 50, seed: 12 },
    );
  });

  it('raises no more alarms than it gave out capital, with fair bets that depend on one another', () => {
    const random = seededRandom(3);
    let budget = emptyBudget;
    for (let step = 0; step < 20_000; step += 1) {
      const sign = random.nextShare() < 0.5 ? 1 : -1;
      const evidence = { a: [1 + 0.8 * sign], b: [1 - 0.8 * sign], c: [1 + 0.5 * sign], all: [1 + 0.9 * sign] };
      budget = acknowledgeAlarm(stepBudget(budget, tick(evidence)).budget, 'all');
    }
    expect(budget.injected).toBeCloseTo(200, 6);
    expect(budget.alarms).toBeGreaterThan(20);
    expect(budget.alarms).toBeLessThan(200 + 3 * Math.sqrt(200));
  });
});
