import { PlimsollError } from '../../units/errors.ts';

/**
 * Why a sign-in at a provider ended without a session; the page has a sentence for each.
 *
 * | end | meaning |
 * |---|---|
 * | denied | the person or the provider said no |
 * | expired | another browser began it, or it was begun too long ago |
 * | refused | what the provider gave is not taken |
 * | away | the provider does not answer |
 */
export type SignInEnd = 'denied' | 'expired' | 'refused' | 'away';

/** @param why the end of "nobody was signed in: ..." */
export function makeSignInRefusal(end: Exclude<SignInEnd, 'away'>, why: string): PlimsollError {
  return new PlimsollError({
    code: 'sign-in-refused',
    category: 'unauthorized',
    message: `nobody was signed in: ${why}`,
    next: 'open the page and sign in again; docs/security.md says what a provider needs',
    details: { refusal: `sign-in-${end}`, end },
  });
}

export function makeProviderAway(name: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'provider-away',
    category: 'unavailable',
    message: `the identity provider ${name} cannot be used: ${why}`,
    next: 'try again in a minute; `plimsoll page` signs in without a provider',
    details: { end: 'away' },
  });
}
