import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import {
  gatewayReportsAnswerSchema,
  gatewayServicesSchema,
  type GatewayReports,
  type GatewayReportsAnswer,
  type GatewayServices,
} from '../../schemas/gateway/gateway-fleet.ts';
import { parseEvent, type ControlPlaneLink } from '../following/control-plane-link.ts';
import { parseTable } from '../following/routing-link.ts';
import type { GatewayLog } from '../log.ts';

export interface FleetFollower {
  /** @param firstOfStream true for the first list after the stream was opened. */
  services(list: GatewayServices, firstOfStream: boolean): void;
  routing(table: RoutingTable): void;
}

/** Follows the list of services and the tables of all of them, until aborted. Never rejects. */
export function followFleet(
  link: ControlPlaneLink,
  log: GatewayLog,
  follower: FleetFollower,
  signal: AbortSignal,
): Promise<void> {
  let firstOfStream = true;
  const takeServices = (data: string): boolean => {
    const parsed = parseEvent(data, gatewayServicesSchema);
    if ('reason' in parsed) {
      log('services.refused', parsed);
      return false;
    }
    follower.services(parsed.value, firstOfStream);
    firstOfStream = false;
    return true;
  };
  const takeRouting = (data: string): boolean => {
    const table = parseTable(data, log);
    if (table !== null) follower.routing(table);
    return table !== null;
  };
  const followed = {
    resource: 'fleet',
    opened: () => void (firstOfStream = true),
    take: ({ event, data }: { event: string; data: string }) =>
      event === 'services' ? takeServices(data) : event === 'routing' && takeRouting(data),
    explain: explainStatus,
  };
  return link.follow(followed, signal);
}

/** Null when the control plane did not take them: the next ones carry the same. */
export async function sendReports(
  link: ControlPlaneLink,
  reports: GatewayReports,
  signal: AbortSignal,
): Promise<GatewayReportsAnswer | null> {
  const answer = await link.post('reports', reports, signal);
  if (answer === null) return null;
  const parsed = parseEvent(answer.text, gatewayReportsAnswerSchema);
  return 'value' in parsed ? parsed.value : null;
}

function explainStatus(status: number): { readonly reason: string; readonly next: string } | undefined {
  if (status !== 404) return undefined;
  return {
    reason: 'the control plane answered 404: its version has no gateways of many services',
    next: 'upgrade the control plane, or start this gateway with --service NAME; it goes on asking',
  };
}
