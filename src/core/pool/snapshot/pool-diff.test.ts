import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyDevice,
  anyPool,
  buildDevice,
  buildNode,
  buildPool,
} from '../../../testing/builders/pools/pool-builders.ts';
import { acceleratorClassOf, digestOfClass } from '../classes/device-class.ts';
import type { DeviceFacts, MigFacts } from '../node-facts.ts';
import { diffPools, staleByClasses } from './pool-diff.ts';
import { classesOf, digestOfClasses, type PoolSnapshot } from './pool-snapshot.ts';

const digest = (pool: PoolSnapshot) => digestOfClasses(classesOf(pool, 'nvidia'));
const moved = (from: PoolSnapshot, to: PoolSnapshot): boolean => diffPools(from, to).digests.nvidia.moved;
const ofDevices = (...devices: readonly DeviceFacts[]): PoolSnapshot => buildPool([buildNode('n1', { devices })]);

const mig = (...profiles: readonly string[]): MigFacts => ({
  capable: true,
  enabled: profiles.length > 0,
  instances: profiles.map((profile) => ({
    profile,
    uuid: null,
    memoryBytes: null,
    multiprocessors: null,
    placement: null,
  })),
});

describe('the digest of the classes of a pool', () => {
  it('does not move when a pool of equal classes grows, shrinks or is taken in another order', () => {
    fc.assert(
      fc.property(anyPool, fc.nat(5), (pool, more) => {
        const copies = Array.from({ length: more }, (_, at) =>
          pool.nodes.map((node) => ({ ...node, name: `${node.name}-${at}` })),
        ).flat();
        const grown = { ...pool, nodes: [...copies, ...pool.nodes.toReversed()] };
        expect(moved(pool, grown)).toBe(false);
        expect(moved(grown, pool)).toBe(false);
        expect(diffPools(pool, grown).stale).toEqual([]);
      }),
    );
  });

  it('does not move with names, places, dates, labels, links and the order of devices', () => {
    fc.assert(
      fc.property(anyPool, anyDevice, (pool, other) => {
        const moot = (device: DeviceFacts): DeviceFacts => ({
          ...device,
          index: other.index,
          uuid: other.uuid,
          pciBusId: other.pciBusId,
          numaNode: other.numaNode,
          link: other.link,
          powerLimitWatts: other.powerLimitWatts,
          throttleReasons: other.throttleReasons,
          reservedBytes: other.reservedBytes,
          unknown: other.unknown,
        });
        const nodes = pool.nodes.map((node, at) => ({
          ...node,
          name: `renamed-${at}`,
          takenAtMs: at,
          labels: { at: String(at) },
          kernel: '6.8.0',
          devices: node.devices?.toReversed().map(moot) ?? null,
        }));
        expect(moved(pool, { ...pool, takenAtMs: pool.takenAtMs + 1, sources: ['other'], nodes })).toBe(false);
      }),
    );
  });

  it('always moves with driver, CUDA, MIG layout, ECC, memory, capability, product and sharing', () => {
    const changes: readonly Partial<DeviceFacts>[] = [
      { driver: '580.65.06' },
      { driverCuda: '13.1' },
      { mig: mig('1g.5gb', '1g.5gb') },
      { mig: { ...mig(), enabled: true } },
      { eccEnabled: false },
      { memoryBytes: 1 },
      { computeCapability: '9.9' },
      { product: 'NVIDIA H100 NVL' },
      { sharing: 'mps' },
    ];
    const plain = { mig: mig(), eccEnabled: true, memoryBytes: 2, computeCapability: '8.0', driverCuda: '12.8' };
    const before = { ...plain, driver: '570.148.08', product: 'NVIDIA L4', sharing: 'exclusive' } as const;
    fc.assert(
      fc.property(anyDevice, fc.constantFrom(...changes), (any, change) => {
        const device = { ...any, ...before };
        expect(moved(ofDevices(device), ofDevices({ ...device, ...change }))).toBe(true);
        // Also when only one of many moves.
        expect(moved(ofDevices(device, device), ofDevices(device, { ...device, ...change }))).toBe(true);
      }),
    );
  });

  it('is the same for a driver as DRA and as the driver itself write it', () => {
    const ofDriver = (driver: string) => digest(ofDevices(buildDevice({ driver })));
    expect(ofDriver('570.124.6')).toBe(ofDriver('570.124.06'));
    expect(ofDriver('570.26.0')).toBe(ofDriver('570.26'));
    expect(ofDriver('570.26')).not.toBe(ofDriver('570.27'));
  });

  it('is the same for a declared class as for the devices that then come up, but not for uncertain ones', () => {
    const device = buildDevice();
    const deviceClass = { ...acceleratorClassOf(device), certainty: 'declared' as const };
    const declared = buildPool([], { declared: [{ deviceClass, devicesPerNode: 8, labels: {} }] });
    expect(digest(declared)).toBe(digest(ofDevices(device)));
    expect(digest(ofDevices({ ...device, certainty: 'node' }))).not.toBe(digest(ofDevices(device)));
    const both = { ...ofDevices(device), declared: declared.declared };
    expect([...classesOf(both, 'nvidia').values()]).toEqual([acceleratorClassOf(device)]);
    expect(digestOfClass(deviceClass)).toBe(digestOfClass(acceleratorClassOf(device)));
  });
});

