import type { ReactNode } from 'react';
import { useMemo } from 'react';
import type { GatewayView, ReplicaView, ServiceView } from '../../src/schemas/view.ts';
import { counted, formatBytes, formatDuration, shortReplica } from './format.ts';
import { phaseOrder } from './phases.ts';
import { Command } from './copy.tsx';
import { Empty, Section } from './section.tsx';
import { layoutTimeline, type Timeline, type TimelineBar, type TimelineRow } from './timeline.ts';
import { useNowMs } from './use-live.ts';

/** What runs, whether traffic goes to it and why, and how each start went. */
export function Replicas({ view }: { readonly view: ServiceView }): ReactNode {
  const nowMs = useNowMs();
  const replicas = useMemo(() => newestFirst(view.replicas), [view.replicas]);
  const starting = replicas.some((replica) => replica.state === 'starting' || replica.state === 'pending');
  // Only a start that is under way makes the drawing depend on the clock.
  const drawnAtMs = starting ? nowMs : 0;
  const timeline = useMemo(() => layoutTimeline(replicas, drawnAtMs), [replicas, drawnAtMs]);
  const admitted = replicas.filter((replica) => replica.admitted).length;
  return (
    <Section
      id="replicas"
      title="Replicas"
      aside={replicas.length === 0 ? null : `${admitted} of ${counted(replicas.length, 'replica')} admitted`}
    >
      {replicas.length === 0 ? (
        <Empty command={<Command text="plimsoll status" />}>
          No replica runs. One starts when a release is on its way, or when the service scales up.
        </Empty>
      ) : (
        <>
          <ReplicaTable replicas={replicas} timeline={timeline} />
          <PhaseLegend replicas={replicas} />
        </>
      )}
      <Gateways view={view} />
    </Section>
  );
}

function newestFirst(replicas: readonly ReplicaView[]): readonly ReplicaView[] {
  return replicas.toSorted((a, b) => b.startedAtMs - a.startedAtMs);
}

