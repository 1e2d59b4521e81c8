import type { DeviceReading } from '../../../core/cost/ledger/devices/read-dcgm-series.ts';
import { wholeSlot } from '../../../core/cost/ledger/devices/device-slots.ts';
import type { FactClock } from '../../../core/cost/ledger/fact.ts';
import type { NewFact } from '../record/new-fact.ts';
import type { StandingFacts } from '../record/standing-facts.ts';

/** Share of the time in which the engines of a device compute: DCGM field 1001. `GPU_UTIL` tells no share of work. */
export const activeMetric = 'DCGM_FI_PROF_GR_ENGINE_ACTIVE';
/** Below this share a device that nobody holds does nothing. */
const activeShare = 0.01;
const unnamed = 'a program that no pod is told for';

/** Holders of devices that are no replicas, by device. */
export type SightedHolders = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Returns who is seen on devices without a claim on them.
 *
 * | a reading of | sighted |
 * |---|---|
 * | a whole board that names pods | each pod that is no replica of ours |
 * | a whole board that names no pod, is active for 1% or more, and that no replica holds | a holder without a name |
 * | a board that several share, or a MIG instance | nobody: the exporter does not tell which share or slot it is |
 * | a board that is not in the inventory | nobody |
 */
export function findHolders(
  { devices, claims }: Pick<StandingFacts, 'devices' | 'claims'>,
  readings: readonly DeviceReading[],
): SightedHolders {
  const held = new Set([...claims.values()].flatMap(({ began }) => began.holds.map(({ device }) => device)));
  const replicas = new Set([...claims.keys()].map(podOf));
  const found = new Map<string, ReadonlySet<string>>();
  for (const { metric, uuid, instance, value, pods } of readings) {
    const standing = devices.get(uuid);
    const layout = standing?.layout?.layout ?? standing?.appeared.layout;
    if (metric !== activeMetric || instance !== null || layout?.kind !== 'whole') continue;
    const foreign = pods.filter((pod) => !replicas.has(pod.slice(pod.indexOf('/') + 1)));
    const isUnnamed = pods.length === 0 && !held.has(uuid) && (value ?? 0) >= activeShare;
    const holders = isUnnamed ? [unnamed] : foreign;
    if (holders.length > 0) found.set(uuid, new Set(holders));
  }
  return found;
}

/** Replicas of a cluster are named as their pods; later starts of a container have a number behind. */
const podOf = (claim: string): string => claim.replace(/\.\d{1,9}$/, '');

/**
 * Returns sightings of holders that were there at the look before and are there now. Whoever is seen once alone may be a replica
 * whose claim is not recorded yet.
 */
export function makeSightingFacts(
  before: SightedHolders,
  now: SightedHolders,
  fromMonotonicMs: number,
  at: FactClock,
): readonly NewFact[] {
  return [...now].flatMap(([device, holders]) =>
    [...holders]
      .filter((holder) => before.get(device)?.has(holder) === true)
      .map((holder): NewFact => ({ kind: 'holder-sighted', device, slot: wholeSlot, holder, fromMonotonicMs, at })),
  );
}
