import { describe, expect, it } from 'vitest';
import { profileMemory } from './profile-memory.ts';

const mib = (count: number): number => count * 2 ** 20;

describe('the memory of a MIG profile', () => {
  it('is that of the board with the PCI device id', () => {
    expect(profileMemory('NVIDIA A100-SXM4-40GB', '0x20B010DE', '3g.20gb')).toBe(mib(19968));
    expect(profileMemory('NVIDIA A100-SXM4-80GB', '0x20B210DE', '1g.10gb')).toBe(mib(9856));
  });

  it('is that of the product where all its boards agree', () => {
    expect(profileMemory('NVIDIA H100 80GB HBM3', null, '3g.40gb')).toBe(mib(40448));
    expect(profileMemory('NVIDIA A30', null, '2g.12gb')).toBe(mib(12288));
  });

  it('is not known for a profile or a product that no table has', () => {
    expect(profileMemory('NVIDIA A100-SXM4-40GB', '0x20B010DE', '9g.90gb')).toBeNull();
    expect(profileMemory('NVIDIA R100', null, '1g.10gb')).toBeNull();
  });
});
