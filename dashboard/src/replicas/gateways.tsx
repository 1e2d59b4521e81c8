import type { ReactNode } from 'preact/compat';
import type { GatewayView, ServiceView } from '../../../src/schemas/view/view.ts';
import { formatBytes, formatDuration } from '../parts/format.ts';

export function Gateways({ view }: { readonly view: ServiceView }): ReactNode {
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
