import { grantText } from '../../core/contract/secrets/secret-grant.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

export async function runSecretList(context: CliContext): Promise<CommandResult> {
  const secrets = (await (await context.secrets()).list()).map((each) => ({ ...each, grants: each.grants ?? [] }));
  if (secrets.length === 0)
    return { exit: 0, json: { secrets }, text: 'no secrets\nnext: plimsoll secret set NAME KEY --from-file FILE' };
  const rows = secrets.map(({ name, keys, grants, from }) => [
    name,
    from ?? (keys.join(', ') || '(variables)'),
    grants.map(grantText).join(', ') || '(nobody)',
  ]);
  return { exit: 0, json: { secrets }, text: textOfLines(alignedTable([['SECRET', 'KEYS', 'GRANTED TO'], ...rows])) };
}
