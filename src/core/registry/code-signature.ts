import type { TensorSpec } from '../units/tensor.ts';
import type { Judgement } from '../units/verdict.ts';
import { sizeFits, specText, type Signature } from './signature-compatibility.ts';

/**
 * Whether the code that `code.signature` of the contract describes can go on with a model: it sends every input that the
 * model takes and no other, in its datatype and with sizes that it takes; and it is given every output that it reads, with
 * the sizes that it relies on. -1 is a size that is chosen per request. The rules are those of `signatureCompatibility`.
 * Unknown, and so no pass, where the model tells no signature.
 */
export function codeSignatureFit(code: Signature, model: Signature | null): Judgement {
  if (model === null || (model.inputs.length === 0 && model.outputs.length === 0)) {
    return {
      verdict: 'unknown',
      reasons: ['the model tells no inputs and outputs, so that code.signature cannot be compared with it'],
    };
  }
  const sent = (name: string): TensorSpec | undefined => code.inputs.find((spec) => spec.name === name);
  const breaks = [
    ...code.inputs.flatMap((spec) => tensorBreak('input', spec, model.inputs)),
    ...model.inputs
      .filter(({ name }) => sent(name) === undefined)
      .map((spec) => `the model takes the input ${spec.name} ${specText(spec)}, and the code does not send it`),
    ...code.outputs.flatMap((spec) => tensorBreak('output', spec, model.outputs)),
  ];
  if (breaks.length > 0) return { verdict: 'fail', reasons: breaks };
  return { verdict: 'pass', reasons: ['the model takes what the code sends and gives what it reads'] };
}

function tensorBreak(side: 'input' | 'output', spec: TensorSpec, specs: readonly TensorSpec[]): readonly string[] {
  const found = specs.find(({ name }) => name === spec.name);
  const does = side === 'input' ? 'sends' : 'reads';
  const has = side === 'input' ? 'takes' : 'gives';
  const said = `the code ${does} the ${side} ${spec.name} ${specText(spec)}`;
  if (found === undefined) {
    return [
      `${said}, and the model has no such ${side} (it has ${specs.map(({ name }) => name).join(', ') || 'none'})`,
    ];
  }
  const fits =
    spec.datatype === found.datatype &&
    spec.shape.length === found.shape.length &&
    spec.shape.every((size, axis) => sizeFits(side, size, found.shape[axis] ?? 0));
  return fits ? [] : [`${said}, and the model ${has} ${specText(found)}`];
}
