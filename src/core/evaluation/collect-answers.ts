import { PlimsollError } from '../units/errors.ts';
import { isTexts, rowSize, type NumberValues, type PredictedOutput, type Predictions } from './predictions.ts';

/** One output of an answer to `rows` rows, read from the wire. */
export interface AnsweredOutput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly values: NumberValues | readonly string[];
}

/** Gathers the answers to requests of several rows each, in whatever order they come. */
export interface AnswerCollector {
  /** @throws PlimsollError `answer-unfit` (refused) where an answer does not have the rows that were asked. */
  add(place: { readonly firstRow: number; readonly rows: number }, outputs: readonly AnsweredOutput[]): void;
  /** @throws PlimsollError `answer-unfit` where rows are answered by other outputs than the first. */
  predictions(): Predictions;
}

interface Part {
  readonly firstRow: number;
  readonly rows: number;
  readonly outputs: readonly PartOutput[];
}
interface PartOutput {
  readonly name: string;
  readonly datatype: string;
  readonly rowShape: readonly number[];
  readonly values: NumberValues | readonly string[];
}

/** @param batched false where a request is one row, and the answer need not say so in a first dimension. */
export function answerCollector(batched: boolean): AnswerCollector {
  const parts: Part[] = [];
  return {
    add({ firstRow, rows }, outputs) {
      parts.push({ firstRow, rows, outputs: outputs.map((output) => partOf(output, firstRow, rows, batched)) });
    },
    predictions() {
      parts.sort((a, b) => a.firstRow - b.firstRow);
      const rows = parts.reduce((sum, part) => sum + part.rows, 0);
      const names = parts[0]?.outputs.map(({ name }) => name) ?? [];
      return { rows, outputs: names.map((name) => joined(name, parts, rows)) };
    },
  };
}

function partOf(output: AnsweredOutput, firstRow: number, rows: number, batched: boolean): PartOutput {
  const { name, datatype, shape, values } = output;
  const leads = shape[0] === rows;
  if (!leads && (batched || rows !== 1)) {
    throw unfit(firstRow, `output ${name} has the shape [${shape.join(', ')}] for ${rows} rows`);
  }
  return { name, datatype, rowShape: leads ? shape.slice(1) : shape, values };
}

function joined(name: string, parts: readonly Part[], rows: number): PredictedOutput {
  const found = parts.map(({ outputs, firstRow }) => {
    const output = outputs.find((one) => one.name === name);
    if (output === undefined) throw unfit(firstRow, `output ${name} is missing, which earlier rows had`);
    return output;
  });
  const [first] = found;
  if (first === undefined) return { name, datatype: 'FP32', rowShape: [], lengths: null, values: new Float32Array() };
  const odd = found.findIndex(({ datatype }) => datatype !== first.datatype);
  if (odd !== -1) throw unfit(parts[odd]?.firstRow ?? 0, `output ${name} changes its datatype`);
  const same = found.every(({ rowShape }) => rowShape.join() === first.rowShape.join());
  const lengths = same ? null : new Int32Array(parts.flatMap((part, at) => rowLengths(part.rows, found[at])));
  const values = joinedValues(found, rows);
  return { name, datatype: first.datatype, rowShape: same ? first.rowShape : null, lengths, values };
}

const rowLengths = (rows: number, output: PartOutput | undefined): number[] =>
  new Array<number>(rows).fill(rowSize(output?.rowShape ?? []));

function joinedValues(found: readonly PartOutput[], rows: number): NumberValues | readonly string[] {
  const all = found.map(({ values }) => values);
  if (all.some(isTexts)) return all.flatMap((values) => (isTexts(values) ? [...values] : []));
  const numbers = all as readonly NumberValues[];
  const length = numbers.reduce((sum, values) => sum + values.length, 0);
  const whole = numbers.every((values) => values instanceof Float32Array)
    ? new Float32Array(length)
    : new Float64Array(rows === 0 ? 0 : length);
  let at = 0;
  for (const values of numbers) {
    whole.set(values, at);
    at += values.length;
  }
  return whole;
}

function unfit(row: number, what: string): PlimsollError {
  return new PlimsollError({
    code: 'answer-unfit',
    category: 'refused',
    message: `the answer from row ${row + 1} on does not fit: ${what}`,
    next: 'mend the model or its server: every row needs the same outputs',
    details: { row: row + 1 },
  });
}
