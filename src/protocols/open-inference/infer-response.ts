import { PlimsollError } from '../../core/units/errors.ts';
import { binaryOf, binarySize, tensorFromBinary } from './binary-elements.ts';
import { describe, parseDatatype } from './datatype.ts';
import { parseJson } from './exact-json.ts';
import type { WireBody } from './infer-request.ts';
import { tensorFromJson } from './json-elements.ts';
import { jsonOf } from './json-text.ts';
import { parseShape, type WireTensor } from './tensor.ts';

export interface InferResponse {
  readonly modelName: string;
  readonly modelVersion: string | null;
  /** Given back when the request had one, and left out otherwise. */
  readonly id: string | null;
  readonly outputs: readonly WireTensor[];
}

/** Writes the response; `binary[i]` says whether output i goes behind the JSON object in binary form. */
export function encodeInferResponse(response: InferResponse, binary: readonly boolean[]): WireBody {
  let json = `{"model_name":${JSON.stringify(response.modelName)}`;
  if (response.modelVersion !== null) json += `,"model_version":${JSON.stringify(response.modelVersion)}`;
  if (response.id !== null) json += `,"id":${JSON.stringify(response.id)}`;
  json += ',"outputs":[';
  const parts: Uint8Array[] = [];
  for (const [index, tensor] of response.outputs.entries()) {
    json += `${index === 0 ? '' : ','}{"name":${JSON.stringify(tensor.name)},"datatype":"${tensor.datatype}"`;
    json += `,"shape":[${tensor.shape.join(',')}]`;
    if (binary[index] === true) {
      json += `,"parameters":{"binary_data_size":${binarySize(tensor)}}}`;
      parts.push(binaryOf(tensor));
    } else json += `,"data":${jsonOf(tensor)}}`;
  }
  return { json: `${json}]}`, binary: parts };
}

type Json = Readonly<Record<string, unknown>>;

/**
 * A server's response, ours or another's; the side of a client. @throws PlimsollError `response-invalid` (unavailable:
 * the server does not speak the protocol), or the errors of a tensor's data.
 */
export function parseInferResponse(body: Uint8Array, headerLength: number | null): InferResponse {
  const jsonLength = headerLength ?? body.length;
  if (jsonLength > body.length) throw invalid(`Inference-Header-Content-Length is past the end of the body`);
  const parsed = parseJson(body.subarray(0, jsonLength), 'the JSON object of the response');
  const response = objectOf(parsed.value, 'the response');
  if (!Array.isArray(response['outputs']))
    throw invalid(`outputs must be an array, got ${describe(response['outputs'])}`);
  let offset = jsonLength;
  const outputs = (response['outputs'] as readonly unknown[]).map((value, index) => {
    const output = objectOf(value, `outputs[${index}]`);
    const name = String(output['name']);
    const datatype = parseDatatype(output['datatype'], `output "${name}"`);
    const shape = parseShape(output['shape'], `output "${name}"`);
    const size = objectOf(output['parameters'] ?? {}, 'parameters')['binary_data_size'];
    if (typeof size !== 'number') {
      return tensorFromJson(name, datatype, shape, output['data'], () => exactData(parsed.exact(), index));
    }
    if (!(size >= 0 && offset + size <= body.length)) throw invalid(`output "${name}" ends past the end of the body`);
    offset += size;
    return tensorFromBinary(name, datatype, shape, body.subarray(offset - size, offset));
  });
  return {
    modelName: String(response['model_name'] ?? ''),
    modelVersion: typeof response['model_version'] === 'string' ? response['model_version'] : null,
    id: typeof response['id'] === 'string' ? response['id'] : null,
    outputs,
  };
}

function exactData(exact: unknown, index: number): unknown {
  return (exact as { outputs: readonly { data: unknown }[] }).outputs[index]?.data;
}

function objectOf(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw invalid(`${what} must be a JSON object, got ${describe(value)}`);
}

function invalid(message: string): PlimsollError {
  return new PlimsollError({
    code: 'response-invalid',
    category: 'unavailable',
    message: `the server's answer does not follow the Open Inference Protocol: ${message}`,
    next: 'check that the endpoint speaks the Open Inference Protocol v2',
  });
}
