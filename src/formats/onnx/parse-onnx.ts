import type { Precision } from '../../core/hardware/model/model-facts.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { ByteSource } from '../byte-source.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { notOnnx, onnxInvalid } from './onnx-errors.ts';
import { readOnnxPrecisions } from './precisions.ts';
import { expectWireType, ProtobufReader, type ProtobufField } from './protobuf-reader.ts';
import { readTensor, text, type OnnxTensor } from './tensor.ts';
import { readValueInfo, type OnnxValue } from './value-info.ts';

/** What an ONNX file says of itself without its weights being decoded. */
export interface OnnxModel {
  readonly irVersion: number;
  /** Operator set domain to version; the default domain is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: { readonly name: string; readonly version: string };
  /** Inputs that a caller must give: those that an initializer fills are left out. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Of the graph, its subgraphs and its functions. */
  readonly nodes: number;
  /** Elements of all initializers and constants, of subgraphs and functions too; of a sparse one, its values. */
  readonly parameters: number;
  /** Bytes that these elements take in memory; of text, its bytes in the file. */
  readonly weightsBytes: number;
  /** Precisions that the weights are stored in, or are quantized to; null where the file does not tell. */
  readonly precisions: readonly Precision[] | null;
  /** Files beside the model that hold some of the weights, and how long each must be at least. */
  readonly external: readonly { readonly path: string; readonly tensors: number; readonly bytesAtLeast: number }[];
}

const valuesAtMost = 65_536;
const initializersAtMost = 4_000_000;

interface Walk {
  readonly reader: ProtobufReader;
  irVersion: number | null;
  graphs: number;
  readonly opsets: Map<string, number>;
  producerName: string;
  producerVersion: string;
  readonly inputs: OnnxValue[];
  readonly outputs: OnnxValue[];
  readonly initialized: Set<string>;
  nodes: number;
  parameters: number;
  weightsBytes: number;
  readonly types: Set<string>;
  readonly weightTypes: Set<string>;
  readonly operators: Set<string>;
  readonly external: Map<string, { tensors: number; bytesAtLeast: number }>;
}

/**
 * Reads a model's graph, stepping over its weights, so that a file of many gigabytes takes milliseconds and little memory.
 * Schema: https://github.com/onnx/onnx/blob/main/onnx/onnx-ml.proto (IR version 14).
 * @throws PlimsollError `onnx-invalid`, `onnx-truncated` (input), each with the offset; and whatever `source` throws.
 */
export async function parseOnnx(source: ByteSource): Promise<OnnxModel> {
  if (source.bytes === 0) throw notOnnx('the file is empty');
  const walk: Walk = {
    reader: new ProtobufReader(source),
    irVersion: null,
    graphs: 0,
    opsets: new Map(),
    producerName: '',
    producerVersion: '',
    inputs: [],
    outputs: [],
    initialized: new Set(),
    nodes: 0,
    parameters: 0,
    weightsBytes: 0,
    types: new Set(),
    weightTypes: new Set(),
    operators: new Set(),
    external: new Map(),
  };
  try {
    await walk.reader.eachField(0, source.bytes, (field) => visitModel(walk, field));
  } catch (thrown) {
    // Any bytes begin like some protobuf field; only with an IR version is it a model that was damaged.
    if (walk.irVersion === null && thrown instanceof PlimsollError && thrown.code.startsWith('onnx-')) {
      throw notOnnx('its bytes do not read as one', Number(thrown.details['offset'] ?? 0));
    }
    throw thrown;
  }
  if (walk.irVersion === null) throw notOnnx('it has no IR version');
  if (walk.graphs === 0) throw notOnnx('it has no graph');
  return {
    irVersion: walk.irVersion,
    opsets: Object.fromEntries([...walk.opsets].sort()),
    producer: { name: walk.producerName, version: walk.producerVersion },
    inputs: walk.inputs.filter(({ name }) => !walk.initialized.has(name)),
    outputs: walk.outputs,
    nodes: walk.nodes,
    parameters: walk.parameters,
    weightsBytes: walk.weightsBytes,
    precisions: readOnnxPrecisions(walk),
    external: [...walk.external].map(([path, use]) => ({ path, ...use })),
  };
}

/**
 * The signature of the model in the Open Inference Protocol's words, or why it has none there: an input or output that is
 * no tensor, or of a datatype or rank that the protocol cannot state.
 */
export function onnxSignature(
  model: OnnxModel,
): { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] } | { readonly reason: string } {
  const specs = (values: readonly OnnxValue[]): TensorSpec[] =>
    values.flatMap(({ name, datatype, shape }) =>
      datatype === null || shape === null ? [] : [{ name, datatype, shape }],
    );
  const odd = [...model.inputs, ...model.outputs].find(({ datatype, shape }) => datatype === null || shape === null);
  if (odd === undefined) return { inputs: specs(model.inputs), outputs: specs(model.outputs) };
  return {
    reason: `${odd.name} is ${odd.type}${odd.datatype === null ? ', which the Open Inference Protocol does not have' : ' of a rank that the file does not state'}`,
  };
}

