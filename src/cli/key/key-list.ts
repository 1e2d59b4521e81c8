import type { Command } from 'commander';
import { keyIdOf, type TrustedKey } from '../../core/trust/signing-key.ts';
import { timeText } from '../../core/trust/trust-texts.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { alignedTable } from '../terminal/table.ts';

export function configureList(list: Command): void {
  list
    .description('the keys of an environment: name, id, expiry and revocation')
    .argument('[name]', "the environment (default: --environment, or the contract's only one)");
}

export async function runKeyList(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const environment = args[0] ?? (await context.environment());
  const records = await (await context.operations()).environmentRecords();
  const keys = records.find((each) => each.environment === environment)?.policy?.keys ?? [];
  const nowMs = context.clock.nowMs();
  const rows = keys.map((key) => [key.name, keyIdOf(key.key), standingText(key, nowMs)]);
  const none = `${environment} counts no keys\nnext: plimsoll key create NAME, then plimsoll environment set ${environment} --policy FILE`;
  return {
    exit: 0,
    json: { environment, keys: keys.map((key) => ({ ...key, keyId: keyIdOf(key.key) })) },
    text: rows.length === 0 ? none : alignedTable(rows).join('\n'),
  };
}

function standingText({ expiresAtMs, revokedAtMs }: TrustedKey, nowMs: number): string {
  if (revokedAtMs !== undefined) return `revoked for signatures from ${timeText(revokedAtMs)} on`;
  if (expiresAtMs === undefined) return 'does not expire';
  return `${expiresAtMs <= nowMs ? 'expired' : 'expires'} ${timeText(expiresAtMs)}`;
}
