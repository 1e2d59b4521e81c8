import type { ReactNode } from 'preact/compat';
import type { HealthState } from '../../../src/core/health/health.ts';

/** Each state has a shape of its own: colour only repeats it. */
export function HealthGlyph({ state }: { readonly state: HealthState }): ReactNode {
  return (
    <svg className="health-glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      {shapes[state]}
    </svg>
  );
}

const shapes: Readonly<Record<HealthState, ReactNode>> = {
  healthy: (
    <>
      <circle cx="8" cy="8" r="7" className="filled" />
      <path d="M4.8 8.2l2.2 2.2 4.2-4.6" className="cut" />
    </>
  ),
  degraded: <path d="M8 1.5l7 12.5H1zM8 6v4M8 11.8v.1" className="drawn" />,
  failing: (
    <>
      <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" className="filled" />
      <path d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4" className="cut" />
    </>
  ),
  unknown: (
    <>
      <circle cx="8" cy="8" r="7" className="drawn" />
      <path d="M6.2 6.3a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.8.6-.8 1.2M8 11.3v.1" className="drawn" />
    </>
  ),
  'not-released': <circle cx="8" cy="8" r="7" className="drawn dashed" />,
};
