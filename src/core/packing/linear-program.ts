/** A column of a linear program. Its variable lies between 0 and `atMost`. */
export interface LinearColumn {
  readonly objective: number;
  readonly atMost: number;
  /** Coefficients by row; rows in ascending order. */
  readonly rows: readonly number[];
  readonly values: readonly number[];
}

/** The sum over a row's columns lies between `atLeast` and `atMost`; either may be infinite. */
export interface LinearRow {
  readonly atLeast: number;
  readonly atMost: number;
}

export interface LinearProgram {
  readonly goal: 'maximise' | 'minimise';
  readonly rows: readonly LinearRow[];
  readonly columns: readonly LinearColumn[];
}

/** An optimal solution. `duals` say what the objective gains by one more unit of a row's bound. */
export interface LinearSolution {
  readonly objective: number;
  readonly values: readonly number[];
  readonly duals: readonly number[];
}

/** The best integer solution within the limits, and whether it was proven optimal. */
export interface IntegerSolution {
  readonly objective: number;
  readonly values: readonly number[];
  readonly optimal: boolean;
}

/** A program that grows by columns and is solved again from its last basis. */
export interface GrowingProgram {
  addColumns(columns: readonly LinearColumn[]): void;
  /** Returns null where no values satisfy the rows. Throws where the solver fails. */
  solve(): LinearSolution | null;
  close(): void;
}

/** What solves linear and integer programs. No answer of it is believed without a check: see `verifyCertificate`. */
export interface LinearSolver {
  open(program: LinearProgram): GrowingProgram;
  /** Returns null where no integer solution was found within the time. */
  solveInteger(
    program: LinearProgram,
    limits: { readonly timeAtMostMs: number; readonly gapShare: number },
  ): IntegerSolution | null;
}
