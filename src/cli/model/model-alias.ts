import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { evidenceKindOf } from '../option-values.ts';
import { moveAlias } from '../../prove/artifacts/move-alias.ts';
import { writeBackAlias } from '../../prove/artifacts/registry-sync.ts';
import { resolveModel } from '../../prove/artifacts/registry-reference.ts';
import { aliasLines } from './model-text.ts';

export async function runModelAlias(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [name = '', alias = '', version = ''] = args;
  const environment = await context.environment();
  const store = await context.store();
  const target =
    version === 'none'
      ? (await resolveModel(store, environment, name), null)
      : await resolveModel(store, environment, `${name}:${version}`);
  const reason = String(options['reason']);
  const asked = options['evidence'] as readonly string[] | undefined;
  const kinds = asked === undefined ? {} : { kinds: asked.map((kind) => evidenceKindOf(kind, '--evidence')) };
  const change = await moveAlias(context, environment, { name, alias, to: target?.version ?? null, reason, ...kinds });
  const written = change.moved ? await writeBackAlias(context, environment, { name, ...change }) : [];
  const text = [...aliasLines(name, change), ...written].join('\n');
  return { exit: 0, json: { environment, name, reason, ...change, writtenBack: written }, text };
}
