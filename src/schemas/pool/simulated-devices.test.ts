import { describe, expect, it } from 'vitest';
import { makeSimulatedDevices } from '../../core/pool/simulated-devices.ts';
import { readSimulatedDevices } from './simulated-devices.ts';

const read = (text: string) => makeSimulatedDevices(readSimulatedDevices(Buffer.from(text), 'devices.yaml'));

describe('a file of simulated devices', () => {
  it('makes devices that say that they are simulated, and what is not stated of them', () => {
    const devices = read(`devices:
  - { product: NVIDIA L4, count: 2, memory: 24GiB, sharing: mps, shares: 2, capability: '8.9' }
  - { product: T4, memory: 16GiB }
`);
    expect(
      devices.map(({ uuid, product, memoryBytes, sharing, replicas, computeCapability, certainty, unknown }) => [
        ...[uuid, product, (memoryBytes ?? 0) / 2 ** 30, sharing, replicas, computeCapability, certainty],
        Object.keys(unknown),
      ]),
    ).toEqual([
      ['simulated-0', 'Simulated NVIDIA L4', 24, 'mps', 2, '8.9', 'declared', ['driver', 'driverCuda']],
      ['simulated-1', 'Simulated NVIDIA L4', 24, 'mps', 2, '8.9', 'declared', ['driver', 'driverCuda']],
      [
        'simulated-2',
        'Simulated T4',
        16,
        'exclusive',
        undefined,
        null,
        'declared',
        ['computeCapability', 'driver', 'driverCuda'],
      ],
    ]);
  });

  it.each([
    ['', 'devices.yaml:1:1: `devices`: Invalid input: expected array'],
    ['devices: []\n', 'devices.yaml:1:10: `devices`'],
    ['devices:\n  - { product: L4, memory: 24 }\n', 'devices.yaml:2:28: `devices.0.memory`'],
    ['devices:\n  - { product: L4, memory: 24GX }\n', 'expected a size such as 24GiB'],
    [
      'devices:\n  - { product: L4, memory: 1GiB, sharing: mps }\n',
      '`devices.0.shares`: a device that is handed out by mps',
    ],
    ['devices:\n  - { product: L4, memory: 1GiB, shares: 2 }\n', 'and an exclusive device has none'],
    ['devices:\n  - { product: L4, memory: 1GiB, sharing: mig }\n', '`devices.0.sharing`'],
    ['devices:\n  - { product: L4, memory: 1GiB, share: 2 }\n', 'Unrecognized key: "share"'],
    ['devices:\n  - { product: L4, memory: 1GiB, capability: 8.9 }\n', '`devices.0.capability`'],
    [
      'devices:\n  - { product: L4, memory: 1GiB, count: 60 }\n  - { product: T4, memory: 1GiB, count: 5 }\n',
      'at most 64 devices in total',
    ],
    ['devices: [\n', 'devices.yaml:'],
  ])('%j is refused with its place', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
