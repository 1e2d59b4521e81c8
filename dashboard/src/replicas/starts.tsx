import type { ReactNode } from 'preact/compat';
import { useMemo } from 'preact/compat';
import type { QuantilePromise } from '../../../src/core/contract/promises.ts';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { Clipped } from '../parts/clipped.tsx';
import { Command } from '../parts/copy.tsx';
import { counted, formatDuration, shortReplica } from '../parts/format.ts';
import { type KnownReplica, knownReplicas } from './replica-history.ts';
import { Room } from '../parts/room.tsx';
import { Empty, Section } from '../parts/section.tsx';
import { PhaseLegend, StartDrawing, TimelineAxis } from './start-timeline.tsx';
import { ClockText, Time } from '../parts/time.tsx';
import { layoutTimeline, type Timeline, type TimelineRow } from './timeline.ts';
import { useClock, useLive } from '../live/use-live.ts';

const noBudgets: readonly QuantilePromise[] = [];
/** Enough to see a trend, and a list that is still looked through. */
const startsShown = 24;
/** More than these scroll. */
const rowsShown = 6;

/** The newest starts one under the other, of replicas that are gone as well: whether a start takes longer than it did, and in which phase. */
export function Starts({ view }: { readonly view: ServiceView }): ReactNode {
  const events = useLive((live) => live.replicaEvents);
  const starts = useMemo(() => knownReplicas(view.replicas, events).slice(0, startsShown), [view.replicas, events]);
  const log = useLive((live) => live.events);
  const outliers = useMemo(() => outliersOf(log), [log]);
  const budgets = view.promises?.starts ?? noBudgets;
  const isStarting = starts.some(isUnderWay);
  // Only a start that is under way makes the drawing depend on the clock.
  const drawnAtMs = useClock((nowMs) => (isStarting ? nowMs : 0));
  const reachMs = Math.max(0, ...budgets.map(({ limitMs }) => limitMs));
  const timeline = useMemo(() => layoutTimeline(starts, drawnAtMs, reachMs), [starts, drawnAtMs, reachMs]);
  return (
    <Section id="starts" title="Starts" aside={starts.length === 0 ? null : <Counts starts={starts} />}>
      {starts.length === 0 ? (
        <Empty command={<Command text="plimsoll coldstart" />}>
          No start is known yet. Each start of a replica is drawn here with its phases.
        </Empty>
      ) : (
        <>
          <div className="start-row start-head" aria-hidden="true">
            <span className="sub start-when">Started</span>
            <TimelineAxis timeline={timeline} />
            <span className="sub start-said">Took, and its slowest phase</span>
          </div>
          <div className="scroll-y start-scroll" tabIndex={0} role="group" aria-label="Newest starts, scrollable">
            <ol>
              {starts.map((start, index) => (
                <StartRow
                  key={index}
                  start={start}
                  row={timeline.rows[index]}
                  timeline={timeline}
                  budgets={budgets}
                  outlier={outliers.get(start.replicaId)}
                />
              ))}
            </ol>
          </div>
          <div className="start-legend">
            <PhaseLegend replicas={starts} />
            <Budgets budgets={budgets} />
          </div>
          <Room rows={starts.length} most={rowsShown} />
        </>
      )}
    </Section>
  );
}

/** Replicas whose start left what was measured, with the words of the event. */
function outliersOf(events: readonly StoredEvent[]): ReadonlyMap<string, string> {
  const outliers = events.flatMap((event) => (event.kind === 'start.outlier' ? [event] : []));
  return new Map(outliers.map(({ data, summary }) => [data.replicaId ?? '', summary]));
}

const isUnderWay = ({ state }: KnownReplica): boolean => state === 'starting' || state === 'pending';

function Counts({ starts }: { readonly starts: readonly KnownReplica[] }): ReactNode {
  const failed = starts.filter(hasFailed).length;
  return (
    <span>
      {counted(starts.length, 'start')}
      {failed === 0 ? null : <span className="tone-bad">, {failed} failed</span>}
    </span>
  );
}

const hasFailed = ({ state, readyAtMs }: KnownReplica): boolean => state === 'failed' && readyAtMs === null;

function Budgets({ budgets }: { readonly budgets: readonly QuantilePromise[] }): ReactNode {
  if (budgets.length === 0) return null;
  return (
    <p className="start-budgets">
      <svg className="key" width="12" height="12" aria-hidden="true">
        <line className="timeline-limit" x1="6" x2="6" y1="0" y2="12" />
      </svg>
      {budgets.map(({ quantile, limitMs }) => `budget of ${quantile}: ${formatDuration(limitMs)}`).join(', ')}
    </p>
  );
}

interface StartRowProps {
  readonly start: KnownReplica;
  readonly row: TimelineRow | undefined;
  readonly timeline: Timeline;
  readonly budgets: readonly QuantilePromise[];
  /** How it leaves what was measured; absent where it does not. */
  readonly outlier: string | undefined;
}

function StartRow({ start, row, timeline, budgets, outlier }: StartRowProps): ReactNode {
  const limits = budgets.map(({ limitMs }) => limitMs / timeline.scaleMs);
  return (
    <li className="start-row">
      <span className="start-when">
        <Time atMs={start.startedAtMs} exact />
        <span className="line sub mono" title={start.replicaId}>
          {shortReplica(start.replicaId)}, R{start.release}
        </span>
      </span>
      {row === undefined ? null : <StartDrawing row={row} ticks={timeline.ticks} limits={limits} />}
      <span className="start-said">
        <span className="start-took">
          <Took start={start} />
          {outlier === undefined ? null : <span className="flag">outlier</span>}
        </span>
        <Clipped className="sub" lines={1} what={`the start of ${shortReplica(start.replicaId)}`}>
          {outlier ?? slowestWords(start)}
        </Clipped>
      </span>
    </li>
  );
}

function Took({ start }: { readonly start: KnownReplica }): ReactNode {
  const { startedAtMs, readyAtMs, leftAtMs } = start;
  if (readyAtMs !== null) return <strong className="line">{formatDuration(readyAtMs - startedAtMs)}</strong>;
  if (isUnderWay(start)) {
    return (
      <span className="line state state-starting">
        <ClockText words={(nowMs) => formatDuration(Math.floor((nowMs - startedAtMs) / 1000) * 1000)} />
      </span>
    );
  }
  const lasted =
    leftAtMs === null || leftAtMs === startedAtMs ? '' : ` after ${formatDuration(leftAtMs - startedAtMs)}`;
  const failed = hasFailed(start);
  return (
    <span className={`line state state-${failed ? 'failed' : 'stopped'}`} title={start.reason}>
      {failed ? 'failed' : 'never ready'}
      {lasted}
    </span>
  );
}

/** Of a start that is over: where it spent most of its time. */
function slowestWords({ phases, readyAtMs, startedAtMs, state, reason }: KnownReplica): string {
  if (state === 'failed' && readyAtMs === null) return reason;
  const slowest = phases.toSorted((a, b) => b.durationMs - a.durationMs)[0];
  const isOver = readyAtMs !== null || !(state === 'starting' || state === 'pending');
  if (slowest === undefined) return isOver ? 'no phase measured' : 'no phase measured yet';
  const name = slowest.phases.join(' + ');
  if (readyAtMs === null) return `${name} so far`;
  const share = slowest.durationMs / Math.max(1, readyAtMs - startedAtMs);
  return `${name}: ${Math.round(Math.min(1, share) * 100)}%`;
}
