import type { ReactNode } from 'preact/compat';
import { memo, useCallback, useState } from 'preact/compat';
import type { ScalingDecisionView, ScalingView } from '../../../src/schemas/view/view.ts';
import { formatCount } from '../parts/format.ts';
import { Time } from '../parts/time.tsx';
import { Words } from '../parts/words.tsx';

/** A list that is looked through; the others are told by `plimsoll scale explain`. */
const decisionsShown = 50;

interface DecisionsProps {
  readonly decisions: readonly ScalingDecisionView[];
  readonly scaling: ScalingView;
}

/** Newest first; the numbers behind each one are folded away. */
export function Decisions({ decisions, scaling }: DecisionsProps): ReactNode {
  const [open, setOpen] = useState<number | null>(null);
  const toggle = useCallback((seq: number) => setOpen((known) => (known === seq ? null : seq)), []);
  return (
    <div className="decisions">
      <h3>Decisions</h3>
      {decisions.length === 0 ? (
        <p className="decision-none sub">
          {scaling.held === null
            ? 'None yet: a decision is written down when the number of replicas is to change.'
            : 'None yet. What holds it is said above.'}
        </p>
      ) : (
        <div className="scroll-y decision-scroll" tabIndex={0} role="group" aria-label="Decisions, scrollable">
          <ol>
            {decisions
              .slice(-decisionsShown)
              .reverse()
              .map((decision, index) => (
                // By place, as in the log of events: what comes on top takes a place and moves none.
                <Decision key={index} decision={decision} open={open === decision.seq} onToggle={toggle} />
              ))}
          </ol>
        </div>
      )}
    </div>
  );
}

interface DecisionProps {
  readonly decision: ScalingDecisionView;
  readonly open: boolean;
  readonly onToggle: (seq: number) => void;
}

const Decision = memo(function Decision({ decision, open, onToggle }: DecisionProps): ReactNode {
  const { seq, atMs, reason, terms, ordered, desired } = decision;
  const numbers = Object.entries(terms);
  return (
    <li className="decision">
      <div className="decision-head">
        <Time atMs={atMs} exact />
        <Change decision={decision} />
        {ordered === null ? <span className="flag flag-plain">not ordered</span> : null}
        {ordered !== null && ordered !== desired ? <span className="flag">ordered {ordered}</span> : null}
        {numbers.length === 0 ? null : (
          <button type="button" className="more" aria-expanded={open} onClick={() => onToggle(seq)}>
            {open ? 'less' : 'numbers'}
            <span className="unseen"> of decision {seq}</span>
          </button>
        )}
      </div>
      <p className="decision-reason" data-open={open || undefined} title={reason}>
        <Words text={reason} />
      </p>
      {open ? (
        <dl className="decision-terms">
          {numbers.map(([name, value]) => (
            <div key={name}>
              <dt>{termWords(name)}</dt>
              <dd>{termNumber(value)}</dd>
            </div>
          ))}
        </dl>
      ) : null}
    </li>
  );
});

/** `2 → 4`, with its direction as a shape. */
export function Change({ decision: { before, desired } }: { readonly decision: ScalingDecisionView }): ReactNode {
  return (
    <span className="decision-change">
      <DirectionGlyph up={desired > before} same={desired === before} /> {before}
      <span aria-hidden="true"> → </span>
      <span className="unseen"> to </span>
      {desired}
    </span>
  );
}

export function DirectionGlyph({ up, same }: { readonly up: boolean; readonly same: boolean }): ReactNode {
  const shape = same ? 'M1 5h8v2H1z' : up ? 'M5 1l4.5 8h-9z' : 'M5 10l4.5-8h-9z';
  return (
    <svg className={`direction ${same ? '' : up ? 'tone-sea' : 'tone-warm'}`} width="10" height="11" aria-hidden="true">
      <path d={shape} />
    </svg>
  );
}

/** `forecastPerSecond` as words: `forecast per second`. */
function termWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function termNumber(value: number | null): string {
  if (value === null) return 'unknown';
  return value !== 0 && Math.abs(value) < 0.1 ? String(Number(value.toPrecision(2))) : formatCount(value);
}
