import type { TensorSpec } from '../units/tensor.ts';

export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/**
 * Why clients of `live` could not go on unchanged with `next`; empty when they can. A client sends every input that the
 * live model names and reads any of its outputs, so `next` must take each input as it is sent now and give each output
 * as it is read now. Outputs may be added; a size that `next` leaves open takes any size.
 */
export function signatureBreaks(live: Signature, next: Signature): readonly string[] {
  return [
    ...live.inputs.flatMap((input) => inputBreaks(input, next.inputs)),
    ...next.inputs
      .filter((input) => !live.inputs.some((known) => known.name === input.name))
      .map((input) => `input \`${input.name}\` is new, and no client sends it`),
    ...live.outputs.flatMap((output) => outputBreaks(output, next.outputs)),
  ];
}

function inputBreaks(live: TensorSpec, inputs: readonly TensorSpec[]): readonly string[] {
  const next = inputs.find((candidate) => candidate.name === live.name);
  if (next === undefined) return [`input \`${live.name}\` is gone`];
  return tensorBreaks('input', live, next, (from, to) => to === -1 || from === to);
}

function outputBreaks(live: TensorSpec, outputs: readonly TensorSpec[]): readonly string[] {
  const next = outputs.find((candidate) => candidate.name === live.name);
  if (next === undefined) return [`output \`${live.name}\` is gone`];
  return tensorBreaks('output', live, next, (from, to) => from === -1 || from === to);
}

function tensorBreaks(
  what: string,
  live: TensorSpec,
  next: TensorSpec,
  fits: (live: number, next: number) => boolean,
): readonly string[] {
  if (live.datatype !== next.datatype) {
    return [`${what} \`${live.name}\` was ${live.datatype} and is ${next.datatype}`];
  }
  const same =
    live.shape.length === next.shape.length && live.shape.every((size, axis) => fits(size, next.shape[axis] ?? NaN));
  return same ? [] : [`${what} \`${live.name}\` was [${live.shape.join(', ')}] and is [${next.shape.join(', ')}]`];
}
