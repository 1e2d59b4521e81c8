import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identify } from './identify.ts';
import type { IdentityProvider, IdentityRule, TokenClaims } from './identity-provider.ts';
import { keepClaims } from './keep-claims.ts';

const rule = (when: Readonly<Record<string, readonly string[]>>): IdentityRule => ({
  when,
  grant: { role: 'operate', service: null, environment: null },
});
const provider = (rules: readonly IdentityRule[], over: Partial<IdentityProvider> = {}): IdentityProvider => ({
  ...{ name: 'acme', issuer: 'https://login.acme.example', audience: 'plimsoll', preset: null },
  ...{ keys: { kind: 'discovered' }, trustsEmails: false, rules },
  revoked: { tokens: [], subjects: [], issuedBeforeMs: null },
  ...over,
});

describe('what a session keeps of a token', () => {
  it('is who it is, how long it holds, and what rules matched', () => {
    const claims = {
      ...{ iss: 'https://login.acme.example', aud: 'plimsoll', sub: 'u1', iat: 1, exp: 2, nonce: 'n', picture: 'x' },
      ...{ email: 'ada@acme.com', email_verified: true, groups: ['web', 'ml-a', 'ml-b'] },
      realm_access: { roles: ['admin', 'user'] },
    };
    const of = provider([rule({ groups: ['ml-*'] }), rule({ 'realm_access.roles': ['admin'], tier: ['1'] })]);
    expect(keepClaims(of, claims)).toEqual({
      ...{ iss: 'https://login.acme.example', aud: 'plimsoll', sub: 'u1', iat: 1, exp: 2 },
      ...{ email: 'ada@acme.com', email_verified: true, groups: ['ml-a', 'ml-b'], 'realm_access.roles': ['admin'] },
    });
  });

  it('gives its holder the name and the grants of the whole token, whatever it says', () => {
    const text = fc.constantFrom('a', 'b', 'a/b', 'ab', '', 'ada@acme.com', 'true', 'ü');
    const value = fc.oneof(text, fc.boolean(), fc.integer({ min: 0, max: 2 }), fc.array(text, { maxLength: 4 }));
    const name = fc.constantFrom('groups', 'email', 'email_verified', 'sub', 'jti', 'iat', 'tier', 'of.roles', 'of');
    const nested = fc.record({ roles: value });
    const claims: fc.Arbitrary<TokenClaims> = fc
      .dictionary(name, fc.oneof(value, nested))
      .map((written) => JSON.parse(JSON.stringify(written)) as TokenClaims);
    const pattern = fc.constantFrom('a', '*', '**', 'a*', 'true', '*@acme.com', '1');
    const rules = fc.array(
      fc.dictionary(name, fc.array(pattern, { minLength: 1, maxLength: 2 }), { minKeys: 1, maxKeys: 3 }).map(rule),
      { minLength: 1, maxLength: 4 },
    );
    const revoked = fc.record({
      tokens: fc.array(text, { maxLength: 1 }),
      subjects: fc.array(text, { maxLength: 1 }),
      issuedBeforeMs: fc.constantFrom(null, 1_000),
    });
    fc.assert(
      fc.property(claims, rules, revoked, fc.boolean(), (token, all, taken, trustsEmails) => {
        const of = provider(all, { revoked: taken, trustsEmails });
        expect(identify(of, keepClaims(of, token))).toEqual(identify(of, token));
      }),
      { numRuns: 500 },
    );
  });
});
