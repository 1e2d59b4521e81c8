import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isSecretName } from '../../core/contract/secrets/secret-grant.ts';
import { PlimsollError } from '../../core/units/errors.ts';

/** @throws PlimsollError `secret-name-invalid` (input). */
export function requireSecretName(text: string, what: 'name' | 'key'): string {
  if (isSecretName(text)) return text;
  throw new PlimsollError({
    code: 'secret-name-invalid',
    category: 'input',
    message: `\`${text.slice(0, 100)}\` cannot be the ${what} of a secret: it is 1 to 128 letters, digits, dots, dashes and underscores, beginning with a letter or digit`,
    next: nextStep(cliSteps, 'secret-name-invalid'),
  });
}
