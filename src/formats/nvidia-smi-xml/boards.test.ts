import { describe, expect, test } from 'vitest';
import { gpuOf } from '../../core/hardware/tables/gpus.ts';
import { boardOf, boards } from './boards.ts';

describe('the table of boards by PCI device number', () => {
  test.each(Object.entries(boards))('%s agrees with the published table of products', (number, board) => {
    const gpu = gpuOf(board.product);
    expect(gpu?.capability).toBe(board.computeCapability);
    expect((gpu?.migInstances ?? 0) > 0).toBe(board.mig);
    expect(boardOf(`0x${number}10DE`)).toBe(board);
  });

  test('knows no number of another vendor, and nothing but numbers', () => {
    expect(boardOf('0x20B01002')).toBeNull();
    expect(boardOf('NVIDIA A100-SXM4-40GB')).toBeNull();
    expect(boardOf(null)).toBeNull();
    expect(boardOf('0xFFFF10DE')).toBeNull();
  });
});
