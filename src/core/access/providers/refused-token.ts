import { PlimsollError } from '../../units/errors.ts';

/** Why a token of an identity provider is not taken. */
export const tokenRefusals = [
  'malformed',
  'too-large',
  'issuer',
  'audience',
  'expired',
  'not-yet-valid',
  'lifetime',
  'algorithm',
  'key-unknown',
  'signature',
  'revoked',
  'no-job',
] as const;
export type TokenRefusal = (typeof tokenRefusals)[number];

const nextSteps: Partial<Readonly<Record<TokenRefusal, string>>> = {
  audience: 'ask the provider for a token whose only audience is the one that the identities file names',
  expired: 'ask the provider for a new token',
  'not-yet-valid': 'compare the clock of this control plane with that of the provider',
  lifetime: 'let the provider issue tokens for a day at most',
};

/** @returns the error for a token that is not taken; its details say why in one word. */
export function makeTokenRefusal(refusal: TokenRefusal, why: string): PlimsollError {
  return new PlimsollError({
    code: 'token-unknown',
    category: 'unauthorized',
    message: `the token of an identity provider is not taken: ${why}`,
    next:
      nextSteps[refusal] ??
      'look at the issuer, the audience and the rules of the identities file; docs/security.md has examples',
    details: { refusal },
  });
}
