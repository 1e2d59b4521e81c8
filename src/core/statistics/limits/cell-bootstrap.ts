import { accelerationOf, jackknifeGroups, summarise, type BootstrapResult } from './bootstrap.ts';
import { drawBinomial } from '../distributions/draw-binomial.ts';
import type { Random } from '../random.ts';

/**
 * The bootstrap of rows for statistics that see of a row only the cell that it is in (its label and the answers to it): the
 * numbers of rows drawn by cell are multinomial, so that one sample takes as many steps as there are cells, however many rows.
 */
export interface CellBootstrapQuestion {
  /** Rows by cell, each at least one. */
  readonly sizes: Float64Array;
  /** Cell by row. */
  readonly cellOf: Int32Array;
  readonly statistics: number;
  /** As in `BootstrapQuestion`, with one weight per cell. */
  evaluate(weights: Float64Array, wrong: number, right: number, into: Float64Array): void;
  readonly random: Random;
  readonly replicates: number;
}

/** A binomial number takes about as long as so many draws of a row. */
const drawsPerBinomial = 10;
/** Beyond it rows are left out by groups of rows, as in the bootstrap of rows. */
const mostCellsLeftOut = 1_000;

export function* bootstrapCells(question: CellBootstrapQuestion): Generator<number, readonly BootstrapResult[]> {
  const { sizes, cellOf, statistics, evaluate, replicates } = question;
  const values = new Float64Array(statistics);
  evaluate(sizes, 1, 1, values);
  const centres = Float64Array.from(values);
  const accelerations = yield* jackknife(question, values);
  const columns = Array.from({ length: statistics }, () => new Float64Array(replicates));
  const weights = new Float64Array(sizes.length + 2);
  const inner = weights.subarray(0, sizes.length);
  const draw = sizes.length * drawsPerBinomial < cellOf.length ? drawCounts : drawRows;
  const perYield = Math.max(1, Math.floor(2_000_000 / (sizes.length * (statistics + drawsPerBinomial))));
  for (let replicate = 0; replicate < replicates; replicate += 1) {
    draw(question, weights);
    evaluate(inner, weights[sizes.length] as number, weights[sizes.length + 1] as number, values);
    for (let index = 0; index < statistics; index += 1) {
      (columns[index] as Float64Array)[replicate] = values[index] as number;
    }
    if (replicate % perYield === 0) yield (replicate + 1) / replicates;
  }
  return columns.map((column, index) => summarise(column, centres[index] as number, accelerations[index] as number));
}

/** Multinomial by conditional binomials: of the rows that are left to draw, those of the next cell. */
function drawCounts({ sizes, cellOf, random }: CellBootstrapQuestion, weights: Float64Array): void {
  let leftRows = cellOf.length + 2;
  let leftDraws = leftRows;
  for (let cell = 0; cell < weights.length; cell += 1) {
    const size = cell < sizes.length ? (sizes[cell] as number) : 1;
    const drawn = size >= leftRows ? leftDraws : drawBinomial(random, leftDraws, size / leftRows);
    weights[cell] = drawn;
    leftDraws -= drawn;
    leftRows -= size;
  }
}

function drawRows({ sizes, cellOf, random }: CellBootstrapQuestion, weights: Float64Array): void {
  const rows = cellOf.length;
  weights.fill(0);
  for (let draw = 0; draw < rows + 2; draw += 1) {
    const row = random.nextBelow(rows + 2);
    const place = row < rows ? (cellOf[row] as number) : sizes.length + row - rows;
    (weights[place] as number) += 1;
  }
}

/** Rows of one cell have the same influence: one of each is left out, and counts as often as the cell has rows. */
function* jackknife(question: CellBootstrapQuestion, values: Float64Array): Generator<number, Float64Array> {
  const { sizes, cellOf, statistics, evaluate } = question;
  const byCell = sizes.length <= mostCellsLeftOut;
  const groups = byCell ? sizes.length : Math.min(cellOf.length, jackknifeGroups);
  const left = Array.from({ length: statistics }, () => new Float64Array(groups));
  const weights = new Float64Array(sizes.length);
  for (let group = 0; group < groups; group += 1) {
    weights.set(sizes);
    if (byCell) (weights[group] as number) -= 1;
    else for (let row = group; row < cellOf.length; row += groups) (weights[cellOf[row] as number] as number) -= 1;
    evaluate(weights, 1, 1, values);
    left.forEach((column, index) => {
      column[group] = values[index] as number;
    });
    if (group % 20 === 0) yield 0;
  }
  return Float64Array.from(left, (column) => accelerationOf(column, byCell ? sizes : null));
}
