import type { GatewayServices } from '../../schemas/gateway/gateway-fleet.ts';

export type ListAcceptance =
  { readonly verdict: 'apply' } | { readonly verdict: 'refuse'; readonly reason: string; readonly next: string };

/** What one service is known by in a gateway: no two have the same. */
export function serviceKey({ service, environment }: { service: string; environment: string }): string {
  return JSON.stringify([service, environment]);
}

/**
 * | the list | verdict |
 * |---|---|
 * | has a service, or a name, twice | refuse: whose requests these are is not known |
 * | is empty, the first of its stream, and services are held | refuse: a store that lost its services looks like this |
 * | the same, and the control plane says that services were removed | apply |
 * | is anything else, also one that becomes empty | apply |
 */
export function acceptServices(
  { services, removed = 0 }: GatewayServices,
  held: { readonly services: number; readonly firstOfStream: boolean },
): ListAcceptance {
  const twice = firstTwice(services.map(serviceKey)) ?? firstTwice(services.flatMap(({ names }) => names));
  if (twice !== null) {
    const reason = `${twice} stands in the list twice`;
    return { verdict: 'refuse', reason, next: 'give each service of the fleet a name of its own' };
  }
  if (services.length > 0 || removed > 0 || !held.firstOfStream || held.services === 0) return { verdict: 'apply' };
  return {
    verdict: 'refuse',
    reason: `the control plane knows no service; this gateway serves its ${held.services} on`,
    next: "look at the control plane's store; where all services are really gone, remove `run/fleet-ID` and start the gateway again",
  };
}

function firstTwice(values: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) return value;
    seen.add(value);
  }
  return null;
}
