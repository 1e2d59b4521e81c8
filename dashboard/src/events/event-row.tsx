import type { ReactNode } from 'preact/compat';
import { memo } from 'preact/compat';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import { Time } from '../parts/time.tsx';

interface EventRowProps {
  readonly event: StoredEvent;
  readonly open: boolean;
  /** One row of the list is reached by Tab, the others from it by the arrow keys. */
  readonly reachable: boolean;
  readonly onToggle: (seq: number) => void;
}

export const EventRow = memo(function EventRow({ event, open, reachable, onToggle }: EventRowProps): ReactNode {
  return (
    <li className="event">
      <button
        type="button"
        className="event-line"
        aria-expanded={open}
        tabIndex={reachable ? 0 : -1}
        onClick={() => onToggle(event.seq)}
      >
        <Time atMs={event.atMs} exact />
        <span className={`event-kind ${toneOf(event)}`}>{event.kind}</span>
        <span className="event-summary">{event.summary}</span>
        <span className="event-by">{event.by}</span>
      </button>
      {open ? <pre className="event-data">{detailsOf(event)}</pre> : null}
    </li>
  );
});

function toneOf(event: StoredEvent): string {
  const { kind } = event;
  if (event.kind === 'waiver.recorded' && event.data.failing === true) return 'tone-bad';
  if (/fail|refus|reject|corrupt|lost|gone/.test(kind)) return 'tone-bad';
  return /stale|^bar|invalidat|waive|supersed|skipped/.test(kind) ? 'tone-warn' : '';
}

/** Details are data of any size; this much is enough to read here. */
const maxDetailChars = 8_000;

function detailsOf(event: StoredEvent): string {
  const head = `${event.summary}\n#${event.seq} ${new Date(event.atMs).toISOString()} by ${event.by}`;
  const text = `${head}\n${JSON.stringify(event.data, null, 2)}`;
  if (text.length <= maxDetailChars) return text;
  return `${text.slice(0, maxDetailChars)}\n… ${text.length - maxDetailChars} more characters`;
}
