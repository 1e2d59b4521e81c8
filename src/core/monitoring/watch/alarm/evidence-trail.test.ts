import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyBudget, type BettingTerm } from '../../alarms/alarm-budget.ts';
import { addToTrail, trailPointOf, trailPointsAtMost, type TrailPoint } from './evidence-trail.ts';

const point = (atMs: number, statistic = 0.1): TrailPoint => ({ atMs, statistic, most: [] });
const grow = (points: readonly TrailPoint[]): readonly TrailPoint[] =>
  points.reduce<readonly TrailPoint[]>((trail, each) => addToTrail(trail, each), []);

describe('the evidence over time', () => {
  it('names the six that hold the most, and counts a feature once however many processes bet on it', () => {
    const term = (id: string, name: string): BettingTerm => ({
      id,
      name,
      group: 'g',
      arm: null,
      weight: 0.1,
      stakes: 2,
    });
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const terms = [...names.map((name) => term(name, name)), term('a-again', 'a')];
    const capital = Object.fromEntries(terms.map(({ id }, at) => [id, [at / 100, 0.001]]));
    const made = trailPointOf({ ...emptyBudget, capital }, terms, null, 7);
    expect(made.most.map(({ name }) => name)).toEqual(['a', 'g', 'f', 'e', 'd', 'c']);
    expect(made.most[0]?.capital).toBeCloseTo(0.072, 12);
    expect(made).toMatchObject({ atMs: 7, statistic: 0.288 });
  });

  it('tells the capital at the crossing, not the nothing that is left after it', () => {
    const alarm = { kind: 'feature', name: 'a', arm: null, statistic: 1.25, share: 0.8 } as const;
    expect(trailPointOf(emptyBudget, [], alarm, 3)).toEqual({
      ...{ atMs: 3, statistic: 1.25, most: [{ name: 'a', capital: 1 }] },
      alarm: { kind: 'feature', name: 'a' },
    });
  });

  it('keeps near points close and far ones apart, the first and the newest among them', () => {
    const trail = grow(Array.from({ length: 20_000 }, (_, at) => point(at * 2_000)));
    expect(trail).toHaveLength(trailPointsAtMost);
    expect(trail.at(-1)?.atMs).toBe(19_999 * 2_000);
    const nowMs = 19_999 * 2_000;
    const gapAt = (ageMs: number): number => {
      const at = trail.findLastIndex(({ atMs }) => atMs <= nowMs - ageMs);
      return (trail[at + 1]?.atMs ?? 0) - (trail[at]?.atMs ?? 0);
    };
    expect(gapAt(10_000)).toBe(2_000);
    expect(gapAt(36_000_000)).toBeGreaterThan(50 * gapAt(60_000));
    expect(nowMs - (trail[0]?.atMs ?? 0)).toBeGreaterThan(0.5 * nowMs);
  });

  it('loses no alarm and no peak to time', () => {
    const alarm = { kind: 'feature', name: 'a' } as const;
    const trail = grow(
      Array.from({ length: 3_000 }, (_, at) =>
        at === 700 ? { ...point(at, 1.5), alarm } : point(at, at === 900 ? 0.9 : 0.1),
      ),
    );
    expect(trail.find(({ alarm: raised }) => raised !== undefined)).toMatchObject({ atMs: 700, statistic: 1.5 });
    expect(trail.some(({ statistic }) => statistic === 0.9)).toBe(true);
  });

  it('stays in order and bounded whatever the clock does, and replays to the bit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.double({ min: 0, max: 2, noNaN: true })), {
          maxLength: 400,
        }),
        (steps) => {
          const points = steps.map(([atMs, statistic]) => point(atMs, statistic));
          const trail = grow(points);
          expect(trail.length).toBeLessThanOrEqual(trailPointsAtMost);
          expect(trail.every(({ atMs }, at) => at === 0 || atMs > (trail[at - 1]?.atMs ?? 0))).toBe(true);
          expect(JSON.stringify(grow(JSON.parse(JSON.stringify(points))))).toBe(JSON.stringify(trail));
        },
      ),
      { numRuns: 50, seed: 12 },
    );
  });
});
