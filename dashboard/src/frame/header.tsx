import type { ReactNode } from 'preact/compat';
import type { FleetView } from '../../../src/schemas/view/fleet-view.ts';
import type { ConnectionState } from '../live/connection.ts';
import { CopyButton } from '../parts/copy.tsx';
import { formatAge } from '../parts/format.ts';
import { Mark } from '../parts/mark.tsx';
import { fromRoot } from './address.ts';
import { useSession } from './page-session.ts';
import { SignInWays } from './sign-in.tsx';
import type { Subject } from './place.ts';
import { useConnection, useSilence } from '../live/use-live.ts';

interface HeaderProps {
  /** Whose page it is; null while that is not known. */
  readonly subject: (Subject & { readonly owner: string | null }) | null;
  /** Whether there is a list of services to go back to. */
  readonly inFleet: boolean;
  /** Null where no gateway reports; absent where it is not known. */
  readonly gatewayUrl: string | null | undefined;
}

export function Header({ subject, inFleet, gatewayUrl }: HeaderProps): ReactNode {
  return (
    <header className="top">
      <Brand />
      <div className="subject">
        {inFleet ? (
          <nav className="subject-fleet" aria-label="Fleet">
            <a href={fromRoot('services')}>Services</a>
          </nav>
        ) : null}
        <h1>{subject?.service ?? 'Plimsoll'}</h1>
        {subject === null ? null : (
          <p className="subject-place">
            {subject.environment}
            {subject.owner === null ? null : <span className="subject-owner">owned by {subject.owner}</span>}
          </p>
        )}
      </div>
      {gatewayUrl === undefined ? null : <GatewayAddress url={gatewayUrl} />}
      <Connection />
    </header>
  );
}

/** The same line over a page of all services. */
export function FleetHeader({ page }: { readonly page: keyof typeof fleetPages }): ReactNode {
  return (
    <header className="top">
      <Brand />
      <div className="subject">
        <h1>{fleetPages[page]}</h1>
        <nav className="fleet-pages" aria-label="Fleet">
          {(Object.keys(fleetPages) as (keyof typeof fleetPages)[])
            .filter((name) => name !== page)
            .map((name) => (
              <a key={name} href={fromRoot(name)}>
                {fleetPages[name]}
              </a>
            ))}
        </nav>
      </div>
      <Connection />
    </header>
  );
}

/** Title by address. */
const fleetPages = { services: 'Services', cost: 'Cost' } as const;

function Brand(): ReactNode {
  return (
    <div className="brand">
      <Mark />
      <span className="brand-name">Plimsoll</span>
    </div>
  );
}

function GatewayAddress({ url }: { readonly url: string | null }): ReactNode {
  return (
    <div className="gateway-address">
      <span className="label">Gateway</span>
      {url === null ? (
        <span className="tone-warn">none connected</span>
      ) : (
        <span className="command">
          <code>{url}</code>
          <CopyButton text={url} what="the gateway's address" />
        </span>
      )}
    </div>
  );
}

const words: Readonly<Record<ConnectionState, string>> = {
  connecting: 'Connecting',
  live: 'Connected',
  reconnecting: 'Reconnecting',
  gone: 'Control plane gone',
};

function Connection(): ReactNode {
  const state = useConnection();
  return (
    // A new element for each state: nothing slides when a shorter word takes the place of a longer one.
    <div key={state} className={`connection connection-${state}`}>
      <span className="connection-dot" aria-hidden="true" />
      <span role="status">{words[state]}</span>
      {state === 'live' || state === 'connecting' ? null : (
        <span className="connection-age">
          heard <Silence />
        </span>
      )}
    </div>
  );
}

function Silence(): ReactNode {
  return useSilence(formatAge);
}

/** Whether this page may act, and as whom. */
function Session(): ReactNode {
  const session = useSession();
  if (session === null) return null;
  if (session.name !== null && session.roles.length > 0) return <span>Signed in as {session.name}</span>;
  return (
    <span>
      Read only. To act from here, <SignInWays />
    </span>
  );
}

export interface FooterProps {
  readonly plimsollVersion: string | undefined;
  /** Whose rights replicas have; left out where this is not known. */
  readonly rights?: FleetView['rights'];
}

export function Footer({ plimsollVersion, rights }: FooterProps): ReactNode {
  return (
    <footer className="bottom">
      <span>Plimsoll {plimsollVersion}</span>
      {rights === undefined ? null : <span>Replicas run as {rights.runAs}</span>}
      <Session />
      <nav aria-label="Machine-readable">
        <ul>
          <li>
            <a href={fromRoot('reference/')}>API reference</a>
          </li>
          <li>
            <a href={fromRoot('openapi.json')}>OpenAPI</a>
          </li>
          <li>
            <a href={fromRoot('metrics')}>Metrics</a>
          </li>
        </ul>
      </nav>
    </footer>
  );
}
