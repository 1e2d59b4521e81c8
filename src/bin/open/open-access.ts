import { randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { gatewayTokenFile, pageKeyFile, startTokenFile, tokensFile } from '../../adapters/http-control/run-files.ts';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import type { AccessRules } from '../../control-plane/http/access/authenticate.ts';
import { AccountTokens, type AccountTokenParts } from '../../control-plane/http/access/account-tokens.ts';
import { Credentials } from '../../control-plane/http/access/credentials.ts';
import { PageSessions } from '../../control-plane/http/access/page-sessions.ts';
import {
  requireTokenFile,
  WatchedTokenFile,
  type TokenFileLog,
} from '../../control-plane/http/access/watched-token-file.ts';
import { makeToken, tokenDigestOf, type AccessToken } from '../../core/access/access-token.ts';
import type { Role } from '../../core/access/role.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { ownerOnly } from '../../ports/process/write-durably.ts';
import { isLoopback, listenText, type ListenAddress } from '../listen-address.ts';

const pageKeyBytes = 32;

export interface AccessChoice {
  /** Of `--token-file`, else that of the state folder. */
  readonly file: string;
  /** Reading needs a token too. */
  readonly closed: boolean;
}

/**
 * Which tokens a control plane that listens there takes. Off the loopback address at least one must be there, because the
 * tokens of a start are only for this machine.
 * @throws PlimsollError `token-file-needed`, `token-file-unreadable`, `token-file-invalid` (input).
 */
export function chooseAccess(stateFolder: string, listen: ListenAddress, given: string | undefined): AccessChoice {
  const onLoopback = isLoopback(listen.host);
  const file = given ?? tokensFile(stateFolder);
  if (given === undefined && onLoopback) return { file, closed: false };
  try {
    requireTokenFile(file);
  } catch (thrown) {
    if (given !== undefined || !(thrown instanceof PlimsollError) || thrown.code !== 'token-file-unreadable')
      throw thrown;
    throw tokensNeeded(listen, thrown);
  }
  return { file, closed: true };
}

function tokensNeeded(listen: ListenAddress, cause: unknown): PlimsollError {
  return new PlimsollError({
    code: 'token-file-needed',
    category: 'input',
    message: `--listen ${listenText(listen)} can be reached from other machines, and no token says who may ask`,
    next: 'plimsoll token add NAME --role operate, or listen on 127.0.0.1',
    cause,
  });
}

/** Makes the tokens of this start and writes them where programs of the same user find them, before anything listens. */
export async function openAccess(
  stateFolder: string,
  choice: AccessChoice,
  log: TokenFileLog,
  accounts?: Pick<AccountTokenParts, 'audience' | 'review'>,
): Promise<AccessRules> {
  const own = [
    await writeStartToken(startTokenFile(stateFolder), userInfo().username, 'operate'),
    await writeStartToken(gatewayTokenFile(stateFolder), 'gateway', 'gateway'),
  ];
  const monotonicMs = (): number => systemClock.monotonicMs();
  const file = new WatchedTokenFile(choice.file, log, monotonicMs);
  const nowMs = (): number => systemClock.nowMs();
  const credentials = new Credentials({ own, named: (isMissed) => file.tokens(isMissed), nowMs });
  return {
    credentials,
    ...(accounts === undefined
      ? {}
      : { accounts: new AccountTokens({ ...accounts, credentials, clock: systemClock }) }),
    sessions: new PageSessions(await readPageKey(pageKeyFile(stateFolder)), nowMs, monotonicMs),
    openReading: !choice.closed,
  };
}

async function writeStartToken(file: string, name: string, role: Role): Promise<AccessToken> {
  const token = makeToken(systemRandom);
  await writeDurably(file, `${token}\n`, { doing: 'writing the token of this start', mode: ownerOnly });
  return { name, role, sha256: tokenDigestOf(token), service: null, environment: null, expiresAtMs: null };
}

/** The same one after a restart, so that an open page goes on. */
async function readPageKey(file: string): Promise<Uint8Array> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (/^[0-9a-f]{64}$/.test(text.trim())) {
    await chmod(file, 0o600);
    return Buffer.from(text.trim(), 'hex');
  }
  const key = randomBytes(pageKeyBytes);
  await writeDurably(file, `${key.toString('hex')}\n`, { doing: 'writing the key of the page', mode: ownerOnly });
  return key;
}
