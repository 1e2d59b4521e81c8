import { PlimsollError } from '../units/errors.ts';
import type { TensorSpec } from '../units/tensor.ts';

/**
 * Returns the output that is judged: the one that `evaluation.output` names, else the only one.
 * @throws PlimsollError `output-ambiguous` (input) where the name is none of them, or several are there and none is named.
 */
export function chooseOutput<T extends { readonly name: string }>(
  outputs: readonly T[],
  wanted: string | undefined,
): T {
  const found =
    wanted === undefined
      ? outputs.length === 1
        ? outputs[0]
        : undefined
      : outputs.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const names = outputs.map(({ name }) => name).join(', ') || 'none';
  throw new PlimsollError({
    code: 'output-ambiguous',
    category: 'input',
    message:
      wanted === undefined
        ? `the model has several outputs: ${names}`
        : `the model has no output ${wanted}; it has ${names}`,
    next: 'write evaluation.output: NAME into the contract',
    details: { outputs: outputs.map(({ name }) => name) },
  });
}

/** The judged output as a signature tells it; null where the model tells none, so that only its answers say. */
export function chooseSignatureOutput(outputs: readonly TensorSpec[], wanted: string | undefined): TensorSpec | null {
  return outputs.length === 0 ? null : chooseOutput(outputs, wanted);
}
