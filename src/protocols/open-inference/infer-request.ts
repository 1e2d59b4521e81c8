import { PlimsollError } from '../../core/units/errors.ts';
import { binaryOf, binarySize, tensorFromBinary } from './binary-elements.ts';
import { describe, parseDatatype, type Datatype } from './datatype.ts';
import { parseJson, type ParsedJson } from './exact-json.ts';
import { tensorFromJson } from './json-elements.ts';
import { jsonOf } from './json-text.ts';
import { liftNumberArrays, placeOf } from './lifted-arrays.ts';
import { tensorFromNumbers, type TakeRoom } from './number-elements.ts';
import { parseShape, type WireTensor } from './tensor.ts';

export interface InferRequest {
  readonly id: string | null;
  readonly inputs: readonly WireTensor[];
  /** Empty asks for every output of the model. */
  readonly outputs: readonly RequestedOutput[];
  /** `binary_data_output`: the form of outputs that do not say their own. */
  readonly binaryOutput: boolean;
}

export interface RequestedOutput {
  readonly name: string;
  /** `binary_data` of this output; null leaves it to the request. */
  readonly binary: boolean | null;
}

/** A body in two parts: the JSON object, then the binary tensors in order. */
export interface WireBody {
  readonly json: string;
  readonly binary: readonly Uint8Array[];
}

/** More tensors in one request than any model has. */
const maxTensors = 1024;

/** Triton extensions whose parameters change what an answer means, so that ignoring them would answer wrongly. */
const unsupportedParameters = ['classification', 'shared_memory_region', 'sequence_id'];

type Json = Readonly<Record<string, unknown>>;

/**
 * An inference request, checked by hand because a schema library costs more than the inference of a small model.
 * `headerLength` is the Inference-Header-Content-Length header: null without it, so that the whole body is JSON.
 * Members that the protocol does not name are ignored (its own binary example sends `model_name`).
 * `take` gives memory for tensors of numbers: whoever gives it knows how long they are used.
 * @throws PlimsollError (input) for whatever is wrong with it; never anything else.
 */
export function parseInferRequest(
  body: Uint8Array,
  headerLength: number | null,
  take: TakeRoom = () => null,
): InferRequest {
  const jsonLength = headerLength ?? body.length;
  if (jsonLength > body.length) {
    throw requestError(
      'header-length',
      `Inference-Header-Content-Length says ${jsonLength} bytes of JSON, the body has ${body.length}`,
    );
  }
  const json = body.subarray(0, jsonLength);
  const reader = (): BinaryReader => new BinaryReader(body, jsonLength, headerLength !== null);
  return parseLifted(json, reader(), take) ?? parseRequest(parseJson(json, what), reader(), () => null);
}

const what = 'the JSON object of the request';

/** The fast way for tensors of plain numbers; null sends the request the general way, which also words its errors. */
function parseLifted(json: Uint8Array, reader: BinaryReader, take: TakeRoom): InferRequest | null {
  const lifted = liftNumberArrays(json);
  if (lifted === null) return null;
  const places = new Map(lifted.arrays.map((array, index) => [placeOf(index), array]));
  const find: FindTensor = (data) => {
    const array = typeof data === 'string' ? places.get(data) : undefined;
    return array === undefined
      ? null
      : (name, datatype, shape) => tensorFromNumbers(name, datatype, shape, array, take);
  };
  try {
    return parseRequest(parseJson(lifted.bytes, what), reader, find);
  } catch {
    return null;
  }
}

/** Makes the tensor of the numbers that a `data` member stands for; null for every other member. */
type FindTensor = (data: unknown) => MakeTensor | null;
type MakeTensor = (name: string, datatype: Datatype, shape: readonly number[]) => WireTensor | null;

function parseRequest(parsed: ParsedJson, reader: BinaryReader, find: FindTensor): InferRequest {
  const request = objectOf(parsed.value, 'the request');
  const inputs = parseInputs(request, parsed, reader, find);
  reader.assertEnd();
  return {
    id: parseId(request['id']),
    inputs,
    outputs: parseOutputs(request['outputs']),
    binaryOutput: booleanOf(parametersOf(request, 'the request')['binary_data_output'], 'binary_data_output') ?? false,
  };
}

/** The value of the Inference-Header-Content-Length header. @throws PlimsollError `header-length`. */
export function parseHeaderLength(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw requestError('header-length', `Inference-Header-Content-Length must be a whole number, got ${describe(text)}`);
}

/** The request as a client sends it: every input in binary form, or every input in JSON. */
export function encodeInferRequest(request: InferRequest, form: 'json' | 'binary'): WireBody {
  const inputs = request.inputs.map((tensor) => {
    const head = `{"name":${JSON.stringify(tensor.name)},"shape":[${tensor.shape.join(',')}],"datatype":"${tensor.datatype}"`;
    return form === 'binary'
      ? `${head},"parameters":{"binary_data_size":${binarySize(tensor)}}}`
      : `${head},"data":${jsonOf(tensor)}}`;
  });
  const members = [
    ...(request.id === null ? [] : [`"id":${JSON.stringify(request.id)}`]),
    ...(request.binaryOutput ? ['"parameters":{"binary_data_output":true}'] : []),
    `"inputs":[${inputs.join(',')}]`,
    ...(request.outputs.length === 0 ? [] : [`"outputs":[${request.outputs.map(outputText).join(',')}]`]),
  ];
  return { json: `{${members.join(',')}}`, binary: form === 'binary' ? request.inputs.map(binaryOf) : [] };
}

