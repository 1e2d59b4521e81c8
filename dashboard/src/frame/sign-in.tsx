import type { ReactNode } from 'preact/compat';
import type { SignInEnd } from '../../../src/core/access/providers/refused-sign-in.ts';
import { Command } from '../parts/copy.tsx';
import { signInAddress, useProviders, useSignInEnd } from './page-session.ts';

const endWords: Readonly<Record<SignInEnd, string>> = {
  denied: 'The provider did not let you in.',
  expired: 'The sign-in took too long, came back twice, or began in another browser.',
  refused: 'The control plane did not take what the provider gave; its log says why.',
  away: 'The provider does not answer.',
  busy: 'Too many sign-ins were begun. Try again in a minute.',
};

/** Anybody can write a link with another word. */
const wordsOf = (end: string): string =>
  Object.entries(endWords).find(([known]) => known === end)?.[1] ?? endWords.refused;

/** A link for each provider; where there is none, the command whose link signs the page in. */
export function SignInWays(): ReactNode {
  const providers = useProviders();
  const ended = useSignInEnd();
  if (providers === null) return null;
  return (
    <span className="sign-in">
      {providers.length === 0 ? (
        <>
          open the link of <Command text="plimsoll page" />
        </>
      ) : (
        providers.map(({ name }, index) => (
          <span key={name}>
            {index === 0 ? '' : ' or '}
            <a href={signInAddress(name)}>sign in with {name}</a>
          </span>
        ))
      )}
      {ended === null ? null : (
        <>
          . <span className="tone-warn">{wordsOf(ended)}</span>
        </>
      )}
    </span>
  );
}
