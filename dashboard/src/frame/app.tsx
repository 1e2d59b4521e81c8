import type { ReactNode } from 'preact/compat';
import { useEffect, useState } from 'preact/compat';
import { CostPage } from '../cost/cost-page.tsx';
import { FleetPage } from '../fleet/fleet-page.tsx';
import { feed, fleetFeed } from '../live/browser.ts';
import { ShownFeed, useFleet } from '../live/use-live.ts';
import { Days } from '../parts/time.tsx';
import { fromRoot, openSubject } from './address.ts';
import { type Place, servicePath, type Subject } from './place.ts';
import { ServicePage } from './service-page.tsx';

/** What is shown. A control plane without a fleet has one service, which no request names. */
type Shown = Place | { readonly kind: 'only-service' };

interface AppProps {
  readonly place: Place;
  /** Settles when whoever opened the page by a link is signed in: only then is anything asked for. */
  readonly signedIn: Promise<void>;
}

/** One page at a time: what it shows is the only thing that is followed. */
export function App({ place, signedIn }: AppProps): ReactNode {
  const decided = useDecided(place);
  const { kind } = decided;
  const isFleet = kind === 'start' || kind === 'fleet' || kind === 'cost';
  useEffect(() => {
    const leaving = new AbortController();
    const leave = (): void => leaving.abort();
    addEventListener('pagehide', leave);
    void signedIn.then(() => (isFleet ? fleetFeed : feed).follow(leaving.signal));
    return () => {
      removeEventListener('pagehide', leave);
      leave();
    };
  }, [isFleet, signedIn]);
  return (
    <ShownFeed.Provider value={isFleet ? fleetFeed : feed}>
      <Days>
        <ShownPage kind={kind} />
      </Days>
    </ShownFeed.Provider>
  );
}

function ShownPage({ kind }: Pick<Shown, 'kind'>): ReactNode {
  switch (kind) {
    case 'start':
    case 'fleet':
      return <FleetPage isStart={kind === 'start'} />;
    case 'cost':
      return <CostPage />;
    case 'service':
    case 'only-service':
      return <ServicePage inFleet={kind === 'service'} />;
  }
}

/** At `/` the fleet decides: the page of the one service where there is one, and else the list. */
function useDecided(place: Place): Shown {
  const [shown, setShown] = useState<Shown>(place);
  const services = useFleet(({ fleet }) => fleet?.services ?? null);
  const trouble = useFleet((known) => known.trouble);
  const hasNoFleet = trouble?.endsWith('status 404') === true;
  useEffect(() => {
    if (shown.kind !== 'start') return;
    if (hasNoFleet) setShown({ kind: 'only-service' });
    const [first, ...others] = services ?? [];
    if (services === null) return;
    setShown(first === undefined || others.length > 0 ? goToFleet() : goToService(first));
  }, [shown, services, hasNoFleet]);
  return shown;
}

/** The address changes and no entry is added to the history: Back leads to where the reader came from. */
function goToFleet(): Shown {
  history.replaceState(null, '', fromRoot(`services${location.search}`));
  return { kind: 'fleet' };
}

function goToService({ service, environment }: Subject): Shown {
  const subject = { service, environment };
  openSubject(subject);
  history.replaceState(null, '', fromRoot(servicePath(subject)));
  return { kind: 'service', subject };
}
