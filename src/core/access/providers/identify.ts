import { isVisibleLine } from '../../units/visible-text.ts';
import type { CiIdentity } from '../identity.ts';
import type { Grant, Requester } from '../requester.ts';
import { isOfPullRequest, readCiIdentity } from './ci-claims.ts';
import { matchesPattern } from './claim-pattern.ts';
import { claimAt, textsOf } from './claim-texts.ts';
import type { IdentityProvider, IdentityRule, TokenClaims } from './identity-provider.ts';
import type { TokenProblem } from './token-times.ts';

/** Names are recorded with each event, and policies name them. */
const nameLengthAtMost = 200;

export type Identified = { readonly requester: Requester } | { readonly problem: TokenProblem };

/**
 * Returns who the holder of a verified token is, and what they may do.
 *
 * | the token | its holder |
 * |---|---|
 * | is revoked by its `jti`, its `sub` or its `iat` | is refused |
 * | is of a provider with a preset, and names no job | is refused |
 * | is of a job that people without write access can choose the code of, or nobody says that they cannot | has the grants of all rules that match, each with the role `view` |
 * | is of a pull request, of which nobody says that it is of a fork | by rules with `pullRequests: own`: has `measure` at most |
 * | is any other | has the grants of all rules that match; none is no grant, and no refusal |
 *
 * The name is `PROVIDER:REPOSITORY@REF` of a job, else `PROVIDER:EMAIL` of a verified address, else `PROVIDER:SUBJECT`, or
 * `PROVIDER:sub=SUBJECT` where the subject could be taken for an address or a job. The name of a token has no
 * colon, so that nobody is taken for another one.
 */
export function identify(provider: IdentityProvider, claims: TokenClaims): Identified {
  if (isRevoked(provider, claims)) return { problem: { refusal: 'revoked', why: 'the identities file revokes it' } };
  const ci = readCiIdentity(provider, claims);
  if (ci === null && provider.preset !== null) {
    return { problem: { refusal: 'no-job', why: `its claims name no job of ${provider.preset}` } };
  }
  const name = nameOf(provider, claims, ci);
  if (name === null) return { problem: { refusal: 'malformed', why: 'its subject is no name that can be recorded' } };
  const matching = provider.rules.filter((rule) => matchesRule(provider, rule, claims, ci));
  const mayBeOwn = ci?.isFork === null && isOfPullRequest(provider, claims);
  const grants = matching.map(({ grant, pullRequests }) => {
    if (ci === null || ci.isFork === false) return grant;
    return mayBeOwn && pullRequests === 'own' && grant.role === 'measure' ? grant : lowered(grant);
  });
  return { requester: { name, grants, anonymous: false, ...(ci === null ? {} : { job: ci }) } };
}

const lowered = (grant: Grant): Grant => ({ ...grant, role: 'view' });

function isRevoked({ revoked }: IdentityProvider, claims: TokenClaims): boolean {
  const { jti, sub, iat } = claims;
  const isNamed = (all: readonly string[], value: unknown): boolean => all.some((each) => each === value);
  if (isNamed(revoked.tokens, jti) || isNamed(revoked.subjects, sub)) return true;
  return revoked.issuedBeforeMs !== null && !(typeof iat === 'number' && iat * 1_000 >= revoked.issuedBeforeMs);
}

function nameOf(provider: IdentityProvider, claims: TokenClaims, ci: CiIdentity | null): string | null {
  const [email] = textsAt(provider, claims, 'email', null);
  const own = email !== undefined && plainAddress.test(email) ? email : subjectName(claims['sub']);
  const who = ci === null ? own : `${ci.repository}@${ci.ref}`;
  if (typeof who !== 'string' || who === '' || !who.isWellFormed() || !isVisibleLine(who)) return null;
  const name = `${provider.name}:${who}`;
  return name.length <= nameLengthAtMost ? name : null;
}

/** Letters that look like others are no part of it: such a person is called by the subject. */
const plainAddress = /^[!-?A-~]+@[!-?A-~]+$/;
const plainSubject = /^[\w.:|/-]+$/;

/**
 * Providers let people choose subjects: one that is not plain is told with its mark and each further character by its number, so that none
 * reads as an address or a job does. A plain one has neither `@` nor `=`, so that no two subjects have one name.
 */
function subjectName(subject: unknown): unknown {
  if (typeof subject !== 'string' || subject === '' || !subject.isWellFormed() || !isVisibleLine(subject)) return null;
  return plainSubject.test(subject) ? subject : `sub=${encodeURIComponent(subject)}`;
}

function matchesRule(
  provider: IdentityProvider,
  { when }: IdentityRule,
  claims: TokenClaims,
  ci: CiIdentity | null,
): boolean {
  const entries = Object.entries(when);
  return (
    entries.length > 0 &&
    entries.every(([claim, patterns]) => {
      const texts = textsAt(provider, claims, claim, ci);
      return texts.some((text) => patterns.some((pattern) => matchesPattern(pattern, text)));
    })
  );
}

/** What a claim says, as texts; the words of a preset are the same for each CI system. An address counts once it is verified. */
function textsAt(
  { trustsEmails }: IdentityProvider,
  claims: TokenClaims,
  claim: string,
  ci: CiIdentity | null,
): readonly string[] {
  if (ci !== null && claim === 'repository') return [ci.repository];
  if (ci !== null && claim === 'ref') return [ci.ref];
  if (ci !== null && claim === 'ref_protected') return textsOf(ci.isRefProtected);
  if (ci !== null && claim === 'fork') return textsOf(ci.isFork);
  if (claim === 'email' && !trustsEmails && String(claims['email_verified']) !== 'true') return [];
  return textsOf(claimAt(claims, claim));
}
