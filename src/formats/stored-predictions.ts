import {
  isTexts,
  rowSize,
  type NumberValues,
  type PredictedOutput,
  type Predictions,
} from '../core/evaluation/predictions.ts';

interface Header {
  readonly predictionsVersion: 1;
  readonly rows: number;
  readonly outputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly rowShape: readonly number[] | null;
    readonly elements: 'float32' | 'float64' | 'text';
    readonly bytes: number;
  }[];
}

/**
 * The blob: one line of JSON, a line feed, then for each output the lengths of its rows (INT32, only where they differ) and
 * its elements, little-endian, or for texts a JSON list. The same predictions are the same bytes.
 */
export function encodePredictions({ rows, outputs }: Predictions): Uint8Array {
  const parts: Uint8Array[] = [];
  const header: Header = {
    predictionsVersion: 1,
    rows,
    outputs: outputs.map(({ name, datatype, rowShape, lengths, values }) => {
      if (lengths !== null) parts.push(bytesOf(lengths));
      const elements = values instanceof Float32Array ? 'float32' : values instanceof Float64Array ? 'float64' : 'text';
      const body = isTexts(values) ? new TextEncoder().encode(JSON.stringify(values)) : bytesOf(values);
      parts.push(body);
      return { name, datatype, rowShape, elements, bytes: body.length };
    }),
  };
  const head = new TextEncoder().encode(`${JSON.stringify(header)}\n`);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, head.length));
  let at = 0;
  for (const part of [head, ...parts]) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Null for bytes that are no predictions of this version. */
export function decodePredictions(bytes: Uint8Array): Predictions | null {
  const end = bytes.indexOf(0x0a);
  const header = readHeader(bytes.subarray(0, Math.max(0, end)));
  if (header === null) return null;
  let at = end + 1;
  const take = (length: number): Uint8Array | null => {
    at += length;
    return at <= bytes.length ? bytes.slice(at - length, at) : null;
  };
  const outputs: PredictedOutput[] = [];
  for (const { name, datatype, rowShape, elements, bytes: size } of header.outputs) {
    const lengths = rowShape === null ? take(header.rows * 4) : null;
    const body = take(size);
    if (body === null || (rowShape === null && lengths === null)) return null;
    const values = valuesIn(body, elements);
    if (values === null) return null;
    outputs.push({
      name,
      datatype,
      rowShape,
      lengths: lengths === null ? null : new Int32Array(lengths.buffer),
      values,
    });
  }
  const predictions = { rows: header.rows, outputs };
  return at === bytes.length && outputs.every((output) => isWhole(output, header.rows)) ? predictions : null;
}

function isWhole({ rowShape, lengths, values }: PredictedOutput, rows: number): boolean {
  if (rowShape !== null) return values.length === rows * rowSize(rowShape);
  return values.length === Array.from(lengths ?? []).reduce((sum, length) => sum + length, 0);
}

function valuesIn(body: Uint8Array, elements: unknown): NumberValues | readonly string[] | null {
  if (elements === 'float32') return body.length % 4 === 0 ? new Float32Array(body.buffer as ArrayBuffer) : null;
  if (elements === 'float64') return body.length % 8 === 0 ? new Float64Array(body.buffer as ArrayBuffer) : null;
  const texts = parsed(body);
  return Array.isArray(texts) && texts.every((text) => typeof text === 'string') ? texts : null;
}

function readHeader(bytes: Uint8Array): Header | null {
  const value = parsed(bytes) as Partial<Header> | null;
  if (value?.predictionsVersion !== 1 || !isCount(value.rows) || !Array.isArray(value.outputs)) return null;
  const whole = (value.outputs as readonly Partial<Header['outputs'][number]>[]).every(
    ({ name, datatype, rowShape, bytes: size }) =>
      typeof name === 'string' &&
      typeof datatype === 'string' &&
      isCount(size) &&
      (rowShape === null || (Array.isArray(rowShape) && rowShape.every(isCount))),
  );
  return whole ? (value as Header) : null;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}

/** The machines that ONNX Runtime runs on are little-endian, and so are typed arrays there. */
const bytesOf = (values: NumberValues | Int32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
