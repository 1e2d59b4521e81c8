import { acceptsDevice, type DeviceAsk, type DeviceHold, type SharedDevice } from './shared-device.ts';

export interface Shortage {
  readonly reason: string;
  readonly fits: 'later' | 'never';
}

const gib = 2 ** 30;

/**
 * Returns why a replica gets no device, in one sentence.
 *
 * | what is there | reason, and whether the replica may fit later |
 * |---|---|
 * | no device | never |
 * | no device that is handed out in a tolerated way | never; both are named |
 * | several are asked for, and only shares are handed out | never |
 * | too little memory on each | never; the most is named |
 * | fewer alike devices than it asks for | never |
 * | all parts are held | later |
 */
export function describeShortage(
  ask: DeviceAsk,
  devices: readonly SharedDevice[],
  held: readonly DeviceHold[],
): Shortage {
  const never = (reason: string): Shortage => ({ reason, fits: 'never' });
  if (devices.length === 0) return never('the pool has no device');
  const tolerated = devices.filter(({ sharing }) => ask.sharing.includes(sharing));
  if (tolerated.length === 0) {
    const offered = [...new Set(devices.map(({ sharing }) => sharing))].join(', ');
    return never(
      `devices of the pool are handed out by ${offered}, and hardware.sharing tolerates ${ask.sharing.join(', ')}`,
    );
  }
  const usable = tolerated.filter((device) => acceptsDevice(ask, device));
  if (usable.length === 0) return never(describeUnusable(ask, tolerated));
  const alike = Map.groupBy(usable, ({ product, sharing, memoryBytes }) => `${product} ${sharing} ${memoryBytes}`);
  const most = Math.max(...[...alike.values()].map((each) => each.length));
  if (most < ask.devices)
    return never(`the pool has ${most} devices that are alike, and a replica asks for ${ask.devices}`);
  const parts = usable.reduce((sum, { shares }) => sum + shares, 0);
  const taken = held.filter(({ device }) => usable.some((each) => each.device === device)).length;
  return {
    reason: `no device of the pool has ${describePart(ask, usable)} free: ${taken} of ${parts} are held`,
    fits: 'later',
  };
}

function describeUnusable({ devices, memoryBytes }: DeviceAsk, tolerated: readonly SharedDevice[]): string {
  if (devices > 1 && tolerated.every(({ sharing }) => sharing !== 'exclusive')) {
    return `a replica asks for ${devices} devices, and the pool hands out shares, of which a program sees one`;
  }
  const most = Math.max(...tolerated.map((device) => device.memoryBytes ?? 0));
  const asked = ((memoryBytes ?? 0) / gib).toFixed(1);
  return `a part of a device has at most ${(most / gib).toFixed(1)} GiB, and hardware.memory asks for ${asked} GiB`;
}

const words: Readonly<Record<number, string>> = { 2: 'half', 3: 'a third', 4: 'a quarter' };

function describePart({ devices }: DeviceAsk, usable: readonly SharedDevice[]): string {
  if (devices > 1) return `${devices} whole devices`;
  const parts = [...new Set(usable.map(({ shares }) => shares))].sort((a, b) => a - b);
  return parts.map((shares) => (shares === 1 ? 'a whole one' : (words[shares] ?? `1/${shares}`))).join(' or ');
}
