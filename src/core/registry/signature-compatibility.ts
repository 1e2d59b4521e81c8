import type { TensorSpec } from '../units/tensor.ts';
import type { Judgement } from '../units/verdict.ts';

export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/**
 * Whether whoever calls `present` could go on unchanged with `next`.
 *
 * | | may | may not |
 * |---|---|---|
 * | input | take any size where one was fixed | be new, be gone, change its datatype or rank, fix a size that was free, or fix another |
 * | output | be new, or fix a size that was free | be gone, change its datatype or rank, free a size that was fixed, or fix another |
 *
 * Names are compared exactly, their order does not matter. Unknown where a format tells no signature.
 */
export function signatureCompatibility(present: Signature | null, next: Signature | null): Judgement {
  if (present === null || next === null) {
    const which =
      present === null && next === null
        ? 'neither model tells'
        : `the ${present === null ? 'present' : 'next'} model does not tell`;
    return { verdict: 'unknown', reasons: [`${which} its inputs and outputs`] };
  }
  const breaks = [
    ...unmatched('input', present.inputs, next.inputs),
    ...next.inputs
      .filter((input) => named(input.name, present.inputs) === undefined)
      .map((input) => `the input ${input.name} is new, and no caller sends it`),
    ...unmatched('output', present.outputs, next.outputs),
  ];
  if (breaks.length > 0) return { verdict: 'fail', reasons: breaks };
  const added = next.outputs.filter((output) => named(output.name, present.outputs) === undefined);
  return {
    verdict: 'pass',
    reasons: [
      'every input and output that callers use is as it was',
      ...added.map((output) => `the output ${output.name} is new`),
    ],
  };
}

function unmatched(
  side: 'input' | 'output',
  present: readonly TensorSpec[],
  next: readonly TensorSpec[],
): readonly string[] {
  return present.flatMap((before) => {
    const after = named(before.name, next);
    if (after === undefined) return [`the ${side} ${before.name} is gone`];
    const fits =
      before.datatype === after.datatype &&
      before.shape.length === after.shape.length &&
      before.shape.every((size, axis) => sizeFits(side, size, after.shape[axis] ?? 0));
    return fits ? [] : [`the ${side} ${before.name} was ${specText(before)} and is ${specText(after)}`];
  });
}

/** Whether a size is one that callers of `before` can go on with. */
export function sizeFits(side: 'input' | 'output', before: number, after: number): boolean {
  return before === after || (side === 'input' ? after === -1 : before === -1);
}

function named(name: string, specs: readonly TensorSpec[]): TensorSpec | undefined {
  return specs.find((spec) => spec.name === name);
}

/** `FP32 [-1,784]` */
export function specText({ datatype, shape }: Pick<TensorSpec, 'datatype' | 'shape'>): string {
  return `${datatype} [${shape.join(',')}]`;
}
