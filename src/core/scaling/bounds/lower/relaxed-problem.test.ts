import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aBoundsWorld } from '../../../../testing/builders/bounds-builders.ts';
import { summariseDemand } from './demand-summary.ts';
import { dropInAnyOrder } from './drop-in-any-order.ts';
import type { Grid } from './grid.ts';
import { priceLateness } from './price-lateness.ts';
import { relaxedCost, type RelaxedProblem } from './relaxed-problem.ts';
import { serveInOrder } from './serve-in-order.ts';

const cellMs = 1000;
const arrivals = fc
  .array(fc.record({ atMs: fc.integer({ min: 0, max: 4999 }), workMs: fc.integer({ min: 100, max: 900 }) }), {
    maxLength: 8,
  })
  .map((all) => all.toSorted((a, b) => a.atMs - b.atMs));

function gridOf(cells: number, latencyMs: number): Grid {
  return { cells, cellMs, quantaPerCell: 2, cellsLate: latencyMs / cellMs };
}

function problemOf(kind: 'any' | 'order', world: ReturnType<typeof aBoundsWorld>, leastLevel: number): RelaxedProblem {
  const grid = gridOf(6, world.terms.latencyMs);
  const disposal = (kind === 'any' ? dropInAnyOrder : serveInOrder)(world, summariseDemand(world), grid);
  const startChargesMs = new Float64Array(6).fill(2500);
  return { grid, disposal: disposal!, startChargesMs, leastLevel, mostLevel: 3, initialLevel: 1 };
}

/** Every sequence of levels, one after the other, with the cheapest disposal by trying each; no table of states. */
function bruteForce(problem: RelaxedProblem, priceMs: number, kind: 'any' | 'order'): number {
  const { grid, disposal, leastLevel } = problem;
  let best = Infinity;
  const walk = (cell: number, levels: readonly number[], disposed: number, cost: number): void => {
    if (cost >= best + grid.cellMs * 6) return;
    if (cell === grid.cells) {
      const last = levels[levels.length - 1] ?? 0;
      best = Math.min(best, cost - Math.max(0, last - leastLevel) * grid.cellMs);
      return;
    }
    for (let level = leastLevel; level <= problem.mostLevel; level += 1) {
      const before = levels[levels.length - 1] ?? null;
      const up = before === null ? Math.max(0, level - 1) * 1e12 : Math.max(0, level - before) * 2500;
      const down = before === null ? 0 : Math.max(0, before - level) * grid.cellMs;
      const most = disposal.most[cell + 1]!;
      const now = [...levels, level];
      const zeros = now.length - 1 - now.findLastIndex((each) => each > 0);
      // What was before the first cell counts as level 0 for ever.
      const longZero = zeros > grid.cellsLate || zeros === now.length;
      const served = Math.min(most, disposed + level * grid.quantaPerCell);
      const top = level === problem.mostLevel ? most : served;
      for (let reached = served; reached <= top; reached += 1) {
        const paid = cost + up - down + level * grid.cellMs + ((reached - served) * grid.cellMs) / grid.quantaPerCell;
        for (const [next, lateCost] of settled(problem, cell, reached, level, longZero, priceMs, kind))
          walk(cell + 1, now, next, paid + lateCost);
      }
    }
  };
  walk(0, [], 0, 0);
  return best;
}

/** What `Disposal.settle` allows after one state: asked with a table of that state alone. */
function settled(
  { disposal, mostLevel, leastLevel, grid }: RelaxedProblem,
  cell: number,
  reached: number,
  level: number,
  longZero: boolean,
  priceMs: number,
  kind: 'any' | 'order',
): readonly (readonly [number, number])[] {
  const zeros = leastLevel === 0 ? grid.cellsLate + 1 : 0;
  const firstLevel = Math.max(1, leastLevel);
  const layers = zeros + mostLevel - firstLevel + 1;
  const layer = level === 0 ? (longZero ? zeros - 1 : 0) : level - firstLevel + zeros;
  const least = disposal.least[cell]!;
  const states = disposal.most[cell + 1]! - least + 1;
  const costs = new Float64Array(states * layers).fill(Infinity);
  costs[(reached - least) * layers + layer] = 0;
  const nextLeast = disposal.least[cell + 1]!;
  const nextStates = disposal.most[cell + 1]! - nextLeast + 1;
  const next = {
    costs: new Float64Array(nextStates * layers).fill(Infinity),
    counts: new Float64Array(nextStates * layers),
    least: nextLeast,
    states: nextStates,
  };
  const served = { costs, counts: new Float64Array(states * layers), least, states };
  disposal.settle(cell, served, next, priceMs, { layers, zeros, firstLevel });
  const found: [number, number][] = [];
  for (let state = 0; state < nextStates; state += 1) {
    const cost = next.costs[state * layers + layer]!;
    if (cost < Infinity) found.push([nextLeast + state, cost]);
  }
  expect(kind === 'order' ? found.length : 1).toBe(1);
  return found;
}

describe('the least cost of the relaxed problem', () => {
  it.each(['any', 'order'] as const)('is that of trying every sequence of levels (%s)', (kind) => {
    fc.assert(
      fc.property(
        arrivals,
        fc.constantFrom(1000, 2000),
        fc.constantFrom(0, 300, 5000),
        fc.constantFrom(0, 1),
        (requests, latencyMs, priceMs, leastLevel) => {
          fc.pre(requests.length > 0);
          const world = aBoundsWorld(requests, 6000, { terms: { latencyMs } });
          const problem = problemOf(kind, world, leastLevel);
          expect(relaxedCost(problem, priceMs).costMs).toBeCloseTo(bruteForce(problem, priceMs, kind), 6);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('never rises with more that may be late, nor with a longer latency on the same grid', () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 0, max: 3 }), (requests, late) => {
        fc.pre(requests.length > 0);
        const at = (latencyMs: number, mayBeLate: number): number =>
          priceLateness(problemOf('any', aBoundsWorld(requests, 6000, { terms: { latencyMs } }), 0), mayBeLate);
        const cost = at(1000, late);
        // A search over the price ends within a thousandth.
        expect(at(1000, late + 1)).toBeLessThanOrEqual(cost * 1.001 + 1e-6);
        expect(at(2000, late)).toBeLessThanOrEqual(cost * 1.001 + 1e-6);
      }),
      { numRuns: 60 },
    );
  });
});
