import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isTexts, rowSize, type PredictedOutput, type Predictions } from '../../core/evaluation/predictions.ts';
import type { FeatureProgram } from '../../core/contract/contract.ts';
import { exchangeLine, withCustomFeatures } from '../../core/monitoring/features/custom-features.ts';
import type { DecodedExchange, NamedValue } from '../../core/monitoring/features/exchange.ts';
import { readRow } from '../../core/monitoring/features/read-row.ts';
import { collectReference, type ReferenceSummary } from '../../core/monitoring/features/reference.ts';
import { collectSlices } from '../../core/monitoring/slices/slice-reference.ts';
import { goldenInputs } from '../../core/monitoring/golden-inputs.ts';
import type { GoldenTensor } from '../../core/monitoring/golden.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { canonicalJson } from '../../core/units/digest.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';
import type { FeatureRunner } from '../features/compute-features.ts';

/** Rows that a reference is of: more would make no limit narrower that matters. */
const mostRows = 20_000;

export interface ReferenceQuestion {
  readonly rows: AsyncIterable<PlacedRow>;
  readonly inputs: readonly TensorSpec[];
  readonly predictions: Predictions;
  /** Features whose values get a reference each; left out or empty where the contract names none. */
  readonly slices?: readonly string[];
  /** The programs of the contract's features, and what runs them; left out or null where it names none. */
  readonly custom?: { readonly programs: readonly FeatureProgram[]; readonly runner: FeatureRunner } | null;
}

/** Rows that programs are asked for at once, and how long that may take beside the limit of a single row. */
const [rowsAtOnce, rowsWithinMs] = [1_000, 3_600_000];

/**
 * The features of the evaluated rows with what was answered to them, by the same function and programs that read live requests.
 * @throws PlimsollError `features-failed` (input) where a program fails: a part of the rows is no reference.
 */
export async function summarizeReference({
  rows,
  inputs,
  predictions,
  custom,
  slices: by = [],
}: ReferenceQuestion): Promise<ReferenceSummary> {
  const collector = collectReference();
  const slices = collectSlices(by);
  const waiting: DecodedExchange[] = [];
  const take = async (exchanges: readonly DecodedExchange[]): Promise<void> => {
    const computed = await custom?.runner.compute(exchanges.map(exchangeLine), rowsWithinMs);
    const [failed] = Object.entries(computed?.failures ?? {});
    if (failed !== undefined) throw featuresFailed(...failed);
    for (const [index, exchange] of exchanges.entries()) {
      const row = withCustomFeatures(readRow(exchange), custom?.programs ?? [], computed?.rows[index] ?? {});
      // No row of an evaluation failed: what a live status would be compared with was never measured.
      const answered = { ...row, features: row.features.filter(({ name }) => name !== 'status') };
      collector.add(answered);
      slices.add(answered);
    }
  };
  const outputs = predictions.outputs.map(makeRowReader);
  const stride = Math.ceil(predictions.rows / mostRows);
  let at = 0;
  for await (const { row, line } of rows) {
    if (at >= predictions.rows) break;
    if (at % stride === 0) {
      const asked = goldenInputs(row, inputs, line).map(valueOfTensor);
      waiting.push({ inputs: asked, outputs: outputs.map((read) => read(at)), status: 200 });
      if (waiting.length === rowsAtOnce) await take(waiting.splice(0));
    }
    at += 1;
  }
  await take(waiting);
  const summary = collector.summary(predictions.rows);
  return by.length === 0 ? summary : { ...summary, slices: slices.slices() };
}

function featuresFailed(program: string, because: string): PlimsollError {
  return new PlimsollError({
    code: 'features-failed',
    category: 'input',
    message: `${program} computes no features: ${because}`,
    next: nextStep(proveSteps, 'features-failed'),
  });
}

/** Canonical JSON and a line feed: the file and the blob are the same bytes, so that either can be made of the other. */
export function referenceBytes(summary: ReferenceSummary): Uint8Array {
  return new TextEncoder().encode(`${canonicalJson(summary)}\n`);
}

function valueOfTensor({ name, datatype, shape, data }: GoldenTensor): NamedValue {
  return datatype === 'BYTES'
    ? { name, kind: 'texts', values: data.map(String) }
    : { name, kind: 'numbers', shape, data: data.map(Number) };
}

/** Reads the rows of an output; each row has the place that the rows before leave it. */
function makeRowReader({ name, rowShape, lengths, values }: PredictedOutput): (row: number) => NamedValue {
  const starts = lengths === null ? null : startsOf(lengths);
  const size = rowSize(rowShape ?? []);
  return (row) => {
    const length = lengths?.[row] ?? size;
    const start = starts?.[row] ?? row * size;
    if (isTexts(values)) return { name, kind: 'texts', values: values.slice(start, start + length) };
    const shape = [1, ...(rowShape ?? [length])];
    return { name, kind: 'numbers', shape, data: values.subarray(start, start + length) };
  };
}

function startsOf(lengths: Int32Array): Float64Array {
  const starts = new Float64Array(lengths.length);
  for (let row = 1; row < lengths.length; row += 1) starts[row] = (starts[row - 1] ?? 0) + (lengths[row - 1] ?? 0);
  return starts;
}
