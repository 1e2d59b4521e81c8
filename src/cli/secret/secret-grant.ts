import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { grantText, type SecretGrant } from '../../core/contract/secrets/secret-grant.ts';
import { readSecretGrants } from '../../schemas/secret-grants.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { requireSecretName } from './secret-name.ts';

export async function runSecretGrant(context: CliContext, input: CommandInput): Promise<CommandResult> {
  const { name, grant } = await readAsked(context, input);
  const secrets = await context.secrets();
  const added = await secrets.grant(name, grant);
  const text = added
    ? `Granted ${name} to ${inWords(grant)}. Replicas have it from their next start.`
    : `${name} is granted to ${inWords(grant)} already.`;
  return { exit: 0, json: { name, ...grant, added }, text };
}

export async function runSecretRevokeGrant(context: CliContext, input: CommandInput): Promise<CommandResult> {
  const { name, grant } = await readAsked(context, input);
  const secrets = await context.secrets();
  if (!(await secrets.removeGrant(name, grant))) throw notThere(name, grant);
  const text = `${name} is no longer granted to ${inWords(grant)}. Replicas that run keep it until they stop.`;
  return { exit: 0, json: { name, ...grant, removed: true }, text };
}

async function readAsked(
  context: CliContext,
  { args, options }: CommandInput,
): Promise<{ readonly name: string; readonly grant: SecretGrant }> {
  const name = requireSecretName(args[0] ?? '', 'name');
  const { service: named, environment } = options as { readonly service?: string; readonly environment?: string };
  const service = named ?? (await (await context.project()).contract()).contract.service;
  const asked = { service, environment: environment ?? null };
  // The file is read by the same rule, so that nothing is written which cannot be read.
  const [grant] = readSecretGrants(grantText(asked), 'the command line');
  if (grant === undefined || grantText(grant) !== grantText(asked)) throw notAGrant(asked);
  return { name, grant };
}

const inWords = ({ service, environment }: SecretGrant): string =>
  `${service} in ${environment ?? 'every environment'}`;

const notAGrant = (grant: SecretGrant): PlimsollError =>
  new PlimsollError({
    code: 'secret-grants-invalid',
    category: 'input',
    message: `\`${grantText(grant)}\` names no service and environment`,
    next: nextStep(cliSteps, 'secret-grants-invalid'),
  });

const notThere = (name: string, grant: SecretGrant): PlimsollError =>
  new PlimsollError({
    code: 'secret-grant-missing',
    category: 'not-found',
    message: `${name} is not granted to ${inWords(grant)}`,
    next: nextStep(cliSteps, 'secret-grant-missing'),
  });
