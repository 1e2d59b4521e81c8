import type { TokenClaims } from './identity-provider.ts';

/** More members of a claim are not looked at: nobody is in more groups. */
const membersAtMost = 1_000;

/** `realm_access.roles` is a claim inside a claim, unless a claim has that name itself. */
export function claimAt(claims: TokenClaims, claim: string): unknown {
  if (Object.hasOwn(claims, claim)) return claims[claim];
  return claim
    .split('.')
    .reduce<unknown>(
      (value, part) => (isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined),
      claims,
    );
}

/** The texts, numbers and truth values of a claim, or of the members of a list. */
export function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value))
    return value.slice(0, membersAtMost).flatMap((each) => (Array.isArray(each) ? [] : textsOf(each)));
  if (typeof value === 'string') return [value];
  return typeof value === 'boolean' || typeof value === 'number' ? [String(value)] : [];
}

const isObject = (value: unknown): value is TokenClaims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
