import { describe, expect, test } from 'vitest';
import { gpuOf } from '../../core/hardware/tables/gpus.ts';
import { boardOf, products } from './boards.ts';

describe('boards by PCI device number', () => {
  test.each(Object.entries(products))('%s is in the table of products as %s', (number, product) => {
    expect(gpuOf(product)).not.toBeNull();
    expect(boardOf(`0x${number}10DE`)?.computeCapability).toBe(gpuOf(product)?.capability);
  });

  test.each([
    ['0x20B010DE', null, '8.0', true],
    ['0x1EB810DE', null, '7.5', false],
    ['0x294110DE', 'NVIDIA GB200', '10.0', true],
    ['0x31C210DE', 'NVIDIA GB300', '10.3', true],
    ['0xFFFF10DE', 'NVIDIA GB300', '10.3', true],
    ['0x318210DE', 'NVIDIA B300 SXM6 AC', '10.3', true],
    ['0xFFFF10DE', 'Tesla P40', '6.1', false],
  ])('%s, %s', (pciDeviceId, product, computeCapability, mig) => {
    expect(boardOf(pciDeviceId, product)).toEqual({ computeCapability, mig });
  });

  test('knows no number of another vendor, and nothing but numbers and products', () => {
    expect(boardOf('0x20B01002')).toBeNull();
    expect(boardOf('NVIDIA A100-SXM4-40GB')).toBeNull();
    expect(boardOf(null)).toBeNull();
    expect(boardOf(null, 'NVIDIA GB300')).toBeNull();
    expect(boardOf('0xFFFF10DE', 'a board of tomorrow')).toBeNull();
  });
});
