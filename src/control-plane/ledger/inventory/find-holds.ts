import { apportion } from '../../../core/cost/apportion.ts';
import { isHeld, slotDevice, wholeSlot } from '../../../core/cost/ledger/devices/device-slots.ts';
import type { DeviceAppeared, DeviceLayout, Hold } from '../../../core/cost/ledger/fact.ts';
import type { Release } from '../../../core/rollout/release.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import type { ReplicaDevice } from '../../../core/rollout/replica-devices.ts';
import { coresOf } from './list-devices.ts';
import type { StandingFacts } from '../record/standing-facts.ts';

/** What a replica of a service on cores is charged at least where its contract does not say it: one core. */
const milliCoresByDefault = 1_000;

export type FoundHolds =
  /** `isGuess`: nobody tells which of several slots it is on, and it has a part of each. */
  | { readonly holds: readonly Hold[]; readonly isGuess?: true }
  /**
   * `node-unknown`: the inventory does not have the node yet. `not-assigned`: it waits for a device, and holds none.
   */
  | { readonly missing: 'node-unknown' | 'not-assigned' };

/**
 * Returns what a replica holds.
 *
 * | the release asks for | known | holds |
 * |---|---|---|
 * | no accelerator | its node | cores of the node: `hardware.host.cpus`, one core at least where the contract does not say it |
 * | accelerators | devices by UUID, instance or share | these |
 * | accelerators | as many whole devices on its node as it asks for | all of them |
 * | accelerators | that the platform assigned it none yet | nothing, while it waits |
 * | accelerators | nothing of these | an equal part of each slot that no replica is known to hold; of all slots where too few are free |
 * | accelerators, and the node has no slot that a replica could hold | its node | cores, as without accelerators |
 *
 * So a replica whose node is known always holds something, unless it waits.
 */
export function findHolds(
  { devices, claims }: Pick<StandingFacts, 'devices' | 'claims'>,
  replica: Pick<ObservedReplica, 'node' | 'devices'>,
  code: Pick<Release['code'], 'devices' | 'host'>,
): FoundHolds {
  const onNode = [...devices.values()]
    .filter(({ appeared }) => appeared.node === replica.node)
    .map(({ appeared, layout }) => ({ ...appeared, layout: layout?.layout ?? appeared.layout }));
  if (onNode.length === 0) return { missing: 'node-unknown' };
  const asked = code.devices ?? 0;
  if (asked === 0) return holdCores(onNode, replica.node, code.host);
  if (replica.devices?.toldBy === 'platform' && replica.devices.devices?.length === 0)
    return { missing: 'not-assigned' };
  const accelerators = onNode.filter(({ layout }) => layout.kind !== 'cores');
  const told = (replica.devices?.devices ?? []).map((device) => findTold(accelerators, device));
  if (told.length === asked && told.every((hold) => hold !== null)) return { holds: told };
  if (accelerators.length === asked && accelerators.every(({ layout }) => layout.kind === 'whole'))
    return { holds: accelerators.map(({ device }) => ({ device, slot: wholeSlot })) };
  const slots = listSlots(accelerators);
  if (slots.length === 0) return holdCores(onNode, replica.node, code.host);
  return { holds: spreadOver(slots, asked, claims), isGuess: true };
}

function holdCores(onNode: readonly Accelerator[], node: string, host: Release['code']['host']): FoundHolds {
  const cores = onNode.find(({ device }) => device === coresOf(node));
  if (cores === undefined) return { missing: 'node-unknown' };
  const milliCores = Math.max(1, Math.round((host?.cpus ?? milliCoresByDefault / 1_000) * 1_000));
  const isDefault = host?.cpus === undefined ? { isDefault: true as const } : {};
  return { holds: [{ device: cores.device, milliCores, ...isDefault }] };
}

interface DeviceSlotName {
  readonly device: string;
  readonly slot: string;
}

const listSlots = (accelerators: readonly Accelerator[]): readonly DeviceSlotName[] =>
  accelerators.flatMap(({ device, layout, pciDeviceId }) =>
    slotDevice(layout, pciDeviceId)
      .slots.filter(isHeld)
      .map(({ slot }) => ({ device, slot })),
  );

/** It is on some of these, and nobody tells which: each counts for as much as the replica is likely to be on it. */
function spreadOver(slots: readonly DeviceSlotName[], asked: number, claims: StandingFacts['claims']): readonly Hold[] {
  const taken = new Set(
    [...claims.values()].flatMap(({ began }) =>
      began.holds.flatMap((hold) => ('slot' in hold && hold.milliSlot === undefined ? [keyOf(hold)] : [])),
    ),
  );
  const free = slots.filter((slot) => !taken.has(keyOf(slot)));
  const among = free.length >= asked ? free : slots;
  const weights = among.map((slot) => ({ key: keyOf(slot), weight: 1 }));
  const parts = apportion(1_000 * Math.min(asked, among.length), weights);
  return among.flatMap((slot, index) => {
    const milliSlot = parts[index] ?? 0;
    return milliSlot > 0 ? [{ ...slot, milliSlot }] : [];
  });
}

const keyOf = ({ device, slot }: DeviceSlotName): string => JSON.stringify([device, slot]);

type Accelerator = Pick<DeviceAppeared, 'device' | 'pciDeviceId'> & { readonly layout: DeviceLayout };

/** Device plugins write a share into the name of its device: `GPU-...::3`. */
function findTold(accelerators: readonly Accelerator[], told: ReplicaDevice): Hold | null {
  const { uuid, mig, share, name } = told;
  const [base, shareOfName] = (uuid ?? name ?? '').split('::');
  for (const accelerator of accelerators) {
    const { device, layout } = accelerator;
    const instance = layout.kind === 'mig' ? layout.instances.find(({ slot }) => slot === base) : undefined;
    if (instance !== undefined) return holdSlot(accelerator, instance.slot);
    if (device !== base && device !== mig?.parentUuid) continue;
    if (layout.kind === 'whole') return { device, slot: wholeSlot };
    const slot = share ?? shareOfName;
    if (layout.kind === 'shared' && slot !== undefined) return holdSlot(accelerator, slot);
  }
  return null;
}

/** A layout that the tables cannot read is one slot, which all replicas on the board divide. */
function holdSlot(accelerator: Accelerator, told: string): Hold | null {
  const slots = listSlots([accelerator]);
  const found = slots.find(({ slot }) => slot === told);
  if (found !== undefined) return found;
  const [all, ...more] = slots;
  return all === undefined || more.length > 0 ? null : { ...all, milliSlot: 1_000 };
}
