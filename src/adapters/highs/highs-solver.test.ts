import { beforeAll, describe, expect, it } from 'vitest';
import type { LinearProgram, LinearSolver } from '../../core/packing/linear-program.ts';
import { loadHighsSolver } from './highs-solver.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

/** 30 chairs + 50 tables at most, with 40 hours (1 and 2 each) and 30 boards (1 and 1 each). */
const workshop: LinearProgram = {
  goal: 'maximise',
  rows: [
    { atLeast: -Infinity, atMost: 40 },
    { atLeast: -Infinity, atMost: 30 },
  ],
  columns: [
    { objective: 30, atMost: Infinity, rows: [0, 1], values: [1, 1] },
    { objective: 50, atMost: Infinity, rows: [0, 1], values: [2, 1] },
  ],
};

describe('a linear program', () => {
  it('is solved with its duals: what one more hour and one more board are worth', () => {
    const program = solver.open(workshop);
    expect(program.solve()).toEqual({ objective: 1_100, values: [20, 10], duals: [20, 10] });
    program.close();
  });

  it('grows by columns', () => {
    const program = solver.open(workshop);
    program.solve();
    program.addColumns([{ objective: 100, atMost: 5, rows: [0], values: [1] }]);
    program.addColumns([]);
    expect(program.solve()).toMatchObject({ objective: 500 + 900 + 100, values: [25, 5, 5] });
    program.close();
  });

  it('minimises, with duals of what is asked for', () => {
    const program = solver.open({
      goal: 'minimise',
      rows: [{ atLeast: 6, atMost: Infinity }],
      columns: [{ objective: 3, atMost: Infinity, rows: [0], values: [2] }],
    });
    expect(program.solve()).toEqual({ objective: 9, values: [3], duals: [1.5] });
    program.close();
  });

  it('has no solution where rows contradict each other', () => {
    const contradictory = { ...workshop, rows: [{ atLeast: 50, atMost: 60 }, ...workshop.rows.slice(1)] };
    const program = solver.open({
      ...contradictory,
      columns: workshop.columns.map((each) => ({ ...each, atMost: 1 })),
    });
    expect(program.solve()).toBeNull();
    program.close();
  });

  it('is all zero without columns, where zero satisfies the rows', () => {
    const program = solver.open({ ...workshop, columns: [] });
    expect(program.solve()).toEqual({ objective: 0, values: [], duals: [0, 0] });
    program.close();
    const asked = solver.open({ goal: 'minimise', rows: [{ atLeast: 1, atMost: 2 }], columns: [] });
    expect(asked.solve()).toBeNull();
    asked.close();
  });
});

describe('an integer program', () => {
  const limits = { timeAtMostMs: 10_000, gapShare: 0 };

  it('is solved in whole numbers', () => {
    const odd = { ...workshop, rows: [{ atLeast: -Infinity, atMost: 39 }, ...workshop.rows.slice(1)] };
    expect(solver.solveInteger(odd, limits)).toEqual({ objective: 1_080, values: [21, 9], optimal: true });
  });

  it('is all zero without columns', () => {
    expect(solver.solveInteger({ ...workshop, columns: [] }, limits)).toEqual({
      objective: 0,
      values: [],
      optimal: true,
    });
  });

  it('has no solution where none is whole', () => {
    const program: LinearProgram = {
      goal: 'minimise',
      rows: [{ atLeast: 1, atMost: 1 }],
      columns: [{ objective: 1, atMost: 5, rows: [0], values: [2] }],
    };
    expect(solver.solveInteger(program, limits)).toBeNull();
  });
});
