import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { readSecretPlace } from '../../core/contract/secrets/secret-place.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { requireSecretName } from './secret-name.ts';

/** Only the place is kept: values are read when a replica starts, and looked at while it runs. */
export async function runSecretFrom(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const name = requireSecretName(args[0] ?? '', 'name');
  const place = readPlace(args[1], options['here'] === true);
  const secrets = await context.secrets();
  await secrets.setFrom(name, place);
  const stored = (await secrets.list()).find((secret) => secret.name === name);
  const isGranted = (stored?.grants ?? []).length > 0;
  const next = isGranted ? '' : `\nIt is granted to no service. Grant it: plimsoll secret grant ${name}`;
  const text = `Values of ${name} are read from ${place ?? 'the state folder'}. Replicas that run follow within a minute.`;
  return { exit: 0, json: { name, from: place }, text: `${text}${next}` };
}

function readPlace(text: string | undefined, isHere: boolean): string | null {
  if (isHere && text === undefined) return null;
  if (!isHere && text !== undefined && readSecretPlace(text) !== null) return text;
  throw new PlimsollError({
    code: 'secret-place-invalid',
    category: 'input',
    message:
      text === undefined || isHere
        ? 'one of vault://MOUNT/PATH and --here is needed'
        : `\`${text.slice(0, 200)}\` is not of the form vault://MOUNT/PATH`,
    next: nextStep(cliSteps, 'secret-place-invalid'),
  });
}
