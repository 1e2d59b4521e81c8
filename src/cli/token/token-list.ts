import type { Command } from 'commander';
import { isExpired } from '../../core/access/access-token.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { alignedTable } from '../terminal/table.ts';
import { fileOf, type TokenContext } from './token-add.ts';
import { expiryText } from './token-text.ts';

export function configureList(list: Command): void {
  list
    .description('names, roles, scopes and expiry of the tokens; never a token')
    .option('--file <file>', 'the token file (default: `tokens` in the state folder)');
}

/** Exit 3 where a line of the file gives no token: who counts on it cannot come in. */
export async function runTokenList(context: TokenContext, input: CommandInput): Promise<CommandResult> {
  const store = await context.accessTokens(fileOf(input));
  const { tokens, problems } = await store.read();
  const nowMs = context.clock.nowMs();
  const rows = tokens.map((token) => [
    token.name,
    token.role,
    token.service ?? 'every service',
    token.environment ?? 'every environment',
    `${expiryText(token, nowMs)}${token.isBreakGlass === true ? '; break-glass' : ''}`,
  ]);
  const wrong = problems.map(({ line, problem }) => `${store.place}:${line} gives no token: ${problem}`);
  const none = `no tokens in ${store.place}; next: plimsoll token add NAME --role ROLE`;
  return {
    exit: problems.length === 0 ? 0 : 3,
    json: {
      file: store.place,
      tokens: tokens.map(({ sha256: _digest, ...token }) => ({ ...token, expired: isExpired(token, nowMs) })),
      problems,
    },
    text: [...(rows.length === 0 ? [none] : alignedTable(rows)), ...wrong].join('\n'),
  };
}
