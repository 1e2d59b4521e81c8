import type { ReactNode } from 'preact/compat';
import { useMemo } from 'preact/compat';
import { formatSpares } from '../../../src/core/scaling/warm-pool/spares-text.ts';
import type { ReplicaView, ServiceView } from '../../../src/schemas/view/view.ts';
import { Clipped } from '../parts/clipped.tsx';
import { Command } from '../parts/copy.tsx';
import { counted, shortReplica } from '../parts/format.ts';
import { Gateways } from './gateways.tsx';
import { Room } from '../parts/room.tsx';
import { Empty, Section } from '../parts/section.tsx';
import { PhaseLegend, StartTimeline, TimelineAxis } from './start-timeline.tsx';
import { layoutTimeline, type Timeline, type TimelineRow } from './timeline.ts';
import { useClock } from '../live/use-live.ts';

/** More than these scroll. */
const rowsShown = 5;

/** What runs, whether traffic goes to it and why, and how each start went. */
export function Replicas({ view }: { readonly view: ServiceView }): ReactNode {
  const replicas = useMemo(() => newestFirst(view.replicas), [view.replicas]);
  const starting = replicas.some((replica) => replica.state === 'starting' || replica.state === 'pending');
  // Only a start that is under way makes the drawing depend on the clock.
  const drawnAtMs = useClock((nowMs) => (starting ? nowMs : 0));
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
          <PhaseLegend replicas={replicas} />
          <ReplicaTable replicas={replicas} timeline={timeline} />
        </>
      )}
      <Room rows={replicas.length} most={rowsShown} />
      {view.spares === undefined ? null : <p className="sub">Spares: {formatSpares(view.spares)}</p>}
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
              <TimelineAxis timeline={timeline} />
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

function stateWord({ state, isolation }: ReplicaView): string {
  if (isolation === undefined) return state;
  return isolation.stage === 'waiting' ? 'to be isolated' : isolation.stage;
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
        <span className={`state state-${replica.state}`}>{stateWord(replica)}</span>
        <Clipped className="sub" lines={2} what={`the state of ${shortReplica(replica.replicaId)}`}>
          {replica.isolation?.reason ?? replica.reason}
        </Clipped>
      </td>
      <td>
        <span className={replica.admitted ? 'line' : 'line dim'}>{replica.admitted ? 'admitted' : 'not admitted'}</span>
        <Clipped className="sub" lines={2} what={`the admission of ${shortReplica(replica.replicaId)}`}>
          {replica.admission}
        </Clipped>
      </td>
      <td>
        <span className="line">release {replica.release}</span>
        <span className="line sub">model version {replica.modelVersion}</span>
      </td>
      <td className="timeline-cell">{row === undefined ? null : <StartTimeline row={row} ticks={ticks} />}</td>
    </tr>
  );
}
