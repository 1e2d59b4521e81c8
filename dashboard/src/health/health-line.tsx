import type { ReactNode } from 'preact/compat';
import type { ServiceHealth } from '../../../src/core/health/health.ts';
import { useConnection, useLive } from '../live/use-live.ts';
import { useTabIcon } from '../parts/tab.ts';
import { HealthGlyph } from './health-glyph.tsx';
import { NextStep } from './next-step.tsx';

/** Of a page that hears nothing any more. */
const gone: ServiceHealth = {
  state: 'unknown',
  sentence: 'Unknown: the control plane does not answer.',
  sinceMs: null,
  change: null,
  next: null,
  recent: null,
};

/** One sentence on whether the service is healthy, and what to do where it is not. The icon of the tab says the same. */
export function HealthLine(): ReactNode {
  const told = useLive((live) => live.health);
  const { state: connection } = useConnection();
  const health = connection === 'gone' ? gone : told;
  useTabIcon(health?.state ?? null);
  if (health === null) return null;
  const { state, sentence, next } = health;
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
