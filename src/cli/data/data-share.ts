import { shareArtifact } from '../../prove/artifacts/share-artifact.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { ownerJson, ownerText } from '../terminal/ownership-text.ts';

export async function runDataShare(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [name = ''] = args;
  const environment = await context.environment();
  const stop = options['stop'] === true ? { stop: true } : {};
  const request = { environment, kind: 'data', name, with: String(options['with']), ...stop } as const;
  const claims = await shareArtifact(context, request);
  return {
    exit: 0,
    json: { environment, name, ...ownerJson(claims) },
    text: `data ${name} of ${environment} belong to ${ownerText(claims)}`,
  };
}
