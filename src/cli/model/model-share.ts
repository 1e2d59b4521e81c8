import { shareArtifact } from '../../prove/artifacts/share-artifact.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { ownerJson, ownerText } from '../terminal/ownership-text.ts';

export async function runModelShare(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [name = ''] = args;
  const environment = await context.environment();
  const stop = options['stop'] === true ? { stop: true } : {};
  const request = { environment, kind: 'model', name, with: String(options['with']), ...stop } as const;
  const claims = await shareArtifact(context, request);
  return {
    exit: 0,
    json: { environment, name, ...ownerJson(claims) },
    text: `model ${name} of ${environment} belongs to ${ownerText(claims)}`,
  };
}
