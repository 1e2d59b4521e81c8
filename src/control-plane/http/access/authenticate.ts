import type { FastifyRequest } from 'fastify';
import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { isJwt } from '../../../core/access/access-token.ts';
import type { Requester } from '../../../core/access/requester.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { AccountTokens } from './account-tokens.ts';
import { readCookie, writeKeyHeader } from './cookie.ts';
import type { CredentialHolder, Credentials } from './credentials.ts';
import { readIdentity } from './identity/session-identity.ts';
import type { IdentityTokens } from './identity/identity-tokens.ts';
import type { FailedLogins } from './limits/failed-logins.ts';
import type { PageSessions } from './page-sessions.ts';
import type { SignIns } from './sign-in/sign-ins.ts';

declare module 'fastify' {
  interface FastifyRequest {
    requester: Requester | null;
    /** Key id of the credential that came with the request; null for none. */
    keyId: string | null;
    /** Whether a credential without a key id would still be taken, and a session of the page is open; null for none. */
    credentialHolds: (() => boolean) | null;
  }
}

export interface AccessRules {
  readonly credentials: Credentials;
  readonly sessions: PageSessions;
  /** Left out where no cluster verifies tokens of service accounts. */
  readonly accounts?: AccountTokens;
  /** Left out where no identity provider is named. */
  readonly identities?: IdentityTokens;
  /** Left out where no identity provider is named. */
  readonly signIns?: SignIns;
  readonly failedLogins: FailedLogins;
  /** Whether anybody who reaches the address may read: so on a loopback address without a token file. */
  readonly openReading: boolean;
}

export type Authenticated = CredentialHolder;

const reader: Requester = {
  name: 'anonymous',
  grants: [{ role: 'view', service: null, environment: null }],
  anonymous: true,
};
const nobody: Requester = { name: 'anonymous', grants: [], anonymous: true };

/**
 * Who asks. A credential that is wrong is refused also where none is needed: whoever sends one counts on it.
 *
 * | comes with | is |
 * |---|---|
 * | `Authorization: Bearer TOKEN`, or `Basic` with the token as password | the token's holder: of the file, else of an identity provider, else a service account |
 * | the page's cookie, and its write key where something is written | whoever the session came from |
 * | neither | anonymous: may read where reading is open |
 *
 * @throws PlimsollError `token-unknown`, `token-expired` (unauthorized), and as `IdentityTokens.find` and `AccountTokens.find`.
 */
export async function authenticate(request: FastifyRequest, rules: AccessRules): Promise<Authenticated> {
  const { authorization } = request.headers;
  if (authorization !== undefined) return findToken(authorization, rules);
  const session = findSession(request, rules);
  if (session !== null) return session;
  return { requester: rules.openReading ? reader : nobody, keyId: null };
}

async function findToken(authorization: string, rules: AccessRules): Promise<CredentialHolder> {
  const { credentials, accounts, identities } = rules;
  const secret = secretOf(authorization);
  const found = secret === '' ? null : credentials.find(secret);
  if (found !== null) return found;
  if (isJwt(secret)) {
    if (identities?.isFor(secret) === true) return identities.find(secret);
    if (accounts !== undefined) return accounts.find(secret);
  }
  const expiredAtMs = secret === '' ? null : credentials.expiredAtMs(secret);
  if (expiredAtMs !== null) throw tokenExpired(expiredAtMs);
  throw new PlimsollError({
    code: 'token-unknown',
    category: 'unauthorized',
    message: 'the token is not known here, or was revoked',
    next: nextStep(controlPlaneSteps, 'token-unknown/token-list-shows'),
  });
}

function tokenExpired(expiredAtMs: number): PlimsollError {
  return new PlimsollError({
    code: 'token-expired',
    category: 'unauthorized',
    message: `the token expired at ${new Date(expiredAtMs).toISOString()}`,
    next: nextStep(controlPlaneSteps, 'token-expired'),
    details: { expiredAtMs },
  });
}

/** `Bearer TOKEN` from programs; `Basic`, whose password is the token, from browsers, which ask for it themselves. */
function secretOf(authorization: string): string {
  const [scheme = '', credentials = ''] = authorization.split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return '';
  return Buffer.from(credentials, 'base64').toString('utf8').split(':').slice(1).join(':');
}

/** A session that is not valid any more counts as none: the page goes on reading, and says that it may not write. */
function findSession(
  request: FastifyRequest,
  { credentials, identities, sessions }: AccessRules,
): CredentialHolder | null {
  const cookie = readCookie(request);
  if (cookie === null) return null;
  const key = request.headers[writeKeyHeader];
  const session = sessions.read(cookie, typeof key === 'string' ? key : undefined);
  if (session === null || (!session.mayWrite && !isReading(request))) return null;
  const identity = readIdentity(session.from);
  const holder = identity === null ? credentials.findByKeyId(session.from) : identities?.findOfSession(identity);
  if (holder === null || holder === undefined) return null;
  const isOpen = (): boolean => sessions.read(cookie, undefined) !== null;
  return { ...holder, stillHolds: () => isOpen() && (holder.stillHolds?.() ?? true) };
}

export function isReading(request: FastifyRequest): boolean {
  return request.method === 'GET' || request.method === 'HEAD';
}
