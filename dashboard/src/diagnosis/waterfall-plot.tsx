import type { ReactNode } from 'preact/compat';
import { formatWhole } from '../parts/format.ts';
import { type DrawnWaterfall, stepTime } from './diagnosis-words.ts';

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;
/** A step of microseconds is still to be seen. */
const leastWidth = 0.002;

/** The mean request from the gateway to the engine and back, a row for each step, with what it waits for. */
export function WaterfallPlot({ drawn }: { readonly drawn: DrawnWaterfall }): ReactNode {
  const { totalMs, requests, steps, unknown } = drawn;
  const of = requests === null ? '' : `, mean of ${formatWhole(requests)} requests`;
  return (
    <div className="waterfall">
      <h3>
        Where a request waits{' '}
        <span className="unit">
          {stepTime(totalMs)}
          {of}
        </span>
      </h3>
      <ol>
        {steps.map(({ name, waitsFor, ms, from, width }) => (
          <li key={name} data-rest={name === 'not accounted' || undefined}>
            <span className="waterfall-name">{name}</span>
            <svg className="waterfall-bar" width="100%" height="18" aria-hidden="true">
              <line x1="0" x2="100%" y1="9" y2="9" />
              <rect
                x={percent(Math.min(from, 1 - leastWidth))}
                width={percent(Math.max(width, leastWidth))}
                y="3"
                height="12"
              />
            </svg>
            <span className="waterfall-time">{stepTime(ms)}</span>
            <span className="waterfall-for sub">{waitsFor}</span>
          </li>
        ))}
      </ol>
      {unknown.map(({ reason, phases }) => (
        <p key={reason} className="sub">
          {phases.join(', ')} not known: {reason}
        </p>
      ))}
    </div>
  );
}
