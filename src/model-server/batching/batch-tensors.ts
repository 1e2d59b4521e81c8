import type { EngineTensor } from '../../ports/serving/inference-engine.ts';
import { isBytesTensor, type WireTensor } from '../../protocols/open-inference/tensor.ts';

/** The rows of several requests, one below the other. Each list holds the same inputs in the same order. */
export function joinInputs(requests: readonly (readonly WireTensor[])[], rows: number): readonly EngineTensor[] {
  const [first, ...others] = requests;
  if (first === undefined) return [];
  if (others.length === 0) return first;
  return first.map((tensor, index) => {
    const shape = [rows, ...tensor.shape.slice(1)];
    const parts = requests.map((inputs) => inputs[index] ?? tensor);
    if (isBytesTensor(tensor)) {
      const elements = parts.flatMap((part) => (isBytesTensor(part) ? part.elements : []));
      return { name: tensor.name, datatype: 'BYTES', shape, elements };
    }
    return { name: tensor.name, datatype: tensor.datatype, shape, bytes: joinBytes(parts) };
  });
}

function joinBytes(parts: readonly WireTensor[]): Uint8Array {
  let size = 0;
  for (const part of parts) if (!isBytesTensor(part)) size += part.bytes.length;
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    if (isBytesTensor(part)) continue;
    joined.set(part.bytes, offset);
    offset += part.bytes.length;
  }
  return joined;
}

/** True when every output has one row for each row that went in; else the model's first dimension is no batch. */
export function hasRows(outputs: readonly EngineTensor[], rows: number): boolean {
  return outputs.every((output) => output.shape[0] === rows);
}

/** One request's rows of a batch's outputs, as views. */
export function sliceOutputs(outputs: readonly WireTensor[], start: number, rows: number): readonly WireTensor[] {
  return outputs.map((output) => {
    const total = output.shape[0] ?? 1;
    const shape = [rows, ...output.shape.slice(1)];
    if (isBytesTensor(output)) {
      const width = output.elements.length / total;
      return { ...output, shape, elements: output.elements.slice(start * width, (start + rows) * width) };
    }
    const width = output.bytes.length / total;
    return { ...output, shape, bytes: output.bytes.subarray(start * width, (start + rows) * width) };
  });
}
