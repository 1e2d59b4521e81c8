import type { ReactNode } from 'preact/compat';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import type { ConnectionState } from '../live/connection.ts';
import { Command, CopyButton } from '../parts/copy.tsx';
import { formatAge } from '../parts/format.ts';
import { Mark } from '../parts/mark.tsx';
import { useSession } from './page-session.ts';
import { useConnection } from '../live/use-live.ts';

export function Header({ view }: { readonly view: ServiceView | null }): ReactNode {
  return (
    <header className="top">
      <div className="brand">
        <Mark />
        <span className="brand-name">Plimsoll</span>
      </div>
      <div className="subject">
        <h1>{view?.service ?? 'Plimsoll'}</h1>
        {view === null ? null : (
          <p className="subject-place">
            {view.environment}
            {view.owner === null ? null : <span className="subject-owner">owned by {view.owner}</span>}
          </p>
        )}
      </div>
      {view === null ? null : <GatewayAddress url={view.gatewayUrl} />}
      <Connection />
    </header>
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
  const { state, silentForMs } = useConnection();
  return (
    // A new element for each state: nothing slides when a shorter word takes the place of a longer one.
    <div key={state} className={`connection connection-${state}`}>
      <span className="connection-dot" aria-hidden="true" />
      <span role="status">{words[state]}</span>
      {state === 'live' || state === 'connecting' ? null : (
        <span className="connection-age">heard {formatAge(silentForMs)}</span>
      )}
    </div>
  );
}

/** Whether this page may act, and as whom. */
function Session(): ReactNode {
  const session = useSession();
  if (session === null) return null;
  if (session.name !== null && session.roles.length > 0) return <span>Signed in as {session.name}</span>;
  return (
    <span>
      Read only. To act from here, open the link of <Command text="plimsoll page" />
    </span>
  );
}

export function Footer({ view }: { readonly view: ServiceView | null }): ReactNode {
  return (
    <footer className="bottom">
      <span>{view === null ? 'Plimsoll' : `Plimsoll ${view.plimsollVersion}`}</span>
      <Session />
      <nav aria-label="Machine-readable">
        <ul>
          <li>
            <a href="reference">API reference</a>
          </li>
          <li>
            <a href="openapi.json">OpenAPI</a>
          </li>
          <li>
            <a href="metrics">Metrics</a>
          </li>
        </ul>
      </nav>
    </footer>
  );
}
