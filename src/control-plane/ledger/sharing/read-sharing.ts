import { measureSharing } from '../../../core/health/measure-sharing.ts';
import type { PricedSpan } from '../../../core/cost/prices/priced-span.ts';
import { historyLengths, type HistorySpan } from '../../../core/health/history.ts';
import type { StoreReader } from '../../../ports/records/store.ts';
import type { CostReport } from '../../../schemas/http/cost/http-cost.ts';
import type { ServiceScope } from '../../service/service-scope.ts';

/** Pairs that one report tells, and services on one device that are compared: each with each other. */
const pairsAtMost = 100;
const servicesAtMost = 10;

/**
 * Returns what services on one device or machine cost each other in latency, by the minutes that are kept (two hours).
 * @param spans of the report; services that held a device in the same hour share it.
 */
export async function readSharing(
  store: Pick<StoreReader, 'history'>,
  spans: readonly Pick<PricedSpan, 'holders'>[],
  nowMs: number,
): Promise<NonNullable<CostReport['sharing']>> {
  const minutes = new Map<string, Promise<readonly HistorySpan[]>>();
  const read = ({ service, environment }: ServiceScope): Promise<readonly HistorySpan[]> => {
    const key = keyOf({ service, environment });
    const reading =
      minutes.get(key) ?? store.history(service, environment, 'minute', nowMs - historyLengths.minute.keptMs);
    minutes.set(key, reading);
    return reading;
  };
  const told: NonNullable<CostReport['sharing']> = [];
  for (const [device, services] of findSharers(spans)) {
    for (const own of services) {
      for (const other of services) {
        if (own === other || told.length >= pairsAtMost) continue;
        told.push({ device, ...own, beside: { ...other }, ...measureSharing(await read(own), await read(other)) });
      }
    }
  }
  return told;
}

/** Devices that several services hold, sorted, with these. */
function findSharers(
  spans: readonly Pick<PricedSpan, 'holders'>[],
): readonly (readonly [string, readonly ServiceScope[]])[] {
  const sharers = new Map<string, Map<string, ServiceScope>>();
  for (const { service, environment, devices } of spans.flatMap(({ holders }) => holders)) {
    if (service === null || environment === null) continue;
    for (const device of devices) {
      const own = sharers.get(device) ?? new Map<string, ServiceScope>();
      sharers.set(device, own.set(keyOf({ service, environment }), { service, environment }));
    }
  }
  return [...sharers]
    .filter(([, services]) => services.size > 1)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([device, services]) => [
      device,
      [...services]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, servicesAtMost)
        .map(([, scope]) => scope),
    ]);
}

const keyOf = ({ service, environment }: ServiceScope): string => JSON.stringify([service, environment]);
