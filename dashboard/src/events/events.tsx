import type { ReactNode } from 'preact/compat';
import { useCallback, useMemo, useRef, useState } from 'preact/compat';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import { filterEvents, kindsBySubject } from './event-list.ts';
import { EventRow } from './event-row.tsx';
import { counted } from '../parts/format.ts';
import { Empty, Section } from '../parts/section.tsx';
import { useLive } from '../live/use-live.ts';
import { type Reading, useReading } from '../live/use-reading.ts';

/**
 * Newest first. While somebody reads (points at it, is in it by keyboard, has scrolled or opened an event) the list
 * stands still and says how many came since: nothing slides away under the reader.
 */
export function Events(): ReactNode {
  const events = useLive((live) => live.events);
  const [filter, setFilter] = useState('');
  const [heldFrom, setHeldFrom] = useState<number | null>(null);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const reading = useReading(
    () => setHeldFrom(events[0]?.seq ?? 0),
    () => setHeldFrom(null),
  );
  const shown = useMemo(() => {
    const held = heldFrom === null ? events : events.filter((event) => event.seq <= heldFrom);
    return filterEvents(held, filter);
  }, [events, heldFrom, filter]);
  const waiting = filterEvents(events, filter).length - shown.length;
  const latest = useRef({ open, reading });
  latest.current = { open, reading };
  const toggle = useCallback((seq: number) => {
    const next = new Set(latest.current.open);
    if (!next.delete(seq)) next.add(seq);
    setOpen(next);
    latest.current.reading.openChanged(next.size > 0);
  }, []);
  const goOn = (): void => {
    setOpen(new Set());
    reading.stop();
  };
  const aside = (
    <>
      {waiting > 0 ? (
        <button type="button" className="quiet" onClick={goOn}>
          {waiting} new: show
        </button>
      ) : null}
      <KindFilter events={events} filter={filter} onChange={setFilter} />
    </>
  );
  return (
    <Section id="events" title="Events" aside={aside}>
      {shown.length === 0 ? (
        <Empty>
          {filter === ''
            ? 'Nothing has happened yet. Every decision and every change of state will be listed here.'
            : 'No event of this kind among those kept.'}
        </Empty>
      ) : (
        <EventList shown={shown} open={open} reading={reading} onToggle={toggle} />
      )}
    </Section>
  );
}

interface EventListProps {
  readonly shown: readonly StoredEvent[];
  readonly open: ReadonlySet<number>;
  readonly reading: Reading;
  readonly onToggle: (seq: number) => void;
}

const moves: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowDown: (at, last) => Math.min(last, at + 1),
  ArrowUp: (at) => Math.max(0, at - 1),
  Home: () => 0,
  End: (_, last) => last,
};

function EventList({ shown, open, reading, onToggle }: EventListProps): ReactNode {
  const [reachable, setReachable] = useState(0);
  const list = useRef<HTMLOListElement>(null);
  const at = Math.min(reachable, shown.length - 1);
  const move = (event: KeyboardEvent): void => {
    const next = moves[event.key]?.(at, shown.length - 1);
    if (next === undefined) return;
    event.preventDefault();
    setReachable(next);
    list.current?.children[next]?.querySelector('button')?.focus();
  };
  return (
    <div
      className="scroll-y event-scroll"
      role="group"
      aria-label={`${counted(shown.length, 'event')}, newest first; arrow keys go through them`}
      {...reading.handlers}
      ref={reading.scroller}
    >
      <ol className="event-list" ref={list} onKeyDown={move}>
        {shown.map((event, index) => (
          <EventRow key={index} event={event} open={open.has(event.seq)} reachable={index === at} onToggle={onToggle} />
        ))}
      </ol>
    </div>
  );
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
