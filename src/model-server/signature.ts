import { PlimsollError } from '../core/units/errors.ts';
import { nearest } from '../core/units/nearest.ts';
import type { TensorSpec } from '../core/units/tensor.ts';
import type { InferRequest } from '../protocols/open-inference/infer-request.ts';
import type { WireTensor } from '../protocols/open-inference/tensor.ts';

export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** Requests can share a batch when the caller chooses the first dimension of every input and output. */
export function isBatchable(signature: Signature): boolean {
  const tensors = [...signature.inputs, ...signature.outputs];
  return signature.inputs.length > 0 && tensors.every((spec) => spec.shape[0] === -1);
}

export interface MatchedRequest {
  /** In the model's order. */
  readonly inputs: readonly WireTensor[];
  /** Asked for by name; empty for all. */
  readonly outputs: readonly string[];
  /** First dimension of the inputs; 1 for a model without a batch dimension. */
  readonly rows: number;
  /** Equal keys may share a batch. */
  readonly batchKey: string;
}

/**
 * The request as the model takes it. @throws PlimsollError (input) `input-unknown`, `input-missing`, `input-datatype`,
 * `input-shape`, `rows-differ`, `rows-none`, `output-unknown`.
 */
export function matchRequest(signature: Signature, batchable: boolean, request: InferRequest): MatchedRequest {
  const inputs = signature.inputs.map((spec) => matchInput(spec, request));
  if (request.inputs.length > inputs.length) throw unknownInput(signature, request);
  const outputs = request.outputs.map(({ name }) => name);
  for (const name of outputs) {
    if (!signature.outputs.some((spec) => spec.name === name)) throw unknownOutput(signature, name);
  }
  const rows = batchable ? rowsOf(inputs) : 1;
  return { inputs, outputs, rows, batchKey: batchable ? batchKeyOf(signature, inputs, outputs) : '' };
}

function matchInput(spec: TensorSpec, request: InferRequest): WireTensor {
  const tensor = request.inputs.find((input) => input.name === spec.name);
  if (tensor === undefined) {
    const sent = request.inputs.map((input) => `"${input.name}"`).join(', ');
    throw mismatch('input-missing', `input "${spec.name}" is missing; the request has ${sent}`);
  }
  if (tensor.datatype !== spec.datatype) {
    throw mismatch(
      'input-datatype',
      `input "${spec.name}" must be ${spec.datatype}, the request says ${tensor.datatype}`,
    );
  }
  const { shape } = tensor;
  if (shape.length !== spec.shape.length || spec.shape.some((size, at) => size !== -1 && size !== shape[at])) {
    throw mismatch(
      'input-shape',
      `input "${spec.name}" must have the shape [${spec.shape.join(', ')}] (-1 is any size), ` +
        `the request says [${shape.join(', ')}]`,
    );
  }
  return tensor;
}

function rowsOf(inputs: readonly WireTensor[]): number {
  const rows = inputs[0]?.shape[0] ?? 1;
  for (const input of inputs) {
    if (input.shape[0] === rows) continue;
    const sizes = inputs.map(({ name, shape }) => `"${name}" ${shape[0] ?? 0}`).join(', ');
    throw mismatch('rows-differ', `all inputs must have the same number of rows; the request has ${sizes}`);
  }
  if (rows === 0) throw mismatch('rows-none', 'the request has no rows: the first dimension of its inputs is 0');
  return rows;
}

/** Sizes that the caller chooses, but for the rows, and the outputs; a constant text for most models. */
function batchKeyOf(signature: Signature, inputs: readonly WireTensor[], outputs: readonly string[]): string {
  let key = outputs.length === 0 ? '' : JSON.stringify(outputs);
  for (const [at, spec] of signature.inputs.entries()) {
    for (let dimension = 1; dimension < spec.shape.length; dimension += 1) {
      if (spec.shape[dimension] === -1) key += `;${inputs[at]?.shape[dimension] ?? 0}`;
    }
  }
  return key;
}

function unknownInput(signature: Signature, request: InferRequest): PlimsollError {
  const known = signature.inputs.map((spec) => spec.name);
  const name = request.inputs.find((input) => !known.includes(input.name))?.name ?? '';
  return mismatch('input-unknown', `the model has no input "${name}"${suggestion(name, known)}`);
}

function unknownOutput(signature: Signature, name: string): PlimsollError {
  const known = signature.outputs.map((spec) => spec.name);
  return mismatch('output-unknown', `the model has no output "${name}"${suggestion(name, known)}`);
}

function suggestion(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === null ? `; it has ${known.map((each) => `"${each}"`).join(', ')}` : `; did you mean "${meant}"?`;
}

function mismatch(code: string, message: string): PlimsollError {
  return new PlimsollError({
    code,
    category: 'input',
    message,
    next: 'GET /v2/models/{model} shows its inputs and outputs',
  });
}
