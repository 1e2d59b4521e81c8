import type { Command } from 'commander';
import { formatScope, parseScope } from '../../core/access/scope-words.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { CommandInput, CommandResult } from '../command.ts';

/** The parts of a command's context that this command uses. */
interface TransferContext {
  environment(): Promise<string>;
  operations(): Promise<Operations>;
}

export function configureTransfer(transfer: Command): void {
  transfer
    .description('say which tokens release a service in an environment; needs a token that may operate it')
    .argument('<service>')
    .requiredOption(
      '--to <scope...>',
      'the scope of these tokens: service=NAME, environment=NAME, both of them, or anyone',
    );
}

export async function runServiceTransfer(
  context: TransferContext,
  { args, options }: CommandInput,
): Promise<CommandResult> {
  const [service = ''] = args;
  const to = parseScope(options['to'] as readonly string[]);
  const named = options['environment'];
  const environment = typeof named === 'string' ? named : await context.environment();
  const claim = await (await context.operations()).transferService({ service, environment, to });
  return {
    exit: 0,
    json: claim,
    text: `${service} in ${environment} belongs to tokens of ${formatScope(claim.scope)} from now on`,
  };
}
