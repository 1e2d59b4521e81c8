import type { ReactNode } from 'preact/compat';
import { memo } from 'preact/compat';
import type { FleetEntry } from '../../../src/schemas/view/fleet-view.ts';
import { fromRoot } from '../frame/address.ts';
import { servicePath } from '../frame/place.ts';
import { HealthGlyph } from '../health/health-glyph.tsx';
import { NextStep } from '../health/next-step.tsx';
import { CrossGlyph, OutcomeGlyph } from '../parts/glyphs.tsx';
import { formatMet, stateOf } from './fleet-entries.ts';

/** One service. Drawn again only when its entry is another one. */
export const FleetRow = memo(function FleetRow({ entry }: { readonly entry: FleetEntry }): ReactNode {
  const { service, environment, owner } = entry;
  return (
    <tr role="row" className={`fleet-row health-${stateOf(entry)}`}>
      <th role="rowheader" scope="row">
        <a href={fromRoot(servicePath(entry))}>{service}</a> <span className="fleet-environment">{environment}</span>
      </th>
      <td role="cell" className="fleet-owner">
        {owner ?? <span className="dim">no owner</span>}
      </td>
      <td role="cell" className="fleet-health">
        <Health entry={entry} />
      </td>
      <td role="cell" className="fleet-live">
        <LiveRelease live={entry.live} />
      </td>
      <td role="cell" data-name="objective">
        <Objective objective={entry.objective} />
      </td>
      <td role="cell" data-name="evidence">
        <Gaps evidence={entry.evidence} />
      </td>
      <td role="cell" data-name="replicas">
        <Replicas replicas={entry.replicas} />
      </td>
    </tr>
  );
});

function Health({ entry }: { readonly entry: FleetEntry }): ReactNode {
  const { health, underWay, drift } = entry;
  const [word = '', ...rest] = (health?.sentence ?? 'Unknown: it was not looked at yet.').split(/(?<=:)/);
  return (
    <>
      <HealthGlyph state={stateOf(entry)} />
      <div>
        <p>
          <strong>{word}</strong>
          {rest.join('')}
        </p>
        {health === null || health.next === null ? null : (
          <div className="fleet-more">
            <NextStep text={health.next} />
          </div>
        )}
        {underWay === null ? null : (
          <p className="fleet-more fleet-under-way">
            <OutcomeGlyph outcome="hold" /> {underWay}
          </p>
        )}
        {drift === null ? null : (
          <p className="fleet-more fleet-under-way">
            <CrossGlyph /> Drift: {drift}
          </p>
        )}
      </div>
    </>
  );
}

function LiveRelease({ live }: Pick<FleetEntry, 'live'>): ReactNode {
  if (live === null) return <span className="dim">nothing live</span>;
  const { release, code, model } = live;
  return (
    <>
      <span className="fleet-release">
        <span className="unseen">release </span>
        {release}
      </span>
      <span>
        {code}
        <span className="sub">
          {model.name}:{model.version}
        </span>
      </span>
    </>
  );
}

function Objective({ objective }: Pick<FleetEntry, 'objective'>): ReactNode {
  if (objective === null) return <span className="dim">none</span>;
  const { availabilityShare, metShare } = objective;
  const isMissed = metShare !== null && metShare < availabilityShare;
  return (
    <>
      {metShare === null ? (
        <span className="dim">no requests</span>
      ) : (
        <span className={isMissed ? 'tone-bad' : undefined}>{formatMet(metShare)}</span>
      )}
      <span className="sub">
        {isMissed ? 'missed ' : 'of '}
        {formatMet(availabilityShare)}
      </span>
    </>
  );
}

function Gaps({ evidence: { asked, gaps } }: Pick<FleetEntry, 'evidence'>): ReactNode {
  if (asked === 0) return <span className="dim">none</span>;
  if (gaps === 0) return <span>all {asked}</span>;
  return (
    <>
      <span className="tone-warn">
        {gaps} {gaps === 1 ? 'gap' : 'gaps'}
      </span>
      <span className="sub">of {asked}</span>
    </>
  );
}

function Replicas({ replicas: { ready, wanted } }: Pick<FleetEntry, 'replicas'>): ReactNode {
  const tone = wanted === null || ready >= wanted ? undefined : ready === 0 ? 'tone-bad' : 'tone-warn';
  return (
    <>
      <span className={tone}>{ready} ready</span>
      {wanted === null ? null : <span className="sub">of {wanted}</span>}
    </>
  );
}
