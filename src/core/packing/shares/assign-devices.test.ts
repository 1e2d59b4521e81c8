import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignDevices } from './assign-devices.ts';
import { acceptsDevice, listSlots, type DeviceAsk, type DeviceHold, type SharedDevice } from './shared-device.ts';

const GiB = 2 ** 30;
const mps = (device: string, shares: number, memory = 24): SharedDevice => ({
  device,
  product: 'L4',
  sharing: 'mps',
  shares,
  memoryBytes: Math.floor((memory * GiB) / shares),
});
const whole = (device: string): SharedDevice => ({ ...mps(device, 1), sharing: 'exclusive' });
const ask = (changes: Partial<DeviceAsk> = {}): DeviceAsk => ({
  devices: 1,
  sharing: ['mps'],
  memoryBytes: null,
  ...changes,
});
const assign = (
  asked: DeviceAsk,
  devices: readonly SharedDevice[],
  held: readonly DeviceHold[] = [],
  expected: readonly DeviceAsk[] = [],
) => {
  const answer = assignDevices(asked, { devices, held, expected });
  return answer.answer === 'assigned' ? answer.holds : `${answer.fits}: ${answer.reason}`;
};
const hold = (device: string, slot: string | number): DeviceHold => ({ device, slot: String(slot) });

describe('assignDevices', () => {
  it('puts two halves on one device, and refuses a third', () => {
    const devices = [mps('a', 2), mps('b', 2)];
    expect(assign(ask(), devices)).toEqual([hold('a', 0)]);
    expect(assign(ask(), devices, [hold('b', 1)])).toEqual([hold('b', 0)]);
    expect(assign(ask(), [mps('a', 2)], [hold('a', 0), hold('a', 1)])).toBe(
      'later: no device of the pool has half free: 2 of 2 are held',
    );
  });

  it('keeps the larger share for what needs it, and takes it where nothing else is left', () => {
    // Halves have 12 GiB, and quarters 6. The half comes first in the list.
    const devices = [mps('half', 2), mps('quarter', 4)];
    const small = ask({ memoryBytes: 4 * GiB });
    const large = ask({ memoryBytes: 10 * GiB });
    expect(assign(small, devices, [], [large])).toEqual([hold('quarter', 0)]);
    expect(assign(large, devices, [], [small])).toEqual([hold('half', 0)]);
    const full = [0, 1, 2, 3].map((slot) => hold('quarter', slot));
    expect(assign(small, devices, full, [large])).toEqual([hold('half', 0)]);
  });

  it('leaves the device that only another service can use, though it comes first', () => {
    const devices = [whole('w'), { ...mps('t', 1), sharing: 'time-slicing' as const }];
    const picky = ask({ sharing: ['exclusive'] });
    const anywhere = ask({ sharing: ['exclusive', 'time-slicing'] });
    expect(assign(anywhere, devices, [], [picky])).toEqual([hold('t', 0)]);
    expect(assign(picky, devices, [], [anywhere])).toEqual([hold('w', 'whole')]);
  });

  it('gives whole devices that are alike, and counts those of one kind alone', () => {
    const devices = [whole('a'), { ...whole('b'), product: 'T4' }, whole('c')];
    const two = ask({ devices: 2, sharing: ['exclusive'] });
    expect(assign(two, devices)).toEqual([hold('a', 'whole'), hold('c', 'whole')]);
    expect(assign(two, devices, [hold('c', 'whole')])).toBe(
      'later: no device of the pool has 2 whole devices free: 1 of 3 are held',
    );
    expect(assign({ ...two, devices: 3 }, devices)).toBe(
      'never: the pool has 2 devices that are alike, and a replica asks for 3',
    );
  });

  it.each([
    [ask(), [], 'the pool has no device'],
    [
      ask({ sharing: ['exclusive'] }),
      [mps('a', 2)],
      'devices of the pool are handed out by mps, and hardware.sharing tolerates exclusive',
    ],
    [
      ask({ devices: 2 }),
      [mps('a', 2), mps('b', 2)],
      'a replica asks for 2 devices, and the pool hands out shares, of which a program sees one',
    ],
    [
      ask({ memoryBytes: 20 * GiB }),
      [mps('a', 2)],
      'a part of a device has at most 12.0 GiB, and hardware.memory asks for 20.0 GiB',
    ],
  ])('says why %j never fits', (asked, devices, reason) => {
    expect(assign(asked, devices)).toBe(`never: ${reason}`);
  });

  const anyDevice = fc
    .record({
      product: fc.constantFrom('L4', 'T4'),
      shared: fc.constantFrom(
        { sharing: 'exclusive', shares: 1 } as const,
        ...[1, 2, 3, 4].map((shares) => ({ sharing: 'mps', shares }) as const),
        { sharing: 'time-slicing', shares: 2 } as const,
      ),
      memoryBytes: fc.constantFrom(null, 4, 8),
    })
    .map(({ shared, ...rest }): Omit<SharedDevice, 'device'> => ({ ...rest, ...shared }));
  const anyAsk: fc.Arbitrary<DeviceAsk> = fc.record({
    devices: fc.constantFrom(1, 1, 2),
    sharing: fc.uniqueArray(fc.constantFrom('exclusive', 'mps', 'time-slicing'), { minLength: 1 }),
    memoryBytes: fc.constantFrom(null, 4, 8),
  });

  it('never gives one part twice, gives only what is accepted, and refuses only where nothing is free', () => {
    fc.assert(
      fc.property(fc.array(anyDevice, { maxLength: 4 }), fc.array(anyAsk, { maxLength: 10 }), (kinds, asks) => {
        const devices = kinds.map((kind, at): SharedDevice => ({ ...kind, device: `d${at}` }));
        let held: readonly DeviceHold[] = [];
        for (const each of asks) {
          const answer = assignDevices(each, { devices, held, expected: asks });
          if (answer.answer === 'assigned') {
            expect(answer.holds).toHaveLength(each.devices);
            for (const { device, slot } of answer.holds) {
              const found = devices.find((one) => one.device === device);
              expect(found !== undefined && acceptsDevice(each, found) && listSlots(found).includes(slot)).toBe(true);
              expect(held).not.toContainEqual({ device, slot });
            }
            held = [...held, ...answer.holds];
          } else {
            const taken = held;
            const free = devices.filter((one) => {
              const used = taken.filter(({ device }) => device === one.device).length;
              return acceptsDevice(each, one) && used < one.shares;
            });
            const alike = Map.groupBy(free, (one) => JSON.stringify({ ...one, device: '' }));
            expect(Math.max(0, ...[...alike.values()].map((group) => group.length))).toBeLessThan(each.devices);
            expect(answer.fits === 'never').toBe(
              assignDevices(each, { devices, held: [], expected: asks }).answer === 'refused',
            );
          }
        }
      }),
    );
  });
});