describe('the difference of two snapshots', () => {
  const a100 = buildDevice();
  const from = buildPool([
    buildNode('n1', { devices: [a100, { ...a100, uuid: 'GPU-2', index: 1 }] }),
    buildNode('n2', { labels: { zone: 'a' } }),
    buildNode('n3'),
  ]);

  it('is empty between a pool and itself', () => {
    fc.assert(
      fc.property(anyPool, (pool) => {
        expect(diffPools(pool, pool)).toMatchObject({ classes: [], nodes: [], stale: [] });
      }),
    );
  });

  it('names per node what appeared, went and changed, and the evidence that an upgrade makes stale', () => {
    const upgraded = { ...a100, driver: '580.65.06', driverCuda: '13.0', eccEnabled: false };
    const to = buildPool([
      buildNode('n1', { devices: [upgraded, { ...upgraded, uuid: 'GPU-2', index: 1 }] }),
      buildNode('n2', { labels: { zone: 'b' } }),
      buildNode('n4'),
    ]);
    const diff = diffPools(from, to);
    expect(diff.nodes).toEqual([
      {
        node: 'n1',
        change: 'changed',
        what: [
          'driver 570.148.8 -> 580.65.6 (on 2 of 2 devices)',
          'CUDA of the driver 12.8 -> 13.0 (on 2 of 2 devices)',
          'ECC on -> off (on 2 of 2 devices)',
        ],
      },
      { node: 'n2', change: 'changed', what: ['label zone a -> b'] },
      {
        node: 'n3',
        change: 'went',
        what: ['NVIDIA A100-SXM4-40GB, capability 8.0, 40 GiB, driver 570.148.8, CUDA 12.8'],
      },
      {
        node: 'n4',
        change: 'appeared',
        what: ['NVIDIA A100-SXM4-40GB, capability 8.0, 40 GiB, driver 570.148.8, CUDA 12.8'],
      },
    ]);
    expect(diff.classes.map(({ change, description }) => `${change} ${description}`)).toEqual([
      'appeared NVIDIA A100-SXM4-40GB, capability 8.0, 40 GiB, driver 580.65.6, CUDA 13.0',
    ]);
    expect(diff.stale).toEqual(staleByClasses());
  });

  it('says that a MIG layout changed and that devices went', () => {
    const before = ofDevices({ ...a100, mig: mig('1g.5gb', '1g.5gb', '3g.20gb') }, { ...a100, uuid: 'GPU-2' });
    const after = ofDevices({ ...a100, mig: mig() });
    expect(diffPools(before, after).nodes[0]?.what).toEqual([
      'devices 2 -> 1',
      'went: NVIDIA A100-SXM4-40GB',
      'MIG 2x 1g.5gb 3g.20gb -> off',
    ]);
  });

  it('decides by CPU classes only where no accelerator is on either side', () => {
    const cpuNode = (model: string) =>
      buildNode('n1', { devices: [], cpu: { architecture: 'x64', model, cores: 8, features: null } });
    const [epyc, xeon] = [buildPool([cpuNode('EPYC')]), buildPool([cpuNode('Xeon')])];
    expect(diffPools(epyc, xeon)).toMatchObject({ decides: 'cpu', digests: { cpu: { moved: true } } });
    const withGpu = buildPool([{ ...cpuNode('EPYC'), devices: [a100] }]);
    const withGpuOnXeon = buildPool([{ ...cpuNode('Xeon'), devices: [a100] }]);
    expect(diffPools(withGpu, withGpuOnXeon)).toMatchObject({ decides: 'nvidia', stale: [] });
  });
});

describe('evidence that a move of the device classes makes stale', () => {
  it('is what the table of subjects says, with what builds on it', () => {
    expect(staleByClasses()).toEqual([
      { kind: 'hardware', through: null },
      { kind: 'golden', through: null },
      { kind: 'evaluation', through: null },
      { kind: 'cold-start', through: null },
      { kind: 'capacity', through: null },
      { kind: 'scaling', through: 'cold-start' },
    ]);
  });
});
