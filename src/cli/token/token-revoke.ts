import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { fileOf, type TokenContext } from './token-add.ts';

export function configureRevoke(revoke: Command): void {
  revoke
    .description('take a token back; pages that were signed in with it can write no more either')
    .argument('<name>', 'as plimsoll token list shows it')
    .option('--file <file>', 'the token file (default: `tokens` in the state folder)');
}

export async function runTokenRevoke(context: TokenContext, input: CommandInput): Promise<CommandResult> {
  const [name = ''] = input.args;
  const store = await context.accessTokens(fileOf(input));
  const revoked = await store.revoke(name);
  if (revoked === 0) {
    const meant = nearest(
      name,
      (await store.read()).tokens.map((token) => token.name),
    );
    throw new PlimsollError({
      code: 'unknown-token',
      category: 'not-found',
      message: `${store.place} holds no token with the name ${name}${meant === null ? '' : `; did you mean ${meant}?`}`,
      next: nextStep(cliSteps, 'unknown-token'),
    });
  }
  return {
    exit: 0,
    json: { name, revoked },
    text: `${name} is revoked; a running control plane knows within a second`,
  };
}
