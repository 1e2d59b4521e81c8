import type { GatewaySettings } from '../settings.ts';
import { ClientConnections } from './client-connections.ts';
import { SharedBound } from './shared-bound.ts';

/** What the services of one gateway process have in common. */
export interface SharedParts {
  readonly connections: ClientConnections;
  readonly openRequests: SharedBound;
  readonly heldBytes: SharedBound;
}

/** @param openAtMost requests that may be open at a time; the bound of the connections is enough for a single service. */
export function makeSharedParts(
  settings: Pick<GatewaySettings, 'lingerMs' | 'bufferedTotalBytes'>,
  openAtMost = Infinity,
): SharedParts {
  return {
    connections: new ClientConnections(settings.lingerMs),
    openRequests: new SharedBound(openAtMost),
    heldBytes: new SharedBound(settings.bufferedTotalBytes),
  };
}
