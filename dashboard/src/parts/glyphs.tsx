import type { ReactNode } from 'preact/compat';
import type { Freshness } from '../../../src/core/evidence/lock/lock.ts';
import type { CanaryOutcome } from '../../../src/core/rollout/judge/canary.ts';
import type { AskState } from '../../../src/core/rollout/release-ask.ts';
import type { Verdict } from '../../../src/core/units/verdict.ts';

/** Each state has a shape of its own: colour only repeats it. */
function Glyph({ children, tone }: { readonly children: ReactNode; readonly tone: string }): ReactNode {
  return (
    <svg
      className={`glyph tone-${tone}`}
      viewBox="0 0 16 16"
      width="14"
      height="14"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const freshnessWords: Readonly<Record<Freshness, string>> = {
  fresh: 'fresh',
  stale: 'stale',
  unknown: 'unknown',
  missing: 'missing',
  'not-asked': 'not asked',
};

export function FreshnessGlyph({ freshness }: { readonly freshness: Freshness }): ReactNode {
  switch (freshness) {
    case 'fresh':
      return (
        <Glyph tone="good">
          <circle cx="8" cy="8" r="5.5" className="filled" />
        </Glyph>
      );
    case 'stale':
      return (
        <Glyph tone="warn">
          <circle cx="8" cy="8" r="5.25" className="drawn" />
          <path d="M8 2.75a5.25 5.25 0 0 1 0 10.5z" className="filled" />
        </Glyph>
      );
    case 'unknown':
      return (
        <Glyph tone="ink">
          <circle cx="8" cy="8" r="7" className="drawn thin" />
          <path d="M6.2 6.3a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.8.6-.8 1.2M8 11.3v.1" className="drawn thin" />
        </Glyph>
      );
    case 'missing':
      return (
        <Glyph tone="bad">
          <circle cx="8" cy="8" r="5.25" className="drawn dashed" />
        </Glyph>
      );
    case 'not-asked':
      return (
        <Glyph tone="dim">
          <path d="M4.5 8h7" className="drawn" />
        </Glyph>
      );
  }
}

export function VerdictGlyph({ verdict }: { readonly verdict: Verdict }): ReactNode {
  switch (verdict) {
    case 'pass':
      return <CheckGlyph />;
    case 'fail':
      return <CrossGlyph />;
    case 'inconclusive':
      return (
        <Glyph tone="warn">
          <path d="M2.5 9.5c1.8-3.4 3.8-3.4 5.5-1.5s3.7 1.9 5.5-1.5" className="drawn" />
        </Glyph>
      );
    case 'unknown':
      return <QuestionGlyph />;
  }
}

export function CheckGlyph(): ReactNode {
  return (
    <Glyph tone="good">
      <path d="M3 8.5l3.3 3.3L13 4.8" className="drawn" />
    </Glyph>
  );
}

export function CrossGlyph(): ReactNode {
  return (
    <Glyph tone="bad">
      <path d="M4 4l8 8M12 4l-8 8" className="drawn" />
    </Glyph>
  );
}

export function QuestionGlyph(): ReactNode {
  return (
    <Glyph tone="dim">
      <path d="M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.8-1.1 1.5M8 12.3v.4" className="drawn" />
    </Glyph>
  );
}

export function CopyGlyph(): ReactNode {
  return (
    <Glyph tone="inherit">
      <path d="M6 5.5h7v8H6zM10 3H3v8" className="drawn" />
    </Glyph>
  );
}

/** What the judge of a step says, each with a shape of its own. */
export function OutcomeGlyph({ outcome }: { readonly outcome: CanaryOutcome }): ReactNode {
  switch (outcome) {
    case 'promote':
      return <CheckGlyph />;
    case 'roll-back':
      return <CrossGlyph />;
    case 'inconclusive':
      return <VerdictGlyph verdict="inconclusive" />;
    case 'hold':
      return (
        <Glyph tone="sea">
          <circle cx="8" cy="8" r="5.5" className="drawn" />
          <path d="M8 4.8V8l2.2 1.6" className="drawn" />
        </Glyph>
      );
  }
}

/** How a request for a release stands. */
export function AskGlyph({ state }: { readonly state: AskState }): ReactNode {
  switch (state) {
    case 'requested':
      return <OutcomeGlyph outcome="hold" />;
    case 'fetching':
      return (
        <Glyph tone="sea">
          <path d="M8 2.5v8M4.8 7.4L8 10.6l3.2-3.2M3 13.5h10" className="drawn" />
        </Glyph>
      );
    case 'released':
      return <CheckGlyph />;
    case 'refused':
      return <CrossGlyph />;
    case 'cancelled':
      return <FreshnessGlyph freshness="not-asked" />;
  }
}

export function PauseGlyph(): ReactNode {
  return (
    <Glyph tone="warn">
      <path d="M5.5 3.5v9M10.5 3.5v9" className="drawn" />
    </Glyph>
  );
}
