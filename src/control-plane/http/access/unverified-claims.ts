import type { TokenClaims } from '../../../core/access/providers/identity-provider.ts';

const tokenLengthAtMost = 8_192;

/**
 * What a JWT says of itself, not verified: it may only refuse a token, or choose who verifies it. Empty for a token that cannot be
 * read, or is longer than 8,192 characters.
 */
export function readUnverifiedClaims(token: string): TokenClaims {
  try {
    if (token.length > tokenLengthAtMost) return {};
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof payload === 'object' && payload !== null ? (payload as TokenClaims) : {};
  } catch {
    return {};
  }
}
