import { isRemoved } from '../../core/fleet/held-services.ts';
import { shareOfFleet, type FleetShare } from '../../core/monitoring/alarms/fleet-share.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Store } from '../../ports/records/store.ts';

/** The services of an environment that are held; nothing that was removed. */
export type ReadServices = (environment: string) => Promise<readonly string[]>;

/** One list for all services, each of which asks every few seconds. */
const keepMs = 5_000;

export function cacheServices(store: Pick<Store, 'heldServices'>, clock: Clock): ReadServices {
  let read: ReturnType<Store['heldServices']> | null = null;
  let readAtMs = -Infinity;
  return async (environment) => {
    if (read === null || clock.monotonicMs() - readAtMs >= keepMs) {
      readAtMs = clock.monotonicMs();
      read = store.heldServices();
      read.catch(() => {
        read = null;
      });
    }
    const held = await read;
    return held.filter((one) => one.environment === environment && !isRemoved(one)).map(({ service }) => service);
  };
}

/** What the policy of its environment lets a service use of the false alarms of all; null where no policy says. */
export async function readFleetShare(
  store: Pick<Store, 'environmentRecord'>,
  { service, environment }: { readonly service: string; readonly environment: string },
  services: ReadServices,
): Promise<FleetShare | null> {
  const policy = (await store.environmentRecord(environment))?.policy;
  return policy?.falseAlarms === undefined ? null : shareOfFleet(policy, service, await services(environment));
}
