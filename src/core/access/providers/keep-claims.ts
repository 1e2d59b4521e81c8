import { matchesPattern } from './claim-pattern.ts';
import { claimAt, textsOf } from './claim-texts.ts';
import type { IdentityProvider, TokenClaims } from './identity-provider.ts';

/** Who the holder is, whether the token still holds, and what may be revoked. */
const always = ['iss', 'aud', 'sub', 'exp', 'iat', 'nbf', 'jti', 'email', 'email_verified'];

/**
 * Returns those claims of a verified token by which `identify` knows its holder and what they may do: a session of the page
 * keeps no other. Of a claim that rules ask for it keeps the texts that match; a person may be in a thousand groups, of which
 * rules name two. A rule that is written later and asks for another group counts once its holder signs in again.
 */
export function keepClaims({ rules }: IdentityProvider, claims: TokenClaims): TokenClaims {
  const kept: Record<string, unknown> = {};
  for (const claim of always) if (Object.hasOwn(claims, claim)) kept[claim] = claims[claim];
  for (const claim of new Set(rules.flatMap(({ when }) => Object.keys(when)))) {
    if (always.includes(claim)) continue;
    const patterns = rules.flatMap(({ when }) => when[claim] ?? []);
    const matching = textsOf(claimAt(claims, claim)).filter((text) =>
      patterns.some((pattern) => matchesPattern(pattern, text)),
    );
    if (matching.length > 0) kept[claim] = [...new Set(matching)];
  }
  return kept;
}
