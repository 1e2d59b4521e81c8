import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTVerifyResult } from 'jose';
import type { IdentityProvider, PublicKeyJson, TokenClaims } from '../../core/access/providers/identity-provider.ts';
import { makeTokenRefusal, type TokenRefusal } from '../../core/access/providers/refused-token.ts';
import { clockLeewayMs, findTokenProblem } from '../../core/access/providers/token-times.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { VerifyIdToken } from '../../ports/access/id-tokens.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { makeFetchText, type FetchText } from './fetch-text.ts';
import { ProviderKeySets } from './provider-keys.ts';

/** With a key pair: a shared secret would let whoever verifies sign as well. */
const algorithms = [
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
];
const tokenBytesAtMost = 8_192;

export interface IdTokenVerifierParts {
  readonly clock: Clock;
  readonly fetch?: FetchText;
}

type KeySet = ReturnType<typeof createLocalJWKSet>;

/**
 * Verifies ID tokens (OpenID Connect Core 1.0) under the rules of RFC 8725: a fixed list of algorithms, one issuer, one
 * audience, and no other kind of token.
 */
export function makeIdTokenVerifier({ clock, fetch = makeFetchText() }: IdTokenVerifierParts): VerifyIdToken {
  const sets = new ProviderKeySets(fetch, clock);
  const imported = new WeakMap<readonly PublicKeyJson[], KeySet>();
  const importKeys = (keys: readonly PublicKeyJson[]): KeySet => {
    const known = imported.get(keys) ?? createLocalJWKSet({ keys } as unknown as JSONWebKeySet);
    imported.set(keys, known);
    return known;
  };
  const verifyWith = (token: string, keys: readonly PublicKeyJson[], { issuer, audience }: IdentityProvider) =>
    jwtVerify(token, importKeys(keys), {
      ...{ algorithms, issuer, audience, requiredClaims: ['sub', 'exp', 'iat'] },
      clockTolerance: clockLeewayMs / 1_000,
      currentDate: new Date(clock.nowMs()),
    });
  return async (token, provider) => {
    if (token.length > tokenBytesAtMost) {
      throw makeTokenRefusal(
        'too-large',
        `it has ${token.length} characters, and at most ${tokenBytesAtMost} are read`,
      );
    }
    const keys = await sets.find(provider);
    const verified = await verifyWith(token, keys, provider).catch(async (thrown: unknown) => {
      if (!(thrown instanceof errors.JWKSNoMatchingKey)) throw refuse(thrown);
      const newer = await sets.findNewer(provider);
      if (newer === null) throw refuse(thrown);
      return verifyWith(token, newer, provider).catch((again: unknown) => {
        throw refuse(again);
      });
    });
    return claimsOf(verified, provider, clock.nowMs());
  };
}

function claimsOf(
  { payload, protectedHeader }: JWTVerifyResult,
  { audience }: IdentityProvider,
  nowMs: number,
): TokenClaims {
  const { typ = 'JWT' } = protectedHeader;
  if (!/^jwt$/i.test(typ)) {
    throw makeTokenRefusal('malformed', `it is of the type ${typ.slice(0, 50)}, and no ID token`);
  }
  const problem = findTokenProblem(payload, audience, nowMs);
  if (problem !== null) throw makeTokenRefusal(problem.refusal, problem.why);
  return payload;
}

/** In the words of a reason that is counted. What jose says holds no part of a token but the names of claims. */
function refuse(thrown: unknown): PlimsollError {
  if (thrown instanceof PlimsollError) return thrown;
  return makeTokenRefusal(refusalOf(thrown), thrown instanceof Error ? thrown.message : 'it cannot be read');
}

function refusalOf(thrown: unknown): TokenRefusal {
  if (thrown instanceof errors.JWTExpired) return 'expired';
  if (thrown instanceof errors.JWTClaimValidationFailed) return ofClaim(thrown.claim);
  if (thrown instanceof errors.JOSEAlgNotAllowed || thrown instanceof errors.JOSENotSupported) return 'algorithm';
  if (thrown instanceof errors.JWKSNoMatchingKey || thrown instanceof errors.JWKSMultipleMatchingKeys)
    return 'key-unknown';
  return thrown instanceof errors.JWSSignatureVerificationFailed ? 'signature' : 'malformed';
}

function ofClaim(claim: string): TokenRefusal {
  if (claim === 'aud') return 'audience';
  if (claim === 'iss') return 'issuer';
  return claim === 'nbf' ? 'not-yet-valid' : 'malformed';
}
