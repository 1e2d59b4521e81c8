import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../testing/contract-texts.ts';
import { boards, buildDemands, buildDevice, buildNode, buildPool } from '../../testing/hardware-builders.ts';
import { anyVerifiedPool } from '../../testing/verified-pools.ts';
import { judgeHardware } from '../evidence/hardware-evidence.ts';
import { verifyPool } from './judge-pool.ts';
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
