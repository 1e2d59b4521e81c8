import { isTexts, rowSize, type PredictedOutput, type Predictions } from '../../core/evaluation/predictions.ts';
import type { NamedValue } from '../../core/monitoring/features/exchange.ts';
import { readRow } from '../../core/monitoring/features/read-row.ts';
import { collectReference, type ReferenceSummary } from '../../core/monitoring/features/reference.ts';
import { goldenInputs } from '../../core/monitoring/golden-inputs.ts';
import type { GoldenTensor } from '../../core/monitoring/golden.ts';
import { canonicalJson } from '../../core/units/digest.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';

/** Rows that a reference is of: more would make no limit narrower that matters. */
const mostRows = 20_000;

export interface ReferenceQuestion {
  readonly rows: AsyncIterable<PlacedRow>;
  readonly inputs: readonly TensorSpec[];
  readonly predictions: Predictions;
}

/** The features of the evaluated rows with what was answered to them, by the same function that reads live requests. */
export async function summarizeReference({ rows, inputs, predictions }: ReferenceQuestion): Promise<ReferenceSummary> {
  const collector = collectReference();
  const outputs = predictions.outputs.map(makeRowReader);
  const stride = Math.ceil(predictions.rows / mostRows);
  let at = 0;
  for await (const { row, line } of rows) {
    if (at >= predictions.rows) break;
    if (at % stride === 0) {
      const asked = goldenInputs(row, inputs, line).map(valueOfTensor);
      const { values, features, cut } = readRow({
        inputs: asked,
        outputs: outputs.map((read) => read(at)),
        status: 200,
      });
      // No row of an evaluation failed: what a live status would be compared with was never measured.
      collector.add({ values, features: features.filter(({ name }) => name !== 'status'), cut });
    }
    at += 1;
  }
  return collector.summary(predictions.rows);
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
