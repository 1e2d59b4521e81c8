import type { ReactNode } from 'preact/compat';
import { HeadRow } from '../parts/head-row.tsx';
import { useState } from 'preact/compat';
import { fromRoot } from '../frame/address.ts';
import { servicePath } from '../frame/place.ts';
import { formatMs } from '../parts/format.ts';
import type { Report } from './measure.ts';

type Sharing = NonNullable<Report['sharing']>[number];

const rowsShown = 20;
const heads = ['Service', 'Beside', 'On', 'Other idle, ms', 'Other busy, ms', 'Difference, 95% limits, ms'];

/** What services on one device or machine cost each other in latency; nothing where none share one. */
export function SharingTable({ report: { sharing = [] } }: { readonly report: Report }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  if (sharing.length === 0) return null;
  const shown = isOpen ? sharing : sharing.slice(0, rowsShown);
  return (
    <div className="cost-shared">
      <h3>What sharing costs in latency</h3>
      <p className="sub">
        Median latency of a service in minutes without a request to the other one, and in minutes with requests to both:
        mean over the minutes of the last two hours. Load of both that rises together counts as a cost of sharing.
      </p>
      <table className="cost-sharing" role="table">
        <caption className="unseen">What sharing costs in latency, for each two services</caption>
        <HeadRow names={heads} />
        <tbody role="rowgroup">
          {shown.map((each) => (
            <SharingRow key={JSON.stringify([each.device, nameOf(each), nameOf(each.beside)])} sharing={each} />
          ))}
        </tbody>
      </table>
      {shown.length === sharing.length ? null : (
        <button type="button" className="more" onClick={() => setOpen(true)}>
          {sharing.length - shown.length} more
        </button>
      )}
    </div>
  );
}

function SharingRow({ sharing }: { readonly sharing: Sharing }): ReactNode {
  const { device, beside, idleMs, idleMinutes, busyMs, busyMinutes, difference } = sharing;
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        <ServiceLink of={sharing} />
      </th>
      <td role="cell" data-name="beside">
        <ServiceLink of={beside} />
      </td>
      <td role="cell" data-name="on">
        {device}
      </td>
      <Minutes name="other idle" latencyMs={idleMs} minutes={idleMinutes} />
      <Minutes name="other busy" latencyMs={busyMs} minutes={busyMinutes} />
      <td role="cell" data-name="difference, 95% limits">
        {difference === null ? (
          <span className="dim">not measured yet</span>
        ) : (
          <span>
            <strong>{signed(difference.estimateMs)}</strong>{' '}
            <span className="sub">
              {signed(difference.lowerMs)} to {signed(difference.upperMs)}
            </span>
            <span className="cost-narrow"> ms</span>
          </span>
        )}
      </td>
    </tr>
  );
}

interface MinutesProps {
  readonly name: string;
  readonly latencyMs: number | null;
  readonly minutes: number;
}

function Minutes({ name, latencyMs, minutes }: MinutesProps): ReactNode {
  return (
    <td role="cell" data-name={name}>
      <span>
        {formatMs(latencyMs)}
        {latencyMs === null ? null : <span className="cost-narrow"> ms</span>}{' '}
        <span className="sub">{minutes} min</span>
      </span>
    </td>
  );
}

function ServiceLink({ of }: { readonly of: Sharing['beside'] }): ReactNode {
  return (
    <span>
      <a href={`${fromRoot(servicePath(of))}#cost`}>{of.service}</a>{' '}
      <span className="cost-environment">{of.environment}</span>
    </span>
  );
}

const nameOf = ({ service, environment }: Sharing['beside']): readonly string[] => [service, environment];

const signed = (ms: number): string => `${ms < 0 ? '−' : '+'}${formatMs(Math.abs(ms))}`;
