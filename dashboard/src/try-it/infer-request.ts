import type { TensorSpec } from '../../../src/core/units/tensor.ts';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { imagePixels } from './digit.ts';

type Signature = NonNullable<ServiceView['signature']>;

/** Open inference protocol, JSON form. */
export interface InferRequest {
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly datatype: string;
    readonly data: readonly (number | string | boolean)[];
  }[];
}

/** The single numeric input of 28x28 elements that a drawing fits in; null where there is none. */
export function digitInput(signature: Signature | null): TensorSpec | null {
  const only = signature?.inputs[0];
  if (only === undefined || signature?.inputs.length !== 1) return null;
  const numeric = /^(FP16|FP32|FP64|UINT8)$/.test(only.datatype);
  return numeric && elementsOf(oneRow(only.shape)) === imagePixels ? only : null;
}

export function digitRequest(input: TensorSpec, image: readonly number[]): InferRequest {
  const data = input.datatype === 'UINT8' ? image.map((ink) => Math.round(ink * 255)) : image;
  return { inputs: [{ name: input.name, shape: oneRow(input.shape), datatype: input.datatype, data }] };
}

/** More elements than this make a text nobody can edit: their data is left for the reader to fill in. */
const editableElements = 20_000;

/** A valid request of zeros, false or empty texts, as the signature asks for it. */
export function requestOf(signature: Signature | null): InferRequest {
  if (signature === null) return { inputs: [{ name: 'input', shape: [1, 1], datatype: 'FP32', data: [0] }] };
  return {
    inputs: signature.inputs.map((spec) => {
      const shape = oneRow(spec.shape);
      const elements = elementsOf(shape);
      const data = new Array<number | string | boolean>(elements > editableElements ? 0 : elements);
      return { name: spec.name, shape, datatype: spec.datatype, data: data.fill(emptyValue(spec.datatype)) };
    }),
  };
}

/** A chat of one message, for a service that speaks the OpenAI protocol: https://platform.openai.com/docs/api-reference/chat */
export function chatText(model: string): string {
  const request = { model, messages: [{ role: 'user', content: 'Say hello.' }], max_tokens: 64 };
  return JSON.stringify(request, null, 2);
}

/** Indented down to the tensors, each one's shape and data on one line: short enough to edit. */
export function requestText(request: InferRequest): string {
  const inputs = request.inputs.map((input) => {
    const members = Object.entries(input).map(([key, value]) => `      ${JSON.stringify(key)}: ${oneLine(value)}`);
    return `    {\n${members.join(',\n')}\n    }`;
  });
  return `{\n  "inputs": [\n${inputs.join(',\n')}\n  ]\n}`;
}

function oneLine(value: unknown): string {
  return Array.isArray(value) ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]` : JSON.stringify(value);
}

function emptyValue(datatype: string): number | string | boolean {
  if (datatype === 'BOOL') return false;
  return datatype === 'BYTES' ? '' : 0;
}

/** Sizes that the caller chooses become 1. */
function oneRow(shape: readonly number[]): number[] {
  return shape.map((size) => (size < 0 ? 1 : size));
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
