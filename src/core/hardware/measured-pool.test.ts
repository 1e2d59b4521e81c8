import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';
import {
  boards,
  buildDemands,
  buildDevice,
  buildNode,
  buildPool,
} from '../../testing/builders/pools/hardware-builders.ts';
import { anyVerifiedPool } from '../../testing/builders/pools/verified-pools.ts';
import { judgeHardware } from '../evidence/kinds/hardware/hardware-evidence.ts';
import { verifyPool } from './judging/judge-pool.ts';
import { measuredPool } from './measured-pool.ts';

const contractOf = (hardware: string) => loadContract(`${minimalContract}hardware: ${hardware}\n`).contract;

describe('what is stored of a verdict', () => {
  it('is judged again to the very same verdict', () => {
    const contract = contractOf('{ accelerator: nvidia }');
    const { hardware } = contract;
    if (hardware === undefined) throw new Error('no hardware');
    fc.assert(
      fc.property(anyVerifiedPool, fc.integer({ min: 1, max: 3 }), (pool, devices) => {
        const asking = { ...contract, hardware: { ...hardware, devices } };
        const verdict = verifyPool(buildDemands({ hardware: asking.hardware }), pool);
        const measured = measuredPool(verdict, pool, asking);
        const stored: unknown = JSON.parse(JSON.stringify(measured));
        expect(judgeHardware(stored as Record<string, unknown>, asking).verdict).toBe(verdict.verdict);
      }),
    );
  });

  it('holds no node that hands out less than is asked for, be it nothing', () => {
    const h100 = buildDevice({ ...boards.h100, driver: '550.54.15' });
    const node = (name: string, allocatable: number) =>
      buildNode(name, [h100, h100], {
        labels: { 'kubernetes.io/arch': 'amd64' },
        source: 'node-labels',
        allocatable: { 'nvidia.com/gpu': allocatable },
      });
    const pool = buildPool([node('a', 2), node('b', 1), node('c', 0)]);
    const contract = contractOf('{ accelerator: nvidia, devices: 2 }');
    const { hardware } = contract;
    if (hardware === undefined) throw new Error('no hardware');
    const verdict = verifyPool(buildDemands({ hardware }), pool);
    expect(verdict.nodes.map(({ reason }) => reason)).toEqual([
      '2 of 2 devices do, 2 asked for',
      '1 of its 2 devices are allocatable, and 2 asked for: nothing is placed here',
      '0 of its 2 devices are allocatable, and 2 asked for: nothing is placed here',
    ]);
    const measured = measuredPool(verdict, pool, contract);
    expect(measured?.nodes).toEqual([{ count: 1, anyDevice: true, units: { device: { native: 2 } } }]);
  });

  it('counts nodes of the same devices once', () => {
    const h100 = buildDevice({ ...boards.h100, driver: '550.54.15' });
    const pool = buildPool(
      ['a', 'b', 'c'].map((name) => buildNode(name, [h100, h100], { labels: { 'kubernetes.io/arch': 'amd64' } })),
    );
    const measured = measuredPool(verifyPool(buildDemands(), pool), pool, contractOf('{ accelerator: nvidia }'));
    expect(measured?.nodes).toEqual([{ count: 3, anyDevice: false, units: { device: { native: 2 } } }]);
    expect(Object.values(measured?.classes ?? {})).toMatchObject([{ compatibility: 'native', nodes: 3 }]);
  });
});