function ReplicaTable({
  replicas,
  timeline,
}: {
  readonly replicas: readonly ReplicaView[];
  readonly timeline: Timeline;
}): ReactNode {
  return (
    <div className="scroll-y replica-scroll" tabIndex={0} role="group" aria-label="Replicas, scrollable">
      <table className="replica-table">
        <thead>
          <tr>
            <th scope="col">Replica</th>
            <th scope="col">State</th>
            <th scope="col">Traffic</th>
            <th scope="col">Serves</th>
            <th scope="col" className="timeline-head">
              <span className="unseen">Start, as a timeline</span>
              <Axis timeline={timeline} />
            </th>
          </tr>
        </thead>
        <tbody>
          {replicas.map((replica, index) => (
            <ReplicaRow key={index} replica={replica} row={timeline.rows[index]} ticks={timeline.ticks} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ReplicaRowProps {
  readonly replica: ReplicaView;
  readonly row: TimelineRow | undefined;
  readonly ticks: Timeline['ticks'];
}

function ReplicaRow({ replica, row, ticks }: ReplicaRowProps): ReactNode {
  const identity = `pid ${replica.pid ?? '–'}${replica.restarts > 0 ? `, ${counted(replica.restarts, 'restart')}` : ''}`;
  return (
    <tr>
      <th scope="row">
        <span className="line mono" title={replica.replicaId}>
          {shortReplica(replica.replicaId)}
        </span>
        <span className="line sub" title={`${identity} on ${replica.node}`}>
          {identity}
        </span>
      </th>
      <td>
        <span className={`state state-${replica.state}`}>{replica.state}</span>
        <span className="line sub" title={replica.reason}>
          {replica.reason}
        </span>
      </td>
      <td>
        <span className={replica.admitted ? 'line' : 'line dim'}>{replica.admitted ? 'admitted' : 'not admitted'}</span>
        <span className="line sub" title={replica.admission}>
          {replica.admission}
        </span>
      </td>
      <td>
        <span className="line">release {replica.release}</span>
        <span className="line sub">model version {replica.modelVersion}</span>
      </td>
      <td className="timeline-cell">{row === undefined ? null : <Start row={row} ticks={ticks} />}</td>
    </tr>
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

function Axis({ timeline }: { readonly timeline: Timeline }): ReactNode {
  return (
    <svg className="timeline-axis" width="100%" height="16" aria-hidden="true" focusable="false">
      {timeline.ticks.map((tick) => (
        <text
          key={tick.at}
          x={percent(tick.at)}
          y="12"
          textAnchor={tick.at === 0 ? 'start' : tick.at > 0.94 ? 'end' : 'middle'}
        >
          {tick.label}
        </text>
      ))}
    </svg>
  );
}

/** One start: measured phases as bars, time that no phase accounts for as a thin line, ready as a stroke. */
function Start({ row, ticks }: { readonly row: TimelineRow; readonly ticks: Timeline['ticks'] }): ReactNode {
  return (
    <>
      <svg className="timeline" width="100%" height="28" role="img" aria-label={row.words}>
        {ticks.map((tick) => (
          <line key={tick.at} className="timeline-grid" x1={percent(tick.at)} x2={percent(tick.at)} y1="0" y2="28" />
        ))}
        {row.unmeasured.map((span) => (
          <line
            key={span.from}
            className="timeline-gap"
            x1={percent(span.from)}
            x2={percent(span.from + span.width)}
            y1="14"
            y2="14"
          >
            <title>not measured</title>
          </line>
        ))}
        {row.bars.map((bar) => (
          <Bar key={`${bar.phases.join()}${bar.from}`} bar={bar} />
        ))}
        {row.underWay === null ? null : (
          <rect
            className="timeline-under-way"
            x={percent(row.underWay.from)}
            width={percent(row.underWay.width)}
            y="10"
            height="8"
          />
        )}
        {row.readyAt === null ? null : (
          <line className="timeline-ready" x1={percent(row.readyAt)} x2={percent(row.readyAt)} y1="3" y2="25" />
        )}
      </svg>
      <span className="line sub timeline-words" title={row.words} aria-hidden="true">
        {row.total}
      </span>
    </>
  );
}

/** Phases that cannot be told apart share one bar, cut into a lane per phase: together, not one after the other. */
function Bar({ bar }: { readonly bar: TimelineBar }): ReactNode {
  const laneHeight = 16 / bar.phases.length;
  return (
    <g>
      <title>{bar.label}</title>
      {bar.phases.map((phase, lane) => (
        <rect
          key={phase}
          className={`phase-${phase}`}
          x={percent(bar.from)}
          width={percent(Math.max(bar.width, 0.002))}
          y={6 + lane * laneHeight}
          height={laneHeight}
        />
      ))}
      {bar.merged ? (
        <rect
          className="timeline-merged"
          x={percent(bar.from)}
          width={percent(Math.max(bar.width, 0.002))}
          y="5.5"
          height="17"
        />
      ) : null}
    </g>
  );
}

function PhaseLegend({ replicas }: { readonly replicas: readonly ReplicaView[] }): ReactNode {
  const measured = new Set(replicas.flatMap((replica) => replica.phases.flatMap((phase) => phase.phases)));
  const merged = replicas.some((replica) => replica.phases.some((phase) => phase.phases.length > 1));
  return (
    <ul className="phase-legend" aria-label="Phases of a start">
      {phaseOrder
        .filter((phase) => measured.has(phase))
        .map((phase) => (
          <li key={phase}>
            <svg className="key" width="10" height="10" aria-hidden="true">
              <rect className={`phase-${phase}`} width="10" height="10" />
            </svg>
            {phase}
          </li>
        ))}
      {merged ? (
        <li>
          <svg className="key" width="12" height="12" aria-hidden="true">
            <rect className="timeline-merged" x="1" y="1" width="10" height="10" />
          </svg>
          merged: not told apart
        </li>
      ) : null}
      <li>
        <svg className="key" width="12" height="12" aria-hidden="true">
          <line className="timeline-ready" x1="6" x2="6" y1="0" y2="12" />
        </svg>
        ready
      </li>
    </ul>
  );
}

function Gateways({ view }: { readonly view: ServiceView }): ReactNode {
  return (
    <div className="gateways">
      <h3>Gateways</h3>
      {view.gateways.length === 0 ? (
        <p className="dim">None has reported: nothing reaches the replicas, and there are no signals.</p>
      ) : (
        <ul>
          {view.gateways.map((gateway) => (
            <li key={gateway.gatewayId}>
              <Gateway gateway={gateway} generation={view.routingGeneration} viewedAtMs={view.nowMs} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface GatewayProps {
  readonly gateway: GatewayView;
  readonly generation: number;
  /** When the view was taken: it is sent only when something changes. */
  readonly viewedAtMs: number;
}

function Gateway({ gateway, generation, viewedAtMs }: GatewayProps): ReactNode {
  const behind = generation - gateway.acknowledgedGeneration;
  const silentForMs = viewedAtMs - gateway.lastSeenMs;
  return (
    <>
      <span className="mono">{gateway.gatewayId}</span> <span className="dim">{gateway.address}</span>{' '}
      <span className={behind > 0 ? 'tone-warn' : undefined}>
        routing generation {gateway.acknowledgedGeneration}
        {behind > 0 ? ` of ${generation}` : ''}
      </span>
      {', '}
      <span>{formatBytes(gateway.residentBytes)} resident</span>
      {silentForMs > 5_000 ? (
        <span className="tone-warn">, silent for {formatDuration(Math.floor(silentForMs / 1000) * 1000)}</span>
      ) : null}
    </>
  );
}
