import type { ReactNode } from 'preact/compat';
import { useEffect, useState } from 'preact/compat';
import type { HealthState } from '../../../src/core/health/health.ts';
import { formatSpares } from '../../../src/core/scaling/warm-pool/spares-text.ts';
import type { FleetEntry, FleetView } from '../../../src/schemas/view/fleet-view.ts';
import { FleetHeader, Footer } from '../frame/header.tsx';
import { HealthGlyph } from '../health/health-glyph.tsx';
import { Connecting, GoneNotice } from '../live/connection-notice.tsx';
import { useConnectionIs, useFleet } from '../live/use-live.ts';
import { Command } from '../parts/copy.tsx';
import { counted } from '../parts/format.ts';
import { Empty, Section } from '../parts/section.tsx';
import { useTabIcon, useTabTitle } from '../parts/tab.ts';
import { FleetControls, type Looks } from './fleet-controls.tsx';
import {
  countStates,
  countWords,
  type Looking,
  lookingQuery,
  findEntries,
  readLooking,
  statesByWorst,
  stateWords,
} from './fleet-entries.ts';
import { FleetTable } from './fleet-table.tsx';

/**
 * All services under one control plane, worst first.
 *
 * @param isStart before it is known whether there is more than one: then nothing is drawn that might go away.
 */
export function FleetPage({ isStart }: { readonly isStart: boolean }): ReactNode {
  const known = useFleet(({ fleet }) => fleet);
  const isGone = useConnectionIs('gone');
  const fleet = isStart ? null : known;
  const [worst] = countStates(fleet?.services ?? []);
  useTabTitle(fleet === null ? 'Plimsoll' : titleOf(fleet.services, worst));
  useTabIcon(isGone ? 'unknown' : (worst?.state ?? (fleet === null ? null : 'healthy')));
  return (
    <>
      <a className="skip" href="#main">
        Skip to the services
      </a>
      <FleetHeader page="services" />
      <main id="main" tabIndex={-1} data-old={isGone || undefined}>
        {fleet === null ? <Connecting /> : <Fleet fleet={fleet} />}
      </main>
      <Footer
        plimsollVersion={fleet?.plimsollVersion}
        {...(fleet?.rights === undefined ? {} : { rights: fleet.rights })}
      />
      <GoneNotice>{fleet === null ? null : 'Gateways and replicas do not need it to go on serving.'}</GoneNotice>
    </>
  );
}

/** The worst state first, for a tab that shows no more than its beginning. */
function titleOf(
  { length }: readonly FleetEntry[],
  worst: { readonly state: HealthState; readonly count: number } | undefined,
): string {
  if (worst === undefined) return 'no service · Plimsoll';
  return `${worst.count} of ${length} ${stateWords[worst.state]} · Plimsoll`;
}

function Fleet({ fleet: { services, spares = [] } }: { readonly fleet: FleetView }): ReactNode {
  const [looking, look] = useLooking();
  const found = findEntries(services, looking);
  const title = counted(services.length, 'service');
  if (services.length === 0) {
    return (
      <Section id="fleet" title="No service yet">
        <Empty command={<Command text="plimsoll up DIR" />}>
          Add one: the command takes the folder of a service, with its plimsoll.yaml.
        </Empty>
      </Section>
    );
  }
  return (
    <Section id="fleet" title={title} aside={<FleetControls looking={looking} look={look} />}>
      <div className="fleet-summary">
        <StateChoice services={services} looking={looking} look={look} />
        <p className="sub" role="status">
          {looking.search === '' && looking.state === null ? '' : `${found.length} of ${services.length} match`}
        </p>
      </div>
      <WorstAnnounced services={services} />
      {found.length === 0 ? (
        <Empty
          command={
            <button type="button" onClick={() => look({ search: '', state: null })}>
              Show all
            </button>
          }
        >
          {looking.state === null ? 'No service' : `No service that is ${stateWords[looking.state]}`} has all of these
          words in its name, environment, owner or health sentence: {looking.search}
        </Empty>
      ) : (
        <FleetTable entries={found} looking={looking} look={look} />
      )}
      {spares.map((group) => (
        <p key={`${group.environment} ${group.fits}`} className="sub">
          Spares of {group.environment} for {group.services.join(', ')}: {formatSpares(group)}
        </p>
      ))}
    </Section>
  );
}

/** How many are in each state; one press shows these alone, another all again. A state that was chosen stays, also when it is empty. */
function StateChoice({ services, looking, look }: Looks & { readonly services: readonly FleetEntry[] }): ReactNode {
  const counts = new Map(countStates(services).map(({ state, count }) => [state, count]));
  return (
    <ul className="fleet-counts" aria-label="Services in each state">
      {statesByWorst
        .filter((state) => counts.has(state) || state === looking.state)
        .map((state) => (
          <li key={state} className={`health-${state}`}>
            <button
              type="button"
              aria-pressed={state === looking.state}
              onClick={() => look({ state: state === looking.state ? null : state })}
            >
              <HealthGlyph state={state} /> {counts.get(state) ?? 0} {stateWords[state]}
            </button>
          </li>
        ))}
    </ul>
  );
}

/** Told to people who do not see the list: how many are failing or unknown, and nothing else that changes. */
function WorstAnnounced({ services }: { readonly services: readonly FleetEntry[] }): ReactNode {
  const bad = services.filter(({ health }) => health === null || /^(failing|unknown)$/.test(health.state));
  return (
    <p className="unseen" role="status">
      {bad.length === 0 ? 'No service is failing or unknown' : countWords(bad)}
    </p>
  );
}

/** How the list is looked at, kept in the address. */
function useLooking(): [Looking, (change: Partial<Looking>) => void] {
  const [looking, setLooking] = useState(() => readLooking(location.search));
  useEffect(() => {
    history.replaceState(null, '', location.pathname + lookingQuery(looking) + location.hash);
  }, [looking]);
  return [looking, (change) => setLooking((before) => ({ ...before, ...change }))];
}
