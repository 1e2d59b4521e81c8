import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';

/** The number that `--to` names. @throws PlimsollError `option-invalid` (input). */
export function releaseNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--to is the number of a release, not \`${text}\``,
    next: nextStep(cliSteps, 'option-invalid/history'),
  });
}
