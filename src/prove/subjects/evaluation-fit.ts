import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Contract } from '../../core/contract/contract.ts';
import { findMetric } from '../../core/evaluation/metrics/metric-name.ts';
import { chooseSignatureOutput } from '../../core/evaluation/output-choice.ts';
import type { Lock } from '../../core/evidence/lock/lock.ts';
import type { Signature } from '../../core/registry/signature-compatibility.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';

/**
 * Looks whether `evaluation` of the contract can be measured on a model, as far as its signature tells. A signature that is not
 * known says nothing.
 * @throws PlimsollError `output-ambiguous`, `metric-unfit` (input).
 */
export function requireEvaluationFit({ evaluation }: Contract, signature: Signature | null | undefined): void {
  if (evaluation === undefined || signature === null || signature === undefined) return;
  const output = chooseSignatureOutput(signature.outputs, evaluation.output);
  if (output === null || output.datatype === 'BYTES') return;
  const task = evaluation.task;
  const unfit = evaluation.gates.find(({ metric }) => findMetric(metric)?.row.task === 'text');
  if (unfit === undefined && task !== 'text') return;
  const what = unfit === undefined ? 'evaluation.task: text' : `the metric ${unfit.metric}`;
  throw new PlimsollError({
    code: 'metric-unfit',
    category: 'input',
    message: `${what} is of text, and the output ${output.name} is ${output.datatype}`,
    next: nextStep(proveSteps, 'metric-unfit'),
    details: { output: output.name, datatype: output.datatype },
  });
}

/** The same of what the lock pins, as problems beside others. */
export function evaluationMisfits(
  contract: Contract,
  lock: Lock | null,
  environment: string,
): readonly PlimsollError[] {
  try {
    requireEvaluationFit(contract, lock?.environments[environment]?.model?.signature);
    return [];
  } catch (thrown) {
    return [asPlimsollError(thrown)];
  }
}
