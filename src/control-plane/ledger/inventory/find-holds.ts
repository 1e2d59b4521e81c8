import { wholeSlot } from '../../../core/cost/ledger/devices/device-slots.ts';
import type { DeviceAppeared, DeviceLayout, Hold } from '../../../core/cost/ledger/fact.ts';
import type { Release } from '../../../core/rollout/release.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import type { ReplicaDevice } from '../../../core/rollout/replica-devices.ts';
import { coresOf } from './list-devices.ts';
import type { StandingFacts } from '../record/standing-facts.ts';

/** What a replica of a service on cores is charged at least where its contract does not say it: one core. */
const milliCoresByDefault = 1_000;

export type FoundHolds =
  | { readonly holds: readonly Hold[] }
  /**
   * `node-unknown`: the inventory does not have the node yet. `not-assigned`: it waits for a device, and holds none.
   * `devices-unknown`: nobody tells which devices it has.
   */
  | { readonly missing: 'node-unknown' | 'not-assigned' | 'devices-unknown' };

/**
 * Returns what a replica holds.
 *
 * | the release asks for | known | holds |
 * |---|---|---|
 * | no accelerator | its node | cores of the node: `hardware.host.cpus`, one core at least where the contract does not say it |
 * | accelerators | devices by UUID, instance or share | these |
 * | accelerators | as many whole devices on its node as it asks for | all of them |
 * | accelerators | that the platform assigned it none yet | nothing, while it waits |
 * | accelerators | nothing of these | nothing that can be accounted |
 */
export function findHolds(
  { devices }: Pick<StandingFacts, 'devices'>,
  replica: Pick<ObservedReplica, 'node' | 'devices'>,
  code: Pick<Release['code'], 'devices' | 'host'>,
): FoundHolds {
  const onNode = [...devices.values()]
    .filter(({ appeared }) => appeared.node === replica.node)
    .map(({ appeared, layout }) => ({ ...appeared, layout: layout?.layout ?? appeared.layout }));
  if (onNode.length === 0) return { missing: 'node-unknown' };
  const asked = code.devices ?? 0;
  if (asked === 0) {
    const cores = onNode.find(({ device }) => device === coresOf(replica.node));
    if (cores === undefined) return { missing: 'node-unknown' };
    const milliCores = Math.max(1, Math.round((code.host?.cpus ?? milliCoresByDefault / 1_000) * 1_000));
    const isDefault = code.host?.cpus === undefined ? { isDefault: true as const } : {};
    return { holds: [{ device: cores.device, milliCores, ...isDefault }] };
  }
  if (replica.devices?.toldBy === 'platform' && replica.devices.devices?.length === 0)
    return { missing: 'not-assigned' };
  const accelerators = onNode.filter(({ layout }) => layout.kind !== 'cores');
  const told = (replica.devices?.devices ?? []).map((device) => findTold(accelerators, device));
  if (told.length === asked && told.every((hold) => hold !== null)) return { holds: told };
  if (accelerators.length === asked && accelerators.every(({ layout }) => layout.kind === 'whole'))
    return { holds: accelerators.map(({ device }) => ({ device, slot: wholeSlot })) };
  return { missing: 'devices-unknown' };
}

type Accelerator = Pick<DeviceAppeared, 'device'> & { readonly layout: DeviceLayout };

/** Device plugins write a share into the name of its device: `GPU-...::3`. */
function findTold(accelerators: readonly Accelerator[], told: ReplicaDevice): Hold | null {
  const { uuid, mig, share, name } = told;
  const [base, shareOfName] = (uuid ?? name ?? '').split('::');
  for (const { device, layout } of accelerators) {
    const instance = layout.kind === 'mig' ? layout.instances.find(({ slot }) => slot === base) : undefined;
    if (instance !== undefined) return { device, slot: instance.slot };
    if (device !== base && device !== mig?.parentUuid) continue;
    if (layout.kind === 'whole') return { device, slot: wholeSlot };
    const slot = share ?? shareOfName;
    if (layout.kind === 'shared' && slot !== undefined) return { device, slot };
  }
  return null;
}
