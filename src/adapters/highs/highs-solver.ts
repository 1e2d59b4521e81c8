import * as highsModule from 'highs';
import type { Highs, Model, ModelData } from 'highs';
import type {
  GrowingProgram,
  IntegerSolution,
  LinearColumn,
  LinearProgram,
  LinearSolution,
  LinearSolver,
} from '../../core/packing/linear-program.ts';

/** The package's types are those of its CommonJS build; of the ES module that Node loads, the loader itself is the default. */
const loadHighs = highsModule.default as unknown as typeof highsModule.default.default;

/** Returns a solver of linear and integer programs: HiGHS, compiled to WebAssembly. It works in this thread and blocks it. */
export async function loadHighsSolver(): Promise<LinearSolver> {
  const highs = await loadHighs();
  return {
    open: (program) => openProgram(highs, program),
    solveInteger(program, { timeAtMostMs, gapShare }) {
      if (program.columns.length === 0) {
        return solveWithoutColumns(program) === null ? null : { objective: 0, values: [], optimal: true };
      }
      const model = createModel(highs, program, true);
      try {
        model.options.set('time_limit', timeAtMostMs / 1_000);
        model.options.set('mip_rel_gap', gapShare);
        return readInteger(highs, model);
      } finally {
        model.dispose();
      }
    },
  };
}

function openProgram(highs: Highs, program: LinearProgram): GrowingProgram {
  const model = createModel(highs, program, false);
  return {
    addColumns(columns) {
      if (columns.length > 0) model.addCols(toColumnData(columns, program.rows.length));
    },
    solve() {
      model.run();
      return model.getModelStatus() === highs.constants.modelStatus.empty
        ? solveWithoutColumns(program)
        : readLinear(highs, model);
    },
    close: () => model.dispose(),
  };
}

/** HiGHS gives no answer to a program without columns: its rows all are 0. */
function solveWithoutColumns({ rows }: LinearProgram): LinearSolution | null {
  const possible = rows.every(({ atLeast, atMost }) => atLeast <= 0 && atMost >= 0);
  return possible ? { objective: 0, values: [], duals: rows.map(() => 0) } : null;
}

function createModel(highs: Highs, program: LinearProgram, integer: boolean): Model {
  const model = highs.createModel();
  model.options.set('output_flag', false);
  const { goal, rows, columns } = program;
  const { cost, lower, upper, matrix } = toColumnData(columns, rows.length);
  const data: ModelData = {
    numCols: columns.length,
    numRows: rows.length,
    sense: goal === 'maximise' ? highs.constants.objectiveSense.maximize : highs.constants.objectiveSense.minimize,
    colCost: cost,
    colLower: lower,
    colUpper: upper,
    rowLower: rows.map(({ atLeast }) => atLeast),
    rowUpper: rows.map(({ atMost }) => atMost),
    matrix,
    ...(integer ? { integrality: columns.map(() => highs.constants.variableType.integer) } : {}),
  };
  model.passModel(data);
  return model;
}

function toColumnData(columns: readonly LinearColumn[], rows: number) {
  const starts = [0];
  for (const column of columns) starts.push((starts.at(-1) ?? 0) + column.rows.length);
  return {
    cost: Float64Array.from(columns, ({ objective }) => objective),
    lower: new Float64Array(columns.length),
    upper: Float64Array.from(columns, ({ atMost }) => atMost),
    matrix: {
      format: 'csc' as const,
      numRows: rows,
      numCols: columns.length,
      starts: Int32Array.from(starts),
      indices: Int32Array.from(columns.flatMap((column) => column.rows)),
      values: Float64Array.from(columns.flatMap((column) => column.values)),
    },
  };
}

function readLinear(highs: Highs, model: Model): LinearSolution | null {
  const status = model.getModelStatus();
  const { optimal, infeasible } = highs.constants.modelStatus;
  if (status === infeasible) return null;
  if (status !== optimal) throw new Error(`HiGHS ended a linear program with status ${status}`);
  const { colValue, rowDual } = model.getSolution();
  return { objective: model.getObjectiveValue(), values: [...colValue], duals: [...rowDual] };
}

function readInteger(highs: Highs, model: Model): IntegerSolution | null {
  model.run();
  const status = model.getModelStatus();
  const found = model.info.get('primal_solution_status') === highs.constants.solutionStatus.feasible;
  if (!found) return null;
  const { colValue } = model.getSolution();
  return {
    objective: model.getObjectiveValue(),
    values: [...colValue].map((value) => Math.round(value)),
    optimal: status === highs.constants.modelStatus.optimal,
  };
}
