import type { Sharing } from '../../contract/contract.ts';
import { wholeSlot } from '../../cost/ledger/devices/device-slots.ts';
import type { DeviceFacts } from '../../pool/node-facts.ts';

/** A device of one machine, and as how many shares it is handed out. */
export interface SharedDevice {
  /** UUID, or what stands for it. */
  readonly device: string;
  readonly product: string | null;
  readonly sharing: Exclude<Sharing, 'mig'>;
  /** 1 of an exclusive device. */
  readonly shares: number;
  /** That one replica can use: of an MPS share its part of the device, else all of it. Null while not known. */
  readonly memoryBytes: number | null;
}

/** A part of a device that one replica holds, as the ledger names it: `whole`, or the number of a share. */
export interface DeviceHold {
  readonly device: string;
  readonly slot: string;
}

/** What one replica asks of the devices of its node. */
export interface DeviceAsk {
  /** Devices, or shares of one. More than 1 are whole devices. */
  readonly devices: number;
  /** Ways of sharing that its service tolerates. */
  readonly sharing: readonly Sharing[];
  /** On each device; null where the contract does not say it. */
  readonly memoryBytes: number | null;
}

/**
 * Returns the devices that can be handed out to replicas, in their order.
 *
 * | device | handed out as |
 * |---|---|
 * | exclusive | whole |
 * | MPS or time-slicing, and in how many shares is known | that many shares |
 * | without a UUID, cut into MIG instances, or nothing tells how it is shared | left out |
 */
export function listSharedDevices(devices: readonly DeviceFacts[]): readonly SharedDevice[] {
  return devices.flatMap(({ uuid, product, sharing, replicas, memoryBytes }): readonly SharedDevice[] => {
    if (uuid === null || sharing === null || sharing === 'mig') return [];
    const shares = sharing === 'exclusive' ? 1 : replicas;
    if (shares === undefined) return [];
    const own = sharing === 'mps' && memoryBytes !== null ? Math.floor(memoryBytes / shares) : memoryBytes;
    return [{ device: uuid, product, sharing, shares, memoryBytes: own }];
  });
}

/** Returns the name of each part of a device: `whole`, or `0` to `n-1`. */
export function listSlots({ sharing, shares }: SharedDevice): readonly string[] {
  return sharing === 'exclusive' ? [wholeSlot] : Array.from({ length: shares }, (_, share) => String(share));
}

/** Returns whether one part of the device is what a replica asks for. */
export function acceptsDevice({ devices, sharing, memoryBytes }: DeviceAsk, device: SharedDevice): boolean {
  if (!sharing.includes(device.sharing)) return false;
  // A program sees one share at a time, as it sees one MIG instance.
  if (devices > 1 && device.sharing !== 'exclusive') return false;
  return memoryBytes === null || (device.memoryBytes !== null && device.memoryBytes >= memoryBytes);
}
