import { coreSteps } from '../units/next-steps/core-steps.ts';
import { nextStep } from '../units/next-steps/next-step.ts';
import type { LoadedContract } from '../contract/contract.ts';
import { problemText, type ContractProblem } from '../contract/problem.ts';
import { PlimsollError } from '../units/errors.ts';
import { findKeyDoc } from './keys.ts';

/** The error of a contract with these problems; its next step explains the first key that is known. */
export function contractInvalid(problems: readonly ContractProblem[]): PlimsollError {
  const file = problems[0]?.file ?? 'plimsoll.yaml';
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const key = problems
    .map((problem) => findKeyDoc(problem.key)?.key ?? problem.nearest)
    .find((one) => one !== undefined);
  return new PlimsollError({
    code: 'contract-invalid',
    category: 'input',
    message: `${file} has ${count}\n\n${problems.map(problemText).join('\n\n')}\n`,
    next:
      key === undefined
        ? nextStep(coreSteps, 'contract-invalid/check')
        : nextStep(coreSteps, 'contract-invalid/explain', { key }),
    details: { problems },
  });
}

/**
 * Ends before anything starts where `plimsoll check` refuses this part of a contract: what rests on it could not be measured.
 * @throws PlimsollError `contract-invalid` (input).
 */
export function requireUsable({ refused = [] }: LoadedContract, key: string): void {
  const problems = refused.filter((problem) => problem.key.startsWith(key));
  if (problems.length > 0) throw contractInvalid(problems);
}
