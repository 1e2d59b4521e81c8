/**
 * A tiny writer of ONNX files for tests and benchmarks: enough of onnx.proto (schema of ONNX 1.16, 2024) for graphs of
 * named nodes with initializers. Field numbers stand beside each writer.
 */
import { datatypeOf, type OnnxDatatype } from './onnx-datatypes.ts';

export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers?: readonly OnnxInitializer[];
  /** Default 17, which ONNX Runtime 1.12 and newer knows. */
  readonly opset?: number;
}

/** A dimension of text (or -1) is chosen by the caller; equal text means an equal size. */
export interface OnnxValue {
  readonly name: string;
  readonly datatype: OnnxDatatype;
  readonly shape: readonly (number | string)[];
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly ints?: Readonly<Record<string, number>>;
  readonly floats?: Readonly<Record<string, number>>;
}

export interface OnnxInitializer {
  readonly name: string;
  readonly datatype: OnnxDatatype;
  readonly shape: readonly number[];
  /** Row-major little-endian. */
  readonly bytes: Uint8Array;
}

/** @returns the bytes of a `.onnx` file. */
export function writeOnnx(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  return concat([...onnxPieces(graph, [])]);
}

/** Weights that are too large to be held: made piece by piece when they are written. */
export interface LargeInitializer extends Omit<OnnxInitializer, 'bytes'> {
  readonly byteLength: number;
  /** Null where they lie in a file of their own, beside the model. */
  readonly pieces: (() => Iterable<Uint8Array>) | null;
  readonly external?: { readonly location: string; readonly offset: number };
}

/** The bytes of a `.onnx` file in order, so that a file of gigabytes can be written without being held. */
export function* onnxPieces(graph: OnnxGraph, large: readonly LargeInitializer[]): Generator<Uint8Array> {
  const head = concat([
    ...graph.nodes.map((node) => field(1, nodeBytes(node))),
    text(2, 'graph'),
    ...(graph.initializers ?? []).map((tensor) => field(5, tensorBytes(tensor))),
    ...graph.inputs.map((value) => field(11, valueBytes(value))),
    ...graph.outputs.map((value) => field(12, valueBytes(value))),
  ]);
  const heads = large.map(largeHead);
  const sizes = large.map(
    ({ pieces, byteLength }, at) => (heads[at]?.length ?? 0) + (pieces === null ? 0 : byteLength),
  );
  const graphBytes = sizes.reduce((sum, size) => sum + lengthPrefix(5, size).length + size, head.length);
  yield concat([
    integer(1, 8), // ir_version
    text(2, 'plimsoll-test'), // producer_name
    field(8, concat([text(1, ''), integer(2, graph.opset ?? 17)])), // opset_import
    lengthPrefix(7, graphBytes), // graph
    head,
  ]);
  for (const [at, { pieces }] of large.entries()) {
    yield concat([lengthPrefix(5, sizes[at] ?? 0), heads[at] ?? new Uint8Array()]);
    if (pieces !== null) yield* pieces();
  }
}

/** All of a tensor but its raw data. */
function largeHead({ name, datatype, shape, byteLength, pieces, external }: LargeInitializer): Uint8Array {
  const entry = (key: string, value: string): Uint8Array => field(13, concat([text(1, key), text(2, value)]));
  return concat([
    ...shape.map((size) => integer(1, size)),
    integer(2, datatypeOf(datatype)),
    text(8, name),
    ...(external === undefined
      ? []
      : [
          entry('location', external.location),
          entry('offset', String(external.offset)),
          entry('length', String(byteLength)),
          integer(14, 1), // data_location: EXTERNAL
        ]),
    ...(pieces === null ? [] : [lengthPrefix(9, byteLength)]), // raw_data
  ]);
}

/** An initializer from the elements of a typed array. */
export function initializer(
  name: string,
  datatype: OnnxDatatype,
  shape: readonly number[],
  elements: ArrayBufferView,
): OnnxInitializer {
  return {
    name,
    datatype,
    shape,
    bytes: new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength),
  };
}

function nodeBytes(node: OnnxNode): Uint8Array {
  return concat([
    ...node.inputs.map((name) => text(1, name)),
    ...node.outputs.map((name) => text(2, name)),
    text(4, node.op),
    ...Object.entries(node.floats ?? {}).map(([name, value]) => field(5, floatAttribute(name, value))),
    ...Object.entries(node.ints ?? {}).map(([name, value]) => field(5, intAttribute(name, value))),
  ]);
}

function floatAttribute(name: string, value: number): Uint8Array {
  const float = new Uint8Array(5);
  float[0] = (2 << 3) | 5; // f, fixed32
  new DataView(float.buffer).setFloat32(1, value, true);
  return concat([text(1, name), float, integer(20, 1)]);
}

function intAttribute(name: string, value: number): Uint8Array {
  return concat([text(1, name), integer(3, value), integer(20, 2)]);
}

function tensorBytes(tensor: OnnxInitializer): Uint8Array {
  return concat([
    ...tensor.shape.map((size) => integer(1, size)),
    integer(2, datatypeOf(tensor.datatype)),
    text(8, tensor.name),
    field(9, tensor.bytes), // raw_data
  ]);
}

function valueBytes(value: OnnxValue): Uint8Array {
  const dimensions = value.shape.map((size) =>
    field(1, typeof size === 'number' && size >= 0 ? integer(1, size) : text(2, size === -1 ? 'n' : String(size))),
  );
  const tensorType = concat([integer(1, datatypeOf(value.datatype)), field(2, concat(dimensions))]);
  return concat([text(1, value.name), field(2, field(1, tensorType))]);
}

function text(number: number, value: string): Uint8Array {
  return field(number, new TextEncoder().encode(value));
}

function field(number: number, bytes: Uint8Array): Uint8Array {
  return concat([lengthPrefix(number, bytes.length), bytes]);
}

function lengthPrefix(number: number, length: number): Uint8Array {
  return concat([varint((number << 3) | 2), varint(length)]);
}

function integer(number: number, value: number): Uint8Array {
  return concat([varint(number << 3), varint(value)]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
