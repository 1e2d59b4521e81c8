import { describe, expect, it } from 'vitest';
import type { LedgerFact } from '../../../core/cost/ledger/fact.ts';
import { buildDevice, buildNode } from '../../../testing/builders/pools/pool-builders.ts';
import { makeInventoryFacts } from './inventory-facts.ts';
import { listDevices, type PooledNode } from './list-devices.ts';
import { StandingFacts } from '../record/standing-facts.ts';

const cpu = { architecture: 'x64', model: 'EPYC 9454', cores: 8, features: null };
const pooled = (node: PooledNode['node'], pool = 'gpus', countsCores = false): PooledNode => ({
  pool,
  node,
  countsCores,
});
const gpu = (uuid: string, over: Parameters<typeof buildDevice>[0] = {}) => buildDevice({ uuid, ...over });

describe('listDevices', () => {
  it('accounts accelerators by UUID, and cores where a service of the pool computes on them', () => {
    const node = buildNode('n1', { cpu, devices: [gpu('GPU-a'), gpu('GPU-b', { product: null })] });
    expect(listDevices([pooled(node)]).devices.map(({ device, deviceClass }) => [device, deviceClass])).toEqual([
      ['GPU-a', 'NVIDIA A100-SXM4-40GB'],
      ['GPU-b', 'unknown'],
    ]);
    expect(listDevices([pooled(node), pooled(node, 'gpus', true)]).devices.at(-1)).toMatchObject({
      device: 'n1/cores',
      deviceClass: 'EPYC 9454',
      layout: { kind: 'cores', cores: 8 },
    });
  });

  it('gives a node of two pools to the first of them by name', () => {
    const node = buildNode('n1');
    const { devices } = listDevices([pooled(node, 'staging'), pooled(node, 'prod')]);
    expect(devices.map(({ pool }) => pool)).toEqual(['prod']);
  });

  it('tells the layout: MIG instances, shares, or whole', () => {
    const mig = {
      capable: true,
      enabled: true,
      instances: [
        {
          profile: '3g.20gb',
          uuid: 'MIG-1',
          memoryBytes: null,
          multiprocessors: null,
          placement: { start: 4, size: 4 },
        },
        { profile: null, uuid: null, memoryBytes: null, multiprocessors: null, placement: null },
      ],
    };
    const devices = [gpu('a', { mig }), gpu('b', { sharing: 'mps', replicas: 4 }), gpu('c', { sharing: 'mps' })];
    expect(listDevices([pooled(buildNode('n1', { devices }))]).devices.map(({ layout }) => layout)).toEqual([
      {
        kind: 'mig',
        instances: [
          { slot: 'MIG-1', profile: '3g.20gb', start: 4 },
          { slot: '1', profile: 'unknown', start: -1 },
        ],
      },
      { kind: 'shared', sharing: 'mps', shares: 4 },
      { kind: 'whole' },
    ]);
  });
});

describe('makeInventoryFacts', () => {
  let count = 0;
  const standing = new StandingFacts();
  /** What is recorded of these nodes `atMs` after the beginning; `standing` knows it then. */
  const look = (atMs: number, ...nodes: readonly PooledNode[]) => {
    const at = { recorder: 'r', monotonicMs: atMs, wallMs: atMs };
    const facts = makeInventoryFacts(standing, listDevices(nodes), at);
    for (const fact of facts) standing.apply({ ...fact, id: `${(count += 1)}` } satisfies LedgerFact);
    return facts.map((fact) => [fact.kind, 'device' in fact ? fact.device : 'gap' in fact ? fact.gap : '']);
  };
  const node = (...uuids: readonly string[]) => buildNode('n1', { devices: uuids.map((uuid) => gpu(uuid)) });

  it('says what changed, and nothing of what stays', () => {
    expect(look(0, pooled(node('a', 'b')))).toEqual([
      ['device-appeared', 'a'],
      ['device-appeared', 'b'],
    ]);
    expect(look(1, pooled(node('a', 'b')))).toEqual([]);
    expect(look(2, pooled(node('a')))).toEqual([['device-gone', 'b']]);
    expect(look(3, pooled(node('a'), 'other'))).toEqual([
      ['device-gone', 'a'],
      ['device-appeared', 'a'],
    ]);
    const shared = buildNode('n1', { devices: [gpu('a', { sharing: 'mps', replicas: 2 })] });
    expect(look(4, pooled(shared, 'other'))).toEqual([['layout-changed', 'a']]);
    expect(look(5, pooled(shared, 'other'))).toEqual([]);
  });

  it('keeps the devices of a node that does not tell them', () => {
    expect(look(6, pooled(buildNode('n1', { devices: null }), 'other'))).toEqual([]);
  });

  it('begins a gap for a node that is not seen, and lets its devices go after an hour', () => {
    const hour = 3_600_000;
    expect(look(10)).toEqual([['gap-began', 'node-gone/n1']]);
    expect(look(20)).toEqual([]);
    const shared = buildNode('n1', { devices: [gpu('a', { sharing: 'mps', replicas: 2 })] });
    expect(look(30, pooled(shared, 'other'))).toEqual([['gap-ended', 'node-gone/n1']]);
    expect(look(40)).toEqual([['gap-began', 'node-gone/n1']]);
    expect(look(39 + hour)).toEqual([]);
    expect(look(40 + hour)).toEqual([
      ['device-gone', 'a'],
      ['gap-ended', 'node-gone/n1'],
    ]);
    expect(look(41 + hour)).toEqual([]);
  });
});
