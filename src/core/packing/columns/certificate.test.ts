import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aNode,
  aReplica,
  tinyCutNodes,
  tinyNodes,
  tinyReplicas,
  tinyRuledReplicas,
} from '../../../testing/builders/packing/packing-builders.ts';
import { searchPacking } from '../../../testing/oracles/packing-search.ts';
import { nanoPerUnit, type PackingTask } from '../packing-task.ts';
import { makeCertificate, verifyCertificate } from './certificate.ts';

/** Two nodes of 16 CPU with two devices; three whole replicas of 10 CPU: only one fits on each node. */
const task: PackingTask = {
  objective: 'most-accelerators',
  replicas: [{ shape: aReplica({ cpuMilli: 10_000 }), count: 3 }],
  nodes: [{ shape: aNode(), count: 2 }],
};
const certificate = makeCertificate(task, [0], 100);

describe('the certificate of a bound', () => {
  it('proves the bound that CPU sets, where devices would allow more', () => {
    expect(certificate.boundNano).toBe(2n * BigInt(nanoPerUnit));
    expect(verifyCertificate(task, certificate)).toEqual({ verdict: 'proven' });
  });

  it('proves at any price, and at a bad one only a worse bound', () => {
    const dear = makeCertificate(task, [nanoPerUnit], 100);
    expect(verifyCertificate(task, dear)).toEqual({ verdict: 'proven' });
    expect(dear.boundNano).toBe(3n * BigInt(nanoPerUnit));
  });

  it.each([
    ['a lower bound than the sum', { boundNano: certificate.boundNano - 1n }, /^the bound is 2000000000 nano/],
    ['a lower bound of a filling', { nodes: lowerFilling(), boundNano: 1n }, /node class 0 is not proven/],
    ['a price that is not whole', { pricesNano: [0.5] }, /prices are not one whole number/],
    ['a price below 0', { pricesNano: [-1] }, /prices are not one whole number/],
    ['a price for a class that is not there', { pricesNano: [0, 0] }, /prices are not one whole number/],
    ['no bound of the nodes', { nodes: [] }, /one bound for each class/],
    ['a room price that makes sums inexact', { nodes: hugePrice() }, /not whole or too large/],
    ['a price of a limit that is not there', { nodes: withLimits([1]) }, /not whole or too large/],
    ['a price of limits below 0', { nodes: withLimits([-1]) }, /not whole or too large/],
    ['more labels than a proof may take', { labelsAtMost: 1e9 }, /asks for 1000000000 labels/],
  ])('is refused with %s', (_what, tampered, reason) => {
    const found = verifyCertificate(task, { ...certificate, ...tampered });
    expect(found).toMatchObject({ verdict: 'refused', reason: expect.stringMatching(reason) as string });
  });

  it('is refused for a task with more replicas or more nodes', () => {
    const more = { ...task, nodes: [{ shape: aNode(), count: 3 }] };
    expect(verifyCertificate(more, certificate).verdict).toBe('refused');
    const larger = { ...task, nodes: [{ shape: aNode({ cpuMilli: 20_000 }), count: 2 }] };
    expect(verifyCertificate(larger, certificate).verdict).toBe('refused');
  });

  it.each([
    ['a replica that needs nothing', { cpuMilli: 0, memoryMib: 0, devices: 0, deviceMilli: 0 }],
    ['half a thousandth of a CPU', { cpuMilli: 0.5 }],
    ['shares of several devices', { devices: 2, deviceMilli: 500 }],
    ['more than a device', { deviceMilli: 1_001 }],
  ])('is refused for a task with %s', (_what, changed) => {
    const odd = { ...task, replicas: [{ shape: aReplica(changed), count: 3 }] };
    expect(verifyCertificate(odd, makeCertificate(odd, [0], 100))).toMatchObject({
      verdict: 'refused',
      reason: 'replica class 0 is not in whole numbers, or needs nothing',
    });
  });

  it('is never better than the best packing, whatever the prices are', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('most-accelerators', 'fewest-nodes'),
        fc.array(fc.tuple(fc.oneof(tinyReplicas, tinyRuledReplicas), fc.integer({ min: 0, max: 2 })), {
          minLength: 1,
          maxLength: 2,
        }),
        fc.array(fc.tuple(fc.oneof(tinyNodes, tinyCutNodes), fc.integer({ min: 1, max: 2 })), {
          minLength: 1,
          maxLength: 2,
        }),
        fc.array(fc.integer({ min: 0, max: nanoPerUnit }), { minLength: 2, maxLength: 2 }),
        (objective, replicas, nodes, prices) => {
          const drawn: PackingTask = {
            objective,
            replicas: replicas.map(([shape, count]) => ({ shape, count })),
            nodes: nodes.map(([shape, count]) => ({ shape, count })),
          };
          const made = makeCertificate(drawn, prices.slice(0, replicas.length), 1_000);
          expect(verifyCertificate(drawn, made)).toEqual({ verdict: 'proven' });
          const best = searchPacking(drawn);
          if (objective === 'most-accelerators') expect(Number(made.boundNano)).toBeGreaterThanOrEqual(best);
          else expect(Number(made.boundNano)).toBeLessThanOrEqual(best * nanoPerUnit);
        },
      ),
      { numRuns: 100 },
    );
  });
});

function lowerFilling() {
  return certificate.nodes.map((node) => ({ ...node, fillingBoundNano: node.fillingBoundNano - 1 }));
}

function withLimits(limitsNano: readonly number[]) {
  return certificate.nodes.map((node) => ({ ...node, price: { ...node.price, limitsNano } }));
}

function hugePrice() {
  return certificate.nodes.map((node) => ({ ...node, price: { cpuMilliNano: 2 ** 50, memoryMibNano: 0 } }));
}
