import { expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import { assignDevices } from './assign-devices.ts';
import { acceptsDevice, listSlots, type DeviceAsk, type DeviceHold, type SharedDevice } from './shared-device.ts';

const machines = 400;
const kinds: readonly Omit<SharedDevice, 'device'>[] = [
  { product: 'L4', sharing: 'exclusive', shares: 1, memoryBytes: 24 },
  { product: 'L4', sharing: 'mps', shares: 2, memoryBytes: 12 },
  { product: 'L4', sharing: 'mps', shares: 4, memoryBytes: 6 },
  { product: 'T4', sharing: 'time-slicing', shares: 2, memoryBytes: 16 },
];
const asks: readonly DeviceAsk[] = [
  { devices: 1, sharing: ['exclusive'], memoryBytes: 20 },
  { devices: 1, sharing: ['exclusive', 'mps', 'time-slicing'], memoryBytes: null },
  { devices: 1, sharing: ['mps'], memoryBytes: 10 },
  { devices: 1, sharing: ['mps', 'time-slicing'], memoryBytes: 4 },
  { devices: 2, sharing: ['exclusive'], memoryBytes: null },
];

type Rule = (ask: DeviceAsk, devices: readonly SharedDevice[], held: readonly DeviceHold[]) => readonly DeviceHold[];

/** The first parts in the list of devices that are free and alike. */
const firstFit: Rule = (ask, devices, held) => {
  const free = devices.flatMap((device) => {
    const slot = listSlots(device).find(
      (each) => !held.some((one) => one.device === device.device && one.slot === each),
    );
    return acceptsDevice(ask, device) && slot !== undefined ? [{ device, slot }] : [];
  });
  const [first] = free;
  const alike = free.filter(({ device }) => device.product === first?.device.product);
  const chosen = alike.slice(0, ask.devices).map(({ device: { device }, slot }) => ({ device, slot }));
  return chosen.length === ask.devices ? chosen : [];
};
const byValue: Rule = (ask, devices, held) => {
  const answer = assignDevices(ask, { devices, held, expected: asks });
  return answer.answer === 'assigned' ? answer.holds : [];
};

it('more replicas find a device than by first fit, over 400 drawn machines', () => {
  const random = seededRandom(7);
  const draw = <T>(from: readonly T[]): readonly T[] =>
    from.slice(Math.floor(random.nextShare() * from.length)).slice(0, 1);
  const placed = { firstFit: 0, byValue: 0 };
  for (let machine = 0; machine < machines; machine += 1) {
    const devices = Array.from({ length: 4 }, (_, at) =>
      draw(kinds).map((kind) => ({ ...kind, device: `d${at}` })),
    ).flat();
    const arrivals = Array.from({ length: 12 }, () => draw(asks)).flat();
    for (const [name, rule] of [
      ['firstFit', firstFit],
      ['byValue', byValue],
    ] as const) {
      let held: readonly DeviceHold[] = [];
      for (const ask of arrivals) {
        const holds = rule(ask, devices, held);
        if (holds.length > 0) placed[name] += 1;
        held = [...held, ...holds];
      }
    }
  }
  // 2,529 and 2,431 when this was written; 3.1% to 4.0% more by seeds 1 to 8.
  expect(placed.byValue).toBeGreaterThan(1.03 * placed.firstFit);
});
