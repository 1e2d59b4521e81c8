import { randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import path from 'node:path';
import { programSteps } from '../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import {
  endedSessionsFile,
  gatewayTokenFile,
  pageKeyFile,
  startTokenFile,
  tokensFile,
} from '../../adapters/http-control/run-files.ts';
import { readEndedSessions, writeEndedSessions } from '../../adapters/files/ended-sessions.ts';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import { ownUserName } from '../../adapters/processes/confinement/own-user.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import type { AccessRules } from '../../control-plane/http/access/authenticate.ts';
import { AccountTokens, type AccountTokenParts } from '../../control-plane/http/access/account-tokens.ts';
import { Credentials } from '../../control-plane/http/access/credentials.ts';
import { FailedLogins } from '../../control-plane/http/access/limits/failed-logins.ts';
import { IdentityTokens } from '../../control-plane/http/access/identity/identity-tokens.ts';
import type { ReadIdentities } from '../../control-plane/http/access/identity/read-identities.ts';
import { WatchedIdentities } from '../../control-plane/http/access/identity/watched-identities.ts';
import { PageSessions } from '../../control-plane/http/access/page-sessions.ts';
import { SignIns } from '../../control-plane/http/access/sign-in/sign-ins.ts';
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
  /** Of `--identities`, else of PLIMSOLL_IDENTITIES; null where no identity provider is named. */
  readonly identities: string | null;
  /** Reading needs a token too. */
  readonly closed: boolean;
}

export interface AccessOptions {
  readonly 'token-file'?: string;
  readonly identities?: string;
}

/**
 * Which credentials a control plane that listens there takes. Off the loopback address there must be a token or an identity
 * provider, because the tokens of a start are only for this machine.
 * @throws PlimsollError `token-file-needed`, `token-file-unreadable`, `token-file-invalid` (input), and as `ReadIdentities`.
 */
export async function chooseAccess(
  stateFolder: string,
  listen: ListenAddress,
  options: AccessOptions,
): Promise<AccessChoice> {
  const { 'token-file': given, identities: named = process.env['PLIMSOLL_IDENTITIES'] ?? '' } = options;
  const identities = named === '' ? null : path.resolve(named);
  const file = given ?? tokensFile(stateFolder);
  if (identities !== null) (await loadIdentityReader())(identities, () => undefined);
  if (given === undefined && identities !== null) return { file, identities, closed: true };
  if (given === undefined && isLoopback(listen.host)) return { file, identities, closed: false };
  try {
    requireTokenFile(file);
  } catch (thrown) {
    if (given !== undefined || !(thrown instanceof PlimsollError) || thrown.code !== 'token-file-unreadable')
      throw thrown;
    throw tokensNeeded(listen, thrown);
  }
  return { file, identities, closed: true };
}

function tokensNeeded(listen: ListenAddress, cause: unknown): PlimsollError {
  return new PlimsollError({
    code: 'token-file-needed',
    category: 'input',
    message: `--listen ${listenText(listen)} can be reached from other machines, and no token says who may ask`,
    next: nextStep(programSteps, 'token-file-needed'),
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
    await writeStartToken(startTokenFile(stateFolder), ownUserName(), 'operate'),
    await writeStartToken(gatewayTokenFile(stateFolder), 'gateway', 'gateway'),
  ];
  const nowMs = (): number => systemClock.nowMs();
  const monotonicMs = (): number => systemClock.monotonicMs();
  const file = new WatchedTokenFile(choice.file, log, monotonicMs);
  const identities =
    choice.identities === null
      ? null
      : new WatchedIdentities(choice.identities, await loadIdentityReader(), log, monotonicMs);
  const credentials = new Credentials({ own, named: (isMissed) => file.tokens(isMissed), nowMs });
  const key = await readPageKey(pageKeyFile(stateFolder));
  const endedFile = endedSessionsFile(stateFolder);
  const ended = await readEndedSessions(endedFile, pageKeyFile(stateFolder));
  const sessions = new PageSessions(key, nowMs, monotonicMs, ended, (now) => writeEndedSessions(endedFile, now));
  return {
    credentials,
    ...(accounts === undefined
      ? {}
      : { accounts: new AccountTokens({ ...accounts, credentials, clock: systemClock }) }),
    ...(identities === null ? {} : await openIdentities(identities, sessions, key)),
    failedLogins: new FailedLogins(monotonicMs, () => identities?.isStale === true),
    sessions,
    openReading: !choice.closed,
  };
}

/** What reads and what verifies is loaded where somebody needs it. */
async function loadIdentityReader(): Promise<ReadIdentities> {
  return (await import('../../control-plane/http/access/identity/read-identities.ts')).readIdentities;
}

async function openIdentities(
  watched: WatchedIdentities,
  sessions: PageSessions,
  key: Uint8Array,
): Promise<Required<Pick<AccessRules, 'identities' | 'signIns'>>> {
  const [{ makeIdTokenVerifier }, { makeCodeFlow }] = await Promise.all([
    import('../../adapters/oidc/id-token-verifier.ts'),
    import('../../adapters/oidc/code-flow.ts'),
  ]);
  const [clock, providers] = [systemClock, () => watched.providers()];
  const identities = new IdentityTokens({ providers, verify: makeIdTokenVerifier({ clock }), clock });
  const flow = makeCodeFlow({ clock });
  return {
    identities,
    signIns: new SignIns({ providers, flow, identities, sessions, key, clock }),
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