function outputText(output: RequestedOutput): string {
  const parameters = output.binary === null ? '' : `,"parameters":{"binary_data":${output.binary}}`;
  return `{"name":${JSON.stringify(output.name)}${parameters}}`;
}

/** Hands out the bytes behind the JSON object in the order of the tensors that claim them. */
class BinaryReader {
  readonly #body: Uint8Array;
  readonly #hasHeader: boolean;
  #offset: number;

  constructor(body: Uint8Array, offset: number, hasHeader: boolean) {
    this.#body = body;
    this.#offset = offset;
    this.#hasHeader = hasHeader;
  }

  take(size: number, where: string): Uint8Array {
    if (!this.#hasHeader) {
      throw requestError(
        'header-missing',
        `${where} has binary_data_size, but the request has no Inference-Header-Content-Length header`,
        'send the length of the JSON object in that header',
      );
    }
    const left = this.#body.length - this.#offset;
    if (size > left) {
      throw requestError(
        'binary-truncated',
        `${where}: binary_data_size is ${size}, only ${left} bytes are left in the body`,
      );
    }
    this.#offset += size;
    return this.#body.subarray(this.#offset - size, this.#offset);
  }

  assertEnd(): void {
    const left = this.#body.length - this.#offset;
    if (left > 0) {
      throw requestError(
        'binary-surplus',
        `${left} bytes are left in the body that no input's binary_data_size claims`,
      );
    }
  }
}

function parseInputs(request: Json, parsed: ParsedJson, reader: BinaryReader, find: FindTensor): WireTensor[] {
  const inputs = arrayOf(request['inputs'], 'inputs');
  if (inputs.length === 0) throw requestError('inputs-empty', 'inputs is empty; expected at least one tensor');
  const names = new Set<string>();
  return inputs.map((value, index) => {
    const input = objectOf(value, `inputs[${index}]`);
    const name = nameOf(input['name'], `inputs[${index}]`);
    if (names.has(name)) throw requestError('input-twice', `input "${name}" is given twice`, 'send each input once');
    names.add(name);
    const makeTensor: MakeTensor =
      find(input['data']) ?? ((...head) => tensorFromJson(...head, input['data'], () => exactData(parsed, index)));
    return parseInput(input, name, reader, makeTensor);
  });
}

function parseInput(input: Json, name: string, reader: BinaryReader, makeTensor: MakeTensor): WireTensor {
  const where = `input "${name}"`;
  const datatype = parseDatatype(input['datatype'], where);
  const shape = parseShape(input['shape'], where);
  const size = parametersOf(input, where)['binary_data_size'];
  if (size === undefined) {
    if (input['data'] === undefined) {
      throw requestError('data-missing', `${where} has neither data nor the parameter binary_data_size`);
    }
    const tensor = makeTensor(name, datatype, shape);
    if (tensor === null) throw requestError('data-general', 'not plain numbers; read it the general way');
    return tensor;
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw requestError(
      'binary-size',
      `${where}: binary_data_size must be a whole number of bytes, got ${describe(size)}`,
    );
  }
  if (input['data'] !== undefined) {
    throw requestError('data-twice', `${where} has both data and binary_data_size; send one of them`);
  }
  return tensorFromBinary(name, datatype, shape, reader.take(size, where));
}

/** The same place in the exactly parsed document; the shape of the document is known by then. */
function exactData(parsed: ParsedJson, index: number): unknown {
  const request = parsed.exact() as { inputs: readonly { data: unknown }[] };
  return request.inputs[index]?.data;
}

function parseOutputs(value: unknown): RequestedOutput[] {
  if (value === undefined || value === null) return [];
  const names = new Set<string>();
  return arrayOf(value, 'outputs').map((item, index) => {
    const output = objectOf(item, `outputs[${index}]`);
    const name = nameOf(output['name'], `outputs[${index}]`);
    if (names.has(name))
      throw requestError('output-twice', `output "${name}" is asked for twice`, 'ask for each output once');
    names.add(name);
    const parameters = parametersOf(output, `output "${name}"`);
    return { name, binary: booleanOf(parameters['binary_data'], `binary_data of output "${name}"`) };
  });
}

function parseId(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && value.length <= 1024) return value;
  throw requestError('id-invalid', `id must be a string of at most 1024 characters, got ${describe(value)}`);
}

function parametersOf(owner: Json, where: string): Json {
  const value = owner['parameters'];
  if (value === undefined || value === null) return {};
  const parameters = objectOf(value, `parameters of ${where}`);
  for (const name of unsupportedParameters) {
    if (parameters[name] !== undefined) {
      throw requestError(
        'parameter-unsupported',
        `parameter \`${name}\` of ${where} is not supported by this server`,
        'GET /v2 lists the supported extensions',
      );
    }
  }
  return parameters;
}

function booleanOf(value: unknown, what: string): boolean | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value;
  throw requestError('parameter-invalid', `${what} must be true or false, got ${describe(value)}`);
}

function nameOf(value: unknown, where: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= 1024) return value;
  throw requestError('name-invalid', `${where}.name must be a string of 1 to 1024 characters, got ${describe(value)}`);
}

function arrayOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw requestError('json-shape', `${what} must be an array, got ${describe(value)}`);
  if (value.length > maxTensors)
    throw requestError('json-shape', `${what} has ${value.length} items; at most ${maxTensors}`);
  return value;
}

function objectOf(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw requestError('json-shape', `${what} must be a JSON object, got ${describe(value)}`);
}

function requestError(
  code: string,
  message: string,
  next = 'see docs/model-server.md for a request that works',
): PlimsollError {
  return new PlimsollError({ code, category: 'input', message, next });
}
