import type { ArtifactKind } from '../core/fleet/artifact-claim.ts';
import { shareArtifact } from '../prove/artifacts/share-artifact.ts';
import type { CommandInput, CommandResult } from './command.ts';
import type { CliContext } from './context.ts';
import { ownerJson, ownerText } from './terminal/ownership-text.ts';

/** `model share` and `data share`. */
export async function runShare(
  kind: ArtifactKind,
  context: CliContext,
  { args, options }: CommandInput,
): Promise<CommandResult> {
  const [name = ''] = args;
  const environment = await context.environment();
  const stop = options['stop'] === true ? { stop: true } : {};
  const request = { environment, kind, name, with: String(options['with']), ...stop };
  const claims = await shareArtifact(context, request);
  const belong = kind === 'model' ? 'belongs' : 'belong';
  return {
    exit: 0,
    json: { environment, name, ...ownerJson(claims) },
    text: `${kind} ${name} of ${environment} ${belong} to ${ownerText(claims)}`,
  };
}