function visitModel(walk: Walk, field: ProtobufField): Promise<void> | undefined {
  switch (field.number) {
    case 1:
      expectWireType(field, 0);
      if (!Number.isSafeInteger(field.value) || field.value < 1)
        throw onnxInvalid('an impossible IR version', field.at);
      walk.irVersion = field.value;
      return undefined;
    case 2:
      return text(walk.reader, field).then((name) => void (walk.producerName = name));
    case 3:
      return text(walk.reader, field).then((version) => void (walk.producerVersion = version));
    case 7:
      expectWireType(field, 2);
      walk.graphs += 1;
      return walk.reader.eachField(field.start, field.end, (inner) => visitGraph(walk, inner, true));
    case 8:
      return visitOpset(walk, field);
    case 25:
      expectWireType(field, 2);
      return walk.reader.eachField(field.start, field.end, (inner) =>
        inner.number === 7 ? visitNode(walk, inner) : undefined,
      );
    default:
      return undefined;
  }
}

function visitGraph(walk: Walk, field: ProtobufField, outermost: boolean): Promise<void> | undefined {
  switch (field.number) {
    case 1:
      return visitNode(walk, field);
    case 5:
      return readTensor(walk.reader, field).then((tensor) => count(walk, tensor, outermost, field.at));
    case 11:
    case 12:
      if (!outermost) return undefined;
      return readValueInfo(walk.reader, field).then((value) => {
        const values = field.number === 11 ? walk.inputs : walk.outputs;
        if (values.length >= valuesAtMost) throw onnxInvalid(`more than ${valuesAtMost} inputs or outputs`, field.at);
        values.push(value);
      });
    case 15:
      return visitSparse(walk, field, outermost);
    default:
      return undefined;
  }
}

function visitNode(walk: Walk, node: ProtobufField): Promise<void> {
  expectWireType(node, 2);
  walk.nodes += 1;
  return walk.reader.eachField(node.start, node.end, (field) => {
    if (field.number === 4) return text(walk.reader, field).then((name) => addBounded(walk.operators, name));
    if (field.number !== 5) return undefined;
    expectWireType(field, 2);
    return walk.reader.eachField(field.start, field.end, (part) => visitAttribute(walk, part));
  });
}

/** A model has some dozens of operators and types; a file that lies has at most so many. */
const namesAtMost = 1_000;

function addBounded(names: Set<string>, name: string): void {
  if (names.size < namesAtMost) names.add(name);
}

/** Constants are attributes, and the bodies of If, Loop and Scan are graphs in attributes. */
function visitAttribute(walk: Walk, field: ProtobufField): Promise<void> | undefined {
  switch (field.number) {
    case 5:
    case 10:
      return readTensor(walk.reader, field).then((tensor) => count(walk, tensor, false, field.at));
    case 6:
    case 11:
      expectWireType(field, 2);
      return walk.reader.eachField(field.start, field.end, (inner) => visitGraph(walk, inner, false));
    case 22:
    case 23:
      return visitSparse(walk, field, false);
    default:
      return undefined;
  }
}

async function visitSparse(walk: Walk, sparse: ProtobufField, outermost: boolean): Promise<void> {
  expectWireType(sparse, 2);
  await walk.reader.eachField(sparse.start, sparse.end, (field) => {
    if (field.number === 1) {
      return readTensor(walk.reader, field).then((values) => count(walk, values, outermost, field.at));
    }
    if (field.number !== 2) return undefined;
    return readTensor(walk.reader, field).then((indices) => void (walk.weightsBytes += indices.dataBytes));
  });
}

function count(walk: Walk, tensor: OnnxTensor, initializes: boolean, at: number): void {
  walk.parameters += tensor.elements;
  walk.weightsBytes += tensor.dataBytes;
  addBounded(walk.types, tensor.datatype);
  if (tensor.rank >= 2) addBounded(walk.weightTypes, tensor.datatype);
  if (initializes) {
    if (walk.initialized.size >= initializersAtMost)
      throw onnxInvalid(`more than ${initializersAtMost} initializers`, at);
    walk.initialized.add(tensor.name);
  }
  if (tensor.external === null) return;
  const { location, endsAtBytes } = tensor.external;
  const use = walk.external.get(location) ?? { tensors: 0, bytesAtLeast: 0 };
  walk.external.set(location, { tensors: use.tensors + 1, bytesAtLeast: Math.max(use.bytesAtLeast, endsAtBytes) });
}

async function visitOpset(walk: Walk, opset: ProtobufField): Promise<void> {
  expectWireType(opset, 2);
  let domain = '';
  let version = 0;
  await walk.reader.eachField(opset.start, opset.end, (field) => {
    if (field.number === 1) return text(walk.reader, field).then((read) => void (domain = read));
    if (field.number === 2) {
      expectWireType(field, 0);
      version = field.value;
    }
    return undefined;
  });
  if (walk.opsets.size < 1_000) walk.opsets.set(domain === '' ? 'ai.onnx' : domain, version);
}
