import type { ReactNode } from 'react';
import { useMemo, useRef, useState } from 'react';
import type { StoredEvent } from '../../src/ports/store.ts';
import { counted } from './format.ts';
import { filterEvents, keptEvents, kindsBySubject } from './event-list.ts';
import { Empty, Section } from './section.tsx';
import { Time } from './time.tsx';
import { useLive, useNowMs } from './use-live.ts';

/**
 * Newest first. While somebody reads (points at it, is in it by keyboard, has scrolled or opened an event) the list
 * stands still and says how many came since: nothing slides away under the reader.
 */
export function Events(): ReactNode {
  const events = useLive((live) => live.events);
  const [filter, setFilter] = useState('');
  const [heldFrom, setHeldFrom] = useState<number | null>(null);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const nowMs = useNowMs();
  const reading = useReading(
    open.size > 0,
    () => setHeldFrom(events[0]?.seq ?? 0),
    () => setHeldFrom(null),
  );
  const held = heldFrom === null ? events : events.filter((event) => event.seq <= heldFrom);
  const shown = useMemo(() => filterEvents(held, filter), [held, filter]);
  const waiting = filterEvents(events, filter).length - shown.length;
  const toggle = (seq: number): void => {
    const next = new Set(open);
    if (!next.delete(seq)) next.add(seq);
    setOpen(next);
    reading.openChanged(next.size > 0);
  };
  const goOn = (): void => {
    setOpen(new Set());
    reading.stop();
  };
  return (
    <Section
      id="events"
      title="Events"
      aside={
        <>
          {waiting > 0 ? (
            <button type="button" className="quiet" onClick={goOn}>
              {waiting} new: show
            </button>
          ) : null}
          <KindFilter events={events} filter={filter} onChange={setFilter} />
        </>
      }
    >
      {shown.length === 0 ? (
        <Empty>
          {filter === ''
            ? 'Nothing has happened yet. Every decision and every change of state will be listed here.'
            : 'No event of this kind among those kept.'}
        </Empty>
      ) : (
        <div
          className="scroll-y event-scroll"
          tabIndex={0}
          role="group"
          aria-label={`${counted(shown.length, 'event')}, newest first, scrollable; the newest ${keptEvents} are kept`}
          {...reading.handlers}
          ref={reading.scroller}
        >
          <ol className="event-list">
            {shown.map((event, index) => (
              <EventRow
                key={index}
                event={event}
                nowMs={nowMs}
                open={open.has(event.seq)}
                onToggle={() => toggle(event.seq)}
              />
            ))}
          </ol>
        </div>
      )}
    </Section>
  );
}

interface Reading {
  readonly scroller: React.RefObject<HTMLDivElement | null>;
  readonly handlers: Pick<
    React.DOMAttributes<HTMLDivElement>,
    'onPointerEnter' | 'onPointerLeave' | 'onFocus' | 'onBlur' | 'onScroll'
  >;
  readonly openChanged: (anyOpen: boolean) => void;
  readonly stop: () => void;
}

/** Knows whether somebody is reading: by pointer, focus, scroll position or an opened event. */
function useReading(anyOpen: boolean, onStart: () => void, onStop: () => void): Reading {
  const scroller = useRef<HTMLDivElement>(null);
  const why = useRef({ pointer: false, focus: false, scrolled: false, open: anyOpen, reading: false });
  const settle = (change: Partial<typeof why.current>): void => {
    const next = { ...why.current, ...change };
    const reading = next.pointer || next.focus || next.scrolled || next.open;
    if (reading !== next.reading) (reading ? onStart : onStop)();
    why.current = { ...next, reading };
  };
  return {
    scroller,
    handlers: {
      onPointerEnter: (event) => settle({ pointer: event.pointerType === 'mouse' }),
      onPointerLeave: () => settle({ pointer: false }),
      onFocus: () => settle({ focus: true }),
      onBlur: (event) => settle({ focus: event.currentTarget.contains(event.relatedTarget) }),
      onScroll: (event) => settle({ scrolled: event.currentTarget.scrollTop > 4 }),
    },
    openChanged: (open) => settle({ open }),
    stop: () => {
      if (scroller.current !== null) scroller.current.scrollTop = 0;
      settle({ pointer: false, focus: false, scrolled: false, open: false });
    },
  };
}

interface KindFilterProps {
  readonly events: readonly StoredEvent[];
  readonly filter: string;
  readonly onChange: (filter: string) => void;
}

function KindFilter({ events, filter, onChange }: KindFilterProps): ReactNode {
  const subjects = useMemo(() => kindsBySubject(events), [events]);
  return (
    <label className="filter">
      <span className="unseen">Show events of</span>
      <select value={filter} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">all kinds</option>
        {[...subjects].map(([subject, kinds]) => (
          <optgroup key={subject} label={subject}>
            <option value={subject}>{subject}: all</option>
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {kind}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

interface EventRowProps {
  readonly event: StoredEvent;
  readonly nowMs: number;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function EventRow({ event, nowMs, open, onToggle }: EventRowProps): ReactNode {
  return (
    <li className="event">
      <button type="button" className="event-line" aria-expanded={open} onClick={onToggle}>
        <Time atMs={event.atMs} nowMs={nowMs} exact />
        <span className={`event-kind ${toneOf(event.kind)}`}>{event.kind}</span>
        <span className="event-summary">{event.summary}</span>
        <span className="event-by">{event.by}</span>
      </button>
      {open ? <pre className="event-data">{detailsOf(event)}</pre> : null}
    </li>
  );
}

function toneOf(kind: string): string {
  if (/fail|refus|reject|corrupt|lost|gone/.test(kind)) return 'tone-bad';
  return /stale|^bar|invalidat|waive|supersed|skipped/.test(kind) ? 'tone-warn' : '';
}

/** Details are data of any size; this much is enough to read here. */
const maxDetailChars = 8_000;

function detailsOf(event: StoredEvent): string {
  const text = `${event.summary}\n#${event.seq} ${new Date(event.atMs).toISOString()} by ${event.by}\n${JSON.stringify(event.data, null, 2)}`;
  return text.length > maxDetailChars
    ? `${text.slice(0, maxDetailChars)}\n… ${text.length - maxDetailChars} more characters`
    : text;
}
