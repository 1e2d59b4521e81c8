import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { countsRecordedHeader, type GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import { replayKeyHeader } from '../../schemas/gateway/golden-replay.ts';
import { routingTableSchema } from '../../schemas/gateway/routing.ts';
import type { GatewayLog } from '../log.ts';
import { parseEvent, type ControlPlaneLink } from './control-plane-link.ts';

/** The one service of a gateway. */
interface Owner {
  readonly service: string;
  readonly environment: string;
}

/** Calls `offer` with every table of the one service that arrives, until aborted. Never rejects. */
export function followRouting(
  link: ControlPlaneLink,
  owner: Owner,
  log: GatewayLog,
  offer: (table: RoutingTable) => void,
  signal: AbortSignal,
): Promise<void> {
  const take = ({ event, data }: { event: string; data: string }): boolean => {
    if (event !== 'routing') return false;
    const table = parseTable(data, log);
    if (table === null) return false;
    offer(table);
    return true;
  };
  return link.follow({ resource: ofOwner('routing', owner), take }, signal);
}

/** The control plane may hold other services too. */
function ofOwner(resource: string, { service, environment }: Owner): string {
  return `${resource}?${new URLSearchParams({ service, environment }).toString()}`;
}

/** Null, and a line in the log, where it is no routing table. */
export function parseTable(data: string, log: GatewayLog): RoutingTable | null {
  const parsed = parseEvent(data, routingTableSchema);
  if ('value' in parsed) return parsed.value;
  log('routing.refused', parsed);
  return null;
}

/**
 * Up to which sequence the counts of this process are recorded; null when the control plane did not take the report: the
 * next one carries the same.
 */
export async function sendReport(
  link: ControlPlaneLink,
  owner: Owner,
  report: GatewayReport,
  signal: AbortSignal,
  takeReplayKey: (key: string) => void,
): Promise<number | null> {
  const answer = await link.post(ofOwner('report', owner), report, signal);
  if (answer === null) return null;
  const replayKey = answer.headers[replayKeyHeader];
  if (typeof replayKey === 'string') takeReplayKey(replayKey);
  const recorded = answer.headers[countsRecordedHeader];
  if (recorded === undefined) return report.counts?.at(-1)?.sequence ?? 0;
  return /^\d{1,15}$/.test(String(recorded)) ? Number(recorded) : 0;
}
