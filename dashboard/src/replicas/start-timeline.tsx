import type { ReactNode } from 'preact/compat';
import type { ReplicaView } from '../../../src/schemas/view/view.ts';
import { phaseOrder } from './phases.ts';
import type { Timeline, TimelineBar, TimelineRow } from './timeline.ts';

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

export function TimelineAxis({ timeline }: { readonly timeline: Timeline }): ReactNode {
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

interface DrawingProps {
  readonly row: TimelineRow;
  readonly ticks: Timeline['ticks'];
  /** Places of limits, as shares of the width. */
  readonly limits?: readonly number[];
}

/** One start: measured phases as bars, time that no phase accounts for as a thin line, ready as a stroke. */
export function StartDrawing({ row, ticks, limits = [] }: DrawingProps): ReactNode {
  return (
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
      {limits.map((at) => (
        <line key={at} className="timeline-limit" x1={percent(at)} x2={percent(at)} y1="0" y2="28" />
      ))}
    </svg>
  );
}

export function StartTimeline({ row, ticks }: Pick<DrawingProps, 'row' | 'ticks'>): ReactNode {
  return (
    <>
      <StartDrawing row={row} ticks={ticks} />
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

export function PhaseLegend({ replicas }: { readonly replicas: readonly Pick<ReplicaView, 'phases'>[] }): ReactNode {
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
