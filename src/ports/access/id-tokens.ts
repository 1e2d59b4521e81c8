import type { IdentityProvider, TokenClaims } from '../../core/access/providers/identity-provider.ts';

/**
 * Verifies the signature, the issuer, the audience and the times of a token.
 * @returns its claims, of which each can be believed as far as the provider can.
 * @throws PlimsollError `token-unknown` (unauthorized), whose details say in `refusal` why; `token-keys-away` (unavailable)
 * where the keys of the provider cannot be had.
 */
export type VerifyIdToken = (token: string, provider: IdentityProvider) => Promise<TokenClaims>;
