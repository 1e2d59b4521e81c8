import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boards,
  buildDemands,
  buildDevice,
  buildNode,
  buildPool,
} from '../../../testing/builders/pools/hardware-builders.ts';
import { anyVerifiedPool, gfdLabels } from '../../../testing/builders/pools/verified-pools.ts';
import { makeAffinity, type LabelExpression } from './affinity.ts';
import { verifyPool } from '../judging/judge-pool.ts';

/** As the scheduler reads them: https://pkg.go.dev/k8s.io/component-helpers/scheduling/corev1/nodeaffinity */
function admits(terms: readonly (readonly LabelExpression[])[], labels: Readonly<Record<string, string>>): boolean {
  return terms.some(
    (term) =>
      term.length > 0 &&
      term.every(({ key, operator, values }) => {
        const value = labels[key];
        return operator === 'In'
          ? value !== undefined && values.includes(value)
          : value === undefined || !values.includes(value);
      }),
  );
}

const l4 = buildDevice(boards.l4);
const t4 = buildDevice(boards.t4);
const labelled = (name: string, ...devices: (typeof l4)[]) => buildNode(name, devices, { labels: gfdLabels(devices) });

describe('node affinity', () => {
  it('admits no node with a device that is not compatible or not known, and names the compatible ones it leaves out', () => {
    let admittedNodes = 0;
    let leftNodes = 0;
    fc.assert(
      fc.property(anyVerifiedPool, fc.integer({ min: 1, max: 3 }), (pool, devices) => {
        const demands = buildDemands({ hardware: { ...buildDemands().hardware, devices } });
        const verdict = verifyPool(demands, pool, { deviceChoice: 'any' });
        const { terms, admitted, left } = makeAffinity(verdict, pool, {});
        const labels = new Map(pool.nodes.map((node) => [node.name, node.labels]));
        for (const node of verdict.nodes) {
          const safe = node.devices.length > 0 && node.devices.every((device) => device.verdict === 'pass');
          const lets = admits(terms, labels.get(node.node) ?? {});
          if (lets) expect(safe, node.node).toBe(true);
          const compatible = safe && node.verdict === 'pass';
          if (compatible) expect(lets !== left.some((one) => one.node === node.node), node.node).toBe(true);
          if (compatible && lets) admittedNodes += 1;
          if (compatible && !lets) leftNodes += 1;
        }
        expect(admitted).toEqual(
          verdict.nodes
            .filter((node) => node.verdict === 'pass' && admits(terms, labels.get(node.node) ?? {}))
            .map(({ node }) => node),
        );
      }),
      { numRuns: 300 },
    );
    // Neither side is empty, or the property would hold for nothing.
    expect(admittedNodes).toBeGreaterThan(20);
    expect(leftNodes).toBeGreaterThan(5);
  });

  it('asks for the selector as well, and for every label that tells the device', () => {
    const node = labelled('a', l4);
    const pool = buildPool([{ ...node, labels: { ...node.labels, pool: 'gpu' } }]);
    const demands = buildDemands({ selector: { pool: 'gpu' } });
    const { terms } = makeAffinity(verifyPool(demands, pool), pool, demands.selector);
    expect(terms).toHaveLength(1);
    expect(terms[0]?.[0]).toEqual({ key: 'pool', operator: 'In', values: ['gpu'] });
    expect(terms[0]?.map(({ key }) => key)).toContain('nvidia.com/cuda.driver-version.full');
    expect(terms[0]?.map(({ key }) => key)).not.toContain('nvidia.com/gpu.count');
  });

  it('leaves out a node that a mixed node looks like, and says which', () => {
    const pool = buildPool([labelled('plain', l4, l4), labelled('mixed', l4, t4), labelled('other', t4)]);
    const { terms, left } = makeAffinity(verifyPool(buildDemands(), pool), pool, {});
    expect(terms).toEqual([]);
    expect(left).toEqual([
      { node: 'plain', reason: 'its labels are those of mixed, which is not compatible' },
      {
        node: 'mixed',
        reason:
          'only 1 of its 2 devices are compatible, and a pod gets whichever is free; plimsoll verify --emit dra chooses by device',
      },
    ]);
  });

  it('tells them apart by the number of devices where that is all that differs', () => {
    const pool = buildPool([labelled('plain', l4, l4), labelled('mixed', l4, l4, t4)]);
    const { admitted, terms } = makeAffinity(verifyPool(buildDemands(), pool), pool, {});
    expect(admitted).toEqual(['plain']);
    expect(terms[0]?.find(({ key }) => key === 'nvidia.com/gpu.count')).toEqual({
      key: 'nvidia.com/gpu.count',
      operator: 'In',
      values: ['2'],
    });
  });
});
