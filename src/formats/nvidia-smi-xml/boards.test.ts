import { describe, expect, test } from 'vitest';
import { gpuOf } from '../../core/hardware/tables/gpus.ts';
import { boardOf, products } from './boards.ts';

describe('boards by PCI device number', () => {
  test.each(Object.entries(products))('%s is in the table of products as %s', (number, product) => {
    expect(gpuOf(product)).not.toBeNull();
    expect(boardOf(`0x${number}10DE`)?.computeCapability).toBe(gpuOf(product)?.capability);
  });

  test.each([
    ['0x20B010DE', '8.0', true],
    ['0x1EB810DE', '7.5', false],
    ['0x294110DE', '10.0', true],
    ['0x31C210DE', '10.3', true],
    ['0x318210DE', '10.3', true],
    ['0x1B3810DE', '6.1', false],
    ['0x2BB510DE', '12.0', true],
  ])('%s', (pciDeviceId, computeCapability, mig) => {
    expect(boardOf(pciDeviceId)).toEqual({ computeCapability, mig });
  });

  test('knows no number of another vendor, and nothing but numbers', () => {
    expect(boardOf('0x20B01002')).toBeNull();
    expect(boardOf('NVIDIA A100-SXM4-40GB')).toBeNull();
    expect(boardOf(null)).toBeNull();
    expect(boardOf('0xFFFF10DE')).toBeNull();
  });
});
