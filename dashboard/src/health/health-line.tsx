import type { ReactNode } from 'preact/compat';
import type { ServiceHealth } from '../../../src/core/health/health.ts';
import { useConnectionIs, useLive } from '../live/use-live.ts';
import { useTabIcon } from '../parts/tab.ts';
import { HealthGlyph } from './health-glyph.tsx';
import { NextStep } from './next-step.tsx';

/** Of a page that hears nothing any more. */
const gone: Pick<ServiceHealth, 'state' | 'sentence' | 'next'> = {
  state: 'unknown',
  sentence: 'Unknown: the control plane does not answer.',
  next: null,
};

/** One sentence on whether the service is healthy, and what to do where it is not. The icon of the tab says the same. */
export function HealthLine(): ReactNode {
  // By what is shown of it: the rest of it moves each second.
  const told = {
    state: useLive(({ health }) => health?.state ?? null),
    sentence: useLive(({ health }) => health?.sentence ?? ''),
    next: useLive(({ health }) => health?.next ?? null),
  };
  const { state, sentence, next } = useConnectionIs('gone') ? gone : told;
  useTabIcon(state);
  if (state === null) return null;
  const [word = '', ...rest] = sentence.split(/(?<=:)/);
  return (
    <section className={`health health-${state}`} aria-labelledby="health-title">
      <h2 className="unseen" id="health-title">
        Health
      </h2>
      <HealthGlyph state={state} />
      <p className="health-said" role="status">
        <strong>{word}</strong>
        {rest.join('')}
      </p>
      {next === null ? null : <NextStep text={next} />}
    </section>
  );
}
