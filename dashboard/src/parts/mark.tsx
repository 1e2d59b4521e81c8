import type { ReactNode } from 'preact/compat';

/**
 * The load line of a ship: a ring, the line through it, and the two letters of whoever assigned it. In the header the
 * line runs on as the header's own rule.
 */
export function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 72 40" width="72" height="40" aria-hidden="true" focusable="false">
      <path className="mark-line" d="M0 24h72" />
      <circle className="mark-ring" cx="36" cy="24" r="12" />
      <path className="mark-line" d="M18 24h36" />
      <path className="mark-letter" d="M10 20v-10h3.6a2.9 2.9 0 0 1 0 5.8h-3.6M57 9.2v10h5.5" />
    </svg>
  );
}
