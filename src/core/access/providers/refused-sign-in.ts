import { coreSteps } from '../../units/next-steps/core-steps.ts';
import { nextStep } from '../../units/next-steps/next-step.ts';
import { PlimsollError } from '../../units/errors.ts';

/**
 * Why a sign-in at a provider ended without a session; the page has a sentence for each.
 *
 * | end | meaning |
 * |---|---|
 * | denied | the person or the provider said no |
 * | expired | another browser began it, it was begun too long ago, or it came back before |
 * | refused | what the provider gave is not taken |
 * | away | the provider does not answer |
 * | busy | too many sign-ins were begun |
 */
export type SignInEnd = 'denied' | 'expired' | 'refused' | 'away' | 'busy';

/** @param why the end of "nobody was signed in: ..." */
export function makeSignInRefusal(end: Exclude<SignInEnd, 'away' | 'busy'>, why: string): PlimsollError {
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
    next: nextStep(coreSteps, 'provider-away'),
    details: { end: 'away' },
  });
}

export function makeSignInsBusy(waitMs: number): PlimsollError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return new PlimsollError({
    code: 'sign-ins-busy',
    category: 'overloaded',
    message: 'too many sign-ins were begun, by this address or by all',
    next: nextStep(coreSteps, 'sign-ins-busy', { seconds }),
    details: { end: 'busy', retryAfterSeconds: seconds },
  });
}
