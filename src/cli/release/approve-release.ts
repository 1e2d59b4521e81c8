import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isDigest, shortDigest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';

/** Approves a bundle by its whole digest: a short one could be another bundle by the time that it is released. */
export async function approveRelease(
  context: CliContext,
  bundle: string,
  reason: string | undefined,
): Promise<CommandResult> {
  if (!isDigest(bundle)) throw invalid(`--approve ${bundle.slice(0, 100)} is no digest of a bundle`);
  if (reason === undefined) throw invalid('--approve needs a reason: it is on the record');
  const { contract } = await (await context.project()).contract();
  const environment = await context.environment();
  const request = { service: contract.service, environment, bundle, reason };
  const approval = await (await context.operations()).approveRelease(request);
  const text = `${approval.by} approves bundle ${shortDigest(bundle)} for ${environment}; the releaser can run plimsoll release`;
  return { exit: 0, json: approval, text };
}

function invalid(message: string): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message,
    next: nextStep(cliSteps, 'option-invalid/release-approve'),
  });
}
