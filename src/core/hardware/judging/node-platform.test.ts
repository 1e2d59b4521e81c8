import { describe, expect, it } from 'vitest';
import {
  buildDemands,
  buildHardware,
  buildNode,
  buildPool,
} from '../../../testing/builders/pools/hardware-builders.ts';
import { judgeEvery } from './judge-every.ts';
import { verifyPool } from './judge-pool.ts';

const cpu = { architecture: 'x64', model: 'Intel Xeon', cores: 8, features: ['avx2'] };
const demands = buildDemands({ hardware: buildHardware({ accelerator: 'cpu' }), model: null });
const judged = (labels: Readonly<Record<string, string>>) => {
  const pool = buildPool([buildNode('a', [], { cpu, labels })]);
  const [node] = verifyPool(demands, pool).nodes;
  const [cell] = judgeEvery([demands], [pool]);
  return [node?.verdict, cell?.verdict, node?.reason];
};

describe('a service for CPUs on a node', () => {
  it('does not start on another operating system, and is not known where the architecture is told in two ways', () => {
    const [plain] = judged({});
    expect(plain).not.toBe('fail');
    expect(judged({ 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' }).slice(0, 2)).toEqual([plain, plain]);
    expect(judged({ 'kubernetes.io/os': 'windows' })).toEqual([
      'fail',
      'fail',
      'the image is for linux, the node runs windows',
    ]);
    expect(judged({ 'kubernetes.io/arch': 'arm64' })).toEqual([
      'unknown',
      'unknown',
      'the architecture of its CPU is told in two ways: x64, and arm64 by its label',
    ]);
  });
});
