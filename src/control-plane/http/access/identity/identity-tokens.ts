import type { IdentityProvider, TokenClaims } from '../../../../core/access/providers/identity-provider.ts';
import { identify, type Identified } from '../../../../core/access/providers/identify.ts';
import { keepClaims } from '../../../../core/access/providers/keep-claims.ts';
import { makeTokenRefusal } from '../../../../core/access/providers/refused-token.ts';
import { audiencesOf, findTokenProblem } from '../../../../core/access/providers/token-times.ts';
import type { VerifyIdToken } from '../../../../ports/access/id-tokens.ts';
import type { Clock } from '../../../../ports/process/clock.ts';
import type { CredentialHolder } from '../credentials.ts';
import type { SessionIdentity } from './session-identity.ts';
import { readUnverifiedClaims } from '../unverified-claims.ts';

/** Whoever came in at a sign-in. */
export interface SignedIn {
  readonly name: string;
  readonly identity: SessionIdentity;
  /** When the token expires. */
  readonly endsAtMs: number;
}

export interface IdentityTokenParts {
  /** As the file names them at this moment. */
  readonly providers: () => readonly IdentityProvider[];
  readonly verify: VerifyIdToken;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/**
 * Whoever holds a token of an identity provider that the file names. What the token says of itself chooses the provider, and
 * nothing else. Each request is verified anew: what was revoked, or taken out of the file, comes in no more.
 */
export class IdentityTokens {
  readonly #parts: IdentityTokenParts;

  constructor(parts: IdentityTokenParts) {
    this.#parts = parts;
  }

  /** Whether a token says that it is of one of the providers. */
  isFor(token: string): boolean {
    const { iss } = readUnverifiedClaims(token);
    return this.#parts.providers().some(({ issuer }) => issuer === iss);
  }

  /** @throws PlimsollError as `VerifyIdToken`. */
  async find(token: string): Promise<CredentialHolder> {
    const provider = this.#providerOf(token);
    const claims = await this.#parts.verify(token, provider);
    const found = identify(provider, claims);
    if ('problem' in found) throw makeTokenRefusal(found.problem.refusal, found.problem.why);
    return { keyId: null, requester: found.requester, stillHolds: () => this.#stillHolds(provider, claims, found) };
  }

  /**
   * Verifies the ID token that a provider gave at a sign-in, and gives what a session keeps of it.
   * @throws PlimsollError as `find`.
   */
  async identifySession(token: string, provider: IdentityProvider): Promise<SignedIn> {
    const claims = await this.#parts.verify(token, provider);
    const found = identify(provider, claims);
    if ('problem' in found) throw makeTokenRefusal(found.problem.refusal, found.problem.why);
    return {
      name: found.requester.name,
      identity: { provider: provider.name, claims: keepClaims(provider, claims) },
      endsAtMs: Number(claims['exp']) * 1_000,
    };
  }

  /** Whom a session stands for by the file as it is now; null where the provider or the person may not come in any more. */
  findOfSession({ provider: name, claims }: SessionIdentity): CredentialHolder | null {
    const provider = this.#parts.providers().find((each) => each.name === name && each.issuer === claims['iss']);
    if (provider?.signIn === undefined) return null;
    if (findTokenProblem(claims, provider.audience, this.#parts.clock.nowMs()) !== null) return null;
    const found = identify(provider, claims);
    if ('problem' in found) return null;
    return {
      keyId: null,
      requester: found.requester,
      stillHolds: () => this.#stillHolds(provider, claims, found),
    };
  }

  #providerOf(token: string): IdentityProvider {
    const claims = readUnverifiedClaims(token);
    const ofIssuer = this.#parts.providers().filter(({ issuer }) => issuer === claims['iss']);
    const [first] = ofIssuer;
    if (first === undefined) throw makeTokenRefusal('issuer', 'no provider of the identities file has its issuer');
    const audiences = audiencesOf(claims);
    return ofIssuer.find(({ audience }) => audiences.includes(audience)) ?? first;
  }

  /** Also with less rights it does not hold any more: a stream shows what it could show at its beginning. */
  #stillHolds({ name, audience }: IdentityProvider, claims: TokenClaims, before: Identified): boolean {
    const provider = this.#parts.providers().find((each) => each.name === name && each.audience === audience);
    if (provider === undefined || findTokenProblem(claims, audience, this.#parts.clock.nowMs()) !== null) return false;
    return JSON.stringify(identify(provider, claims)) === JSON.stringify(before);
  }
}
