import type { IdentityProvider, TokenClaims } from '../../../../core/access/providers/identity-provider.ts';
import { identify, type Identified } from '../../../../core/access/providers/identify.ts';
import { makeTokenRefusal } from '../../../../core/access/providers/refused-token.ts';
import { audiencesOf, findTokenProblem } from '../../../../core/access/providers/token-times.ts';
import type { VerifyIdToken } from '../../../../ports/access/id-tokens.ts';
import type { Clock } from '../../../../ports/process/clock.ts';
import type { CredentialHolder } from '../credentials.ts';
import { readUnverifiedClaims } from '../unverified-claims.ts';

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
