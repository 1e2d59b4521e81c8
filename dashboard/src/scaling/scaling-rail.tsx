import type { ReactNode } from 'preact/compat';
import { useMemo, useRef, useState } from 'preact/compat';
import type { ScalingDecisionView } from '../../../src/schemas/view/view.ts';
import { formatClock } from '../parts/format.ts';
import { Change, DirectionGlyph } from './scaling-decisions.tsx';
import { type DecisionMark, decisionMarks } from './scaling-story.ts';
import { Words } from '../parts/words.tsx';

/** A thumb on a narrow screen tells two marks apart that are a fourteenth of the width from one another. */
const apart = 0.07;

interface RailProps {
  readonly decisions: readonly ScalingDecisionView[];
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly chosen: number | null;
  readonly onChoose: (seq: number | null) => void;
}

const moves: Readonly<Record<string, (at: number, last: number) => number>> = {
  // The newest is first in the list and rightmost on the chart.
  ArrowLeft: (at, last) => Math.min(last, at + 1),
  ArrowRight: (at) => Math.max(0, at - 1),
  Home: (_, last) => last,
  End: () => 0,
};

/** Decisions as marks on the time of the charts; the reason of the one that is pointed at, focused or tapped is read below them. */
export function DecisionRail({ decisions, window, chosen, onChoose }: RailProps): ReactNode {
  const marks = useMemo(() => decisionMarks(decisions, window, apart), [decisions, window]);
  const [pinned, setPinned] = useState<number | null>(null);
  const rail = useRef<HTMLDivElement>(null);
  const shown = marks.find((mark) => mark.decisions.some(({ seq }) => seq === chosen)) ?? null;
  const reachable = shown ?? marks[0];
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = moves[event.key];
    if (move === undefined || reachable === undefined) return;
    event.preventDefault();
    const next = move(marks.indexOf(reachable), marks.length - 1);
    rail.current?.querySelectorAll('button')[next]?.focus();
  };
  const pin = (seq: number | null): void => {
    setPinned(seq);
    onChoose(seq);
  };
  const unpoint = (event: PointerEvent): void => {
    if (event.pointerType === 'mouse') onChoose(pinned);
  };
  return (
    <div className="decision-rail-box">
      <div
        className="decision-rail"
        ref={rail}
        role="group"
        aria-label="Decisions of this time; the arrow keys go from one to the next"
        onKeyDown={onKeyDown}
        onPointerLeave={unpoint}
      >
        {marks.map((mark, index) => (
          <button
            // As time goes on, decisions come together in other marks: a button that went would take focus and pointer along.
            key={index}
            type="button"
            className="decision-mark"
            style={{ left: `${mark.at * 100}%` }}
            tabIndex={mark === reachable ? 0 : -1}
            aria-pressed={mark === shown}
            aria-label={markWords(mark)}
            onPointerEnter={(event) => {
              if (event.pointerType === 'mouse') onChoose(mark.decisions[0].seq);
            }}
            onPointerLeave={unpoint}
            onFocus={() => pin(mark.decisions[0].seq)}
            onBlur={() => pin(null)}
            onClick={() => pin(mark.decisions[0].seq)}
          >
            <DirectionGlyph {...directionOf(mark)} />
            {mark.decisions.length === 1 ? null : <span className="decision-many">{mark.decisions.length}</span>}
          </button>
        ))}
      </div>
      <Readout mark={shown} any={marks.length > 0} />
    </div>
  );
}

/** Over all that one mark holds. */
function directionOf({ decisions }: DecisionMark): { readonly up: boolean; readonly same: boolean } {
  const before = decisions.at(-1)?.before ?? 0;
  const { desired } = decisions[0];
  return { up: desired > before, same: desired === before };
}

const markWords = ({ decisions }: DecisionMark): string =>
  decisions
    .map(({ atMs, before, desired, reason }) => `${formatClock(atMs)}, ${before} to ${desired}: ${reason}`)
    .join('; before that ');

/** Of a fixed height, so that nothing moves for what is read in it. */
function Readout({ mark, any }: { readonly mark: DecisionMark | null; readonly any: boolean }): ReactNode {
  return (
    <div className="decision-readout">
      {mark === null ? (
        <p className="sub">{any ? 'Point at a mark, or tap it, to read why.' : 'Nothing was decided in this time.'}</p>
      ) : (
        mark.decisions.slice(0, 3).map((decision) => (
          <p key={decision.seq}>
            <time dateTime={new Date(decision.atMs).toISOString()}>{formatClock(decision.atMs)}</time>{' '}
            <Change decision={decision} />{' '}
            <span className="decision-why">
              <Words text={decision.reason} />
            </span>
          </p>
        ))
      )}
    </div>
  );
}
