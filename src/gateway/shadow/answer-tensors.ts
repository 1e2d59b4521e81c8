import type { GoldenTensor } from '../../core/monitoring/golden.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { tensorFromBinary } from '../../protocols/open-inference/binary-elements.ts';
import { parseDatatype, type Datatype } from '../../protocols/open-inference/datatype.ts';
import { parseJson } from '../../protocols/open-inference/exact-json.ts';
import { goldenTensorOf } from '../../protocols/open-inference/golden-tensor.ts';
import { tensorFromJson } from '../../protocols/open-inference/json-elements.ts';
import { elementCount, isBytesTensor, parseShape } from '../../protocols/open-inference/tensor.ts';

type Elements = GoldenTensor['data'][number][];

/** So many elements of the slowest kind, text, take about two milliseconds to read. */
const elementsAStep = 2_048;

/** One output before its elements are read. */
interface Head {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/**
 * The outputs of an answer of the Open Inference Protocol, read as `parseInferResponse` reads them, in short steps: at
 * once 128 KiB of short numbers held the event loop for 10 ms, and more on a busy machine. The last step returns them. @throws PlimsollError as that one.
 */
export function* readTensors(body: Uint8Array, headerLength: number | null): Generator<null, readonly GoldenTensor[]> {
  const jsonLength = headerLength ?? body.length;
  if (jsonLength > body.length) throw unreadable('its header length is past its end');
  const parsed = parseJson(body.subarray(0, jsonLength), 'the JSON object of the response');
  yield null;
  const outputs = membersOf(parsed.value)['outputs'];
  if (!Array.isArray(outputs)) throw unreadable('it has no outputs');
  const read: GoldenTensor[] = [];
  let offset = jsonLength;
  let spent = 0;
  for (const [index, value] of (outputs as readonly unknown[]).entries()) {
    const output = membersOf(value);
    const name = String(output['name']);
    const datatype = parseDatatype(output['datatype'], name);
    const head = { name, datatype, shape: parseShape(output['shape'], name) };
    const size = membersOf(output['parameters'] ?? {})['binary_data_size'];
    if (typeof size === 'number') {
      if (!(size >= 0 && offset + size <= body.length)) throw unreadable('an output ends past its end');
      read.push(yield* fromBinary(head, body.subarray(offset, offset + size)));
      offset += size;
    } else {
      const exact = (): unknown => (parsed.exact() as { outputs: readonly { data: unknown }[] }).outputs[index]?.data;
      read.push(yield* fromJson(head, output['data'], exact));
    }
    spent += 64 + (read.at(-1)?.data.length ?? 0);
    if (spent < elementsAStep) continue;
    spent = 0;
    yield null;
  }
  return read;
}

function* fromJson(head: Head, data: unknown, exact: () => unknown): Generator<null, GoldenTensor> {
  const { name, datatype, shape } = head;
  const flat = yield* flattened(data, shape);
  const count = elementCount(shape);
  if (flat.length !== count) throw unreadable(`output "${name}" has ${flat.length} elements instead of ${count}`);
  // Asked for only where a double cannot hold an integer, and then once.
  let exactFlat: readonly unknown[] | null = null;
  const exactFrom = (at: number, end: number): unknown => {
    exactFlat ??= (exact() as readonly unknown[]).flat(shape.length) as unknown[];
    return exactFlat.slice(at, end);
  };
  const elements: Elements = [];
  for (let at = 0; at < count; at += elementsAStep) {
    const end = Math.min(at + elementsAStep, count);
    const piece = flat.slice(at, end);
    append(elements, goldenTensorOf(tensorFromJson(name, datatype, [piece.length], piece, () => exactFrom(at, end))));
    yield null;
  }
  return { ...head, data: elements };
}

/** Nested data as one row; flat data as it is. */
function* flattened(data: unknown, shape: readonly number[]): Generator<null, readonly unknown[]> {
  if (!Array.isArray(data)) throw unreadable('the data of an output is no array');
  if (shape.length < 2 || !Array.isArray(data[0])) return data as readonly unknown[];
  const flat: unknown[] = [];
  let sinceStep = 0;
  for (const row of rowsOf(data, shape)) {
    for (const element of row) flat.push(element);
    sinceStep += 16 + row.length;
    if (sinceStep < 4 * elementsAStep) continue;
    sinceStep = 0;
    yield null;
  }
  return flat;
}

/** The innermost rows; every length on the way must be the shape's. */
function* rowsOf(data: unknown, shape: readonly number[]): Generator<readonly unknown[], void> {
  if (!Array.isArray(data) || data.length !== shape[0]) throw unreadable('nested data has another shape than it says');
  if (shape.length === 1) yield data as readonly unknown[];
  else for (const inner of data as readonly unknown[]) yield* rowsOf(inner, shape.slice(1));
}

function* fromBinary(head: Head, bytes: Uint8Array): Generator<null, GoldenTensor> {
  const { name, datatype, shape } = head;
  const whole = tensorFromBinary(name, datatype, shape, bytes);
  yield null;
  const count = elementCount(shape);
  const elements: Elements = [];
  for (let at = 0; at < count; at += elementsAStep) {
    const end = Math.min(at + elementsAStep, count);
    const piece = { name, shape: [end - at] };
    if (isBytesTensor(whole)) {
      append(elements, goldenTensorOf({ ...piece, datatype: 'BYTES', elements: whole.elements.slice(at, end) }));
    } else {
      const width = bytes.length / count;
      append(elements, goldenTensorOf({ ...piece, datatype, bytes: bytes.subarray(at * width, end * width) }));
    }
    yield null;
  }
  return { ...head, data: elements };
}

function append(elements: Elements, { data }: GoldenTensor): void {
  for (const element of data) elements.push(element);
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw unreadable('something of it is no JSON object');
}

function unreadable(why: string): PlimsollError {
  return new PlimsollError({
    code: 'response-invalid',
    category: 'unavailable',
    message: `the answer cannot be read: ${why}`,
  });
}
