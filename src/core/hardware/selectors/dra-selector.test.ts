import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateCel, type CelDevice } from '../../../testing/oracles/cel.ts';
import {
  boards,
  buildDemands,
  buildDevice,
  buildHardware,
  buildNode,
  buildPool,
} from '../../../testing/builders/pools/hardware-builders.ts';
import { anyVerifiedPool } from '../../../testing/builders/pools/verified-pools.ts';
import { acceleratorClassOf } from '../../pool/classes/device-class.ts';
import { draAttributes, draDriver, makeDraSelector, mostExpressionChars } from './dra-selector.ts';
import { verifyPool } from '../judging/judge-pool.ts';
import type { NodeFacts } from '../../pool/node-facts.ts';
import { unitsOf } from '../rules/unit-facts.ts';

/** What the driver would publish of every device of a node, in the order of a verdict; null for what it would not. */
function published(node: NodeFacts): readonly (CelDevice | null)[] {
  return (node.devices ?? []).flatMap((device) =>
    unitsOf(acceleratorClassOf(device)).map((unit) => {
      const { memory, ...attributes } = draAttributes(device, unit);
      if (attributes['type'] === undefined) return null;
      return { driver: draDriver, attributes, memoryBytes: memory === undefined ? null : Number(memory) };
    }),
  );
}

const demands = buildDemands({ hardware: buildHardware({ sharing: ['exclusive', 'mig'] }) });

describe('DRA selectors', () => {
  it('admit exactly the compatible devices, less those that are named as looking like another', () => {
    let admitted = 0;
    let refused = 0;
    let left = 0;
    fc.assert(
      fc.property(anyVerifiedPool, (pool) => {
        const verdict = verifyPool(demands, pool, { deviceChoice: 'each' });
        const selector = makeDraSelector(verdict, pool);
        const named = new Set(selector.left.map(({ device }) => device));
        for (const node of verdict.nodes) {
          const facts = pool.nodes.find(({ name }) => name === node.node);
          const devices = facts === undefined ? [] : published(facts);
          expect(devices).toHaveLength(node.devices.length);
          node.devices.forEach((device, index) => {
            const one = devices[index];
            if (one === null || one === undefined) return;
            const answers = selector.requests.map(({ expression }) => evaluateCel(expression, one));
            const lets = answers.includes(true);
            const isNamed = named.has(`${node.node} ${device.device}`);
            expect(lets, `${node.node} ${device.device}`).toBe(device.verdict === 'pass' && !isNamed);
            if (lets) admitted += 1;
            else if (isNamed) left += 1;
            else refused += 1;
          });
        }
      }),
      { numRuns: 300 },
    );
    expect(admitted).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
    expect(left).toBeGreaterThan(0);
  });

  it('choose the one device of a mixed node that will do', () => {
    const pool = buildPool([buildNode('mixed', [buildDevice(boards.l4), buildDevice(boards.t4)])]);
    const { requests, left } = makeDraSelector(verifyPool(buildDemands(), pool, { deviceChoice: 'each' }), pool);
    expect(left).toEqual([]);
    expect(requests).toEqual([
      {
        name: 'gpu',
        deviceClassName: 'gpu.nvidia.com',
        devices: 1,
        expression: [
          'device.driver == "gpu.nvidia.com"',
          'device.attributes["gpu.nvidia.com"].type == "gpu" &&\ndevice.attributes["gpu.nvidia.com"].productName == "NVIDIA L4"',
          'device.attributes["gpu.nvidia.com"].cudaComputeCapability.compareTo(semver("8.9.0")) == 0',
          'device.attributes["gpu.nvidia.com"].driverVersion.compareTo(semver("550.54.15")) == 0',
          'device.attributes["gpu.nvidia.com"].cudaDriverVersion.compareTo(semver("12.4.0")) == 0',
        ].join(' && '),
      },
    ]);
  });

  it('are no error for a device of another driver', () => {
    const pool = buildPool([buildNode('a', [buildDevice()])]);
    const [request] = makeDraSelector(verifyPool(buildDemands(), pool), pool).requests;
    const other: CelDevice = { driver: 'nic.example.com', attributes: {}, memoryBytes: null };
    expect(evaluateCel(request?.expression ?? '', other)).toBe(false);
  });

  it('write versions as semantic versions, without leading zeros', () => {
    const pool = buildPool([buildNode('a', [buildDevice({ driver: '570.124.06', driverCuda: '12.8' })])]);
    const [request] = makeDraSelector(verifyPool(buildDemands(), pool), pool).requests;
    expect(request?.expression).toContain('semver("570.124.6")');
    expect(request?.expression.length).toBeLessThan(mostExpressionChars);
  });
});
