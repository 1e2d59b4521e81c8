import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { departures } from './class-departure.ts';
import type { AcceleratorClass, CpuClass } from './device-class.ts';

const a100: AcceleratorClass = {
  accelerator: 'nvidia',
  product: 'NVIDIA A100-SXM4-40GB',
  pciDeviceId: '0x20B010DE',
  brand: 'nvidia',
  computeCapability: '8.0',
  memoryBytes: 42_949_672_960,
  driver: '570.148.8',
  driverCuda: '12.8',
  eccEnabled: true,
  sharing: 'exclusive',
  migLayout: [],
  certainty: 'device',
};
const t4: AcceleratorClass = {
  ...a100,
  product: 'Tesla T4',
  pciDeviceId: '0x1EB810DE',
  computeCapability: '7.5',
  memoryBytes: 16_106_127_360,
};
const cpu: CpuClass = { accelerator: 'cpu', arch: 'x64', model: 'AMD EPYC 7763' };

const changes = (verified: readonly AcceleratorClass[], ...present: readonly AcceleratorClass[]) =>
  departures(verified, present).map(({ change }) => change);

describe('a device that leaves the verified set', () => {
  it('is none while every device is of a verified class', () => {
    expect(changes([a100, t4], t4, a100, a100)).toEqual([]);
    expect(departures([cpu], [cpu])).toEqual([]);
  });

  it.each<[string, Partial<AcceleratorClass>, string]>([
    [
      'a driver upgrade',
      { driver: '580.65.6', driverCuda: '13.0' },
      'driver 570.148.8 -> 580.65.6, CUDA of the driver 12.8 -> 13.0',
    ],
    ['ECC switched off', { eccEnabled: false }, 'ECC enabled true -> false'],
    ['another MIG layout', { migLayout: [{ profile: '3g.20gb', memoryBytes: null }] }, 'MIG layout off -> 3g.20gb'],
  ])('%s names the change', (_, change, words) => {
    expect(changes([t4, a100], { ...a100, ...change })).toEqual([`NVIDIA A100-SXM4-40GB: ${words}`]);
  });

  it('is a device that was never verified where nothing resembles it', () => {
    expect(changes([a100], t4)[0]).toMatch(/^Tesla T4, .* was never verified$/);
    expect(departures([], [cpu])).toEqual([
      { found: cpu, before: null, change: 'cpu x64 AMD EPYC 7763 was never verified' },
    ]);
  });

  it('is another CPU model', () => {
    expect(departures([cpu], [{ ...cpu, model: 'Intel Xeon' }])[0]?.change).toBe(
      'the CPU: model AMD EPYC 7763 -> Intel Xeon',
    );
  });

  it('is told once for a node of eight alike', () => {
    const upgraded = { ...a100, driver: '580.65.6' };
    expect(changes([a100], ...Array<AcceleratorClass>(8).fill(upgraded))).toHaveLength(1);
  });

  it('is no fact that is merely not known now', () => {
    const fields = ['product', 'pciDeviceId', 'computeCapability', 'memoryBytes', 'driver', 'eccEnabled', 'migLayout'];
    fc.assert(
      fc.property(fc.subarray(fields), (blank) => {
        const blanked = { ...a100, ...Object.fromEntries(blank.map((field) => [field, null])) };
        expect(changes([a100], blanked)).toEqual([]);
      }),
    );
  });
});
