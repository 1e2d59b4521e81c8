import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boards,
  buildDemands,
  buildDevice,
  buildHardware,
  buildNode,
  buildPool,
  GiB,
  MiB,
} from '../../../testing/builders/pools/hardware-builders.ts';
import { anyVerifiedPool } from '../../../testing/builders/pools/verified-pools.ts';
import { verifyPool } from '../judging/judge-pool.ts';
import { diffVerdicts } from './what-if-diff.ts';
import { changePool } from './what-if-facts.ts';
import { readWhatIf } from './what-if.ts';

const pool = buildPool([
  buildNode('a', [buildDevice()], { labels: { 'kubernetes.io/arch': 'amd64' } }),
  buildNode('b', [buildDevice(boards.t4), buildDevice(boards.l4)]),
]);
const changed = (...texts: string[]) => changePool(pool, readWhatIf(texts));
const devicesOf = (node: string, ...texts: string[]) =>
  changed(...texts).snapshot.nodes.find(({ name }) => name === node)?.devices ?? [];

describe('another driver', () => {
  it('leaves it unknown what CUDA it speaks, unless a published row names exactly that driver', () => {
    expect(devicesOf('a', 'driver=580.95.05')).toMatchObject([{ driver: '580.95.05', driverCuda: '13.0' }]);
    // Leading zeros mean nothing: DRA drops them.
    expect(devicesOf('a', 'driver=580.95.5')).toMatchObject([{ driverCuda: '13.0' }]);
    expect(devicesOf('a', 'driver=580.95.06')).toMatchObject([{ driver: '580.95.06', driverCuda: null }]);
    expect(changed('driver=580.95.06').notes).toEqual([expect.stringContaining('is not known: no published row')]);
  });

  it('speaks what is given', () => {
    expect(devicesOf('b', 'driver=580.95.06,cuda=13.0')).toMatchObject([
      { driverCuda: '13.0' },
      { driverCuda: '13.0' },
    ]);
    expect(changed('driver=580.95.06', 'cuda=13.0').notes).toEqual([]);
  });

  it('never makes unknown facts a pass', () => {
    fc.assert(
      fc.property(anyVerifiedPool, (any) => {
        const { snapshot } = changePool(any, readWhatIf(['driver=599.11.11']));
        const { nodes } = verifyPool(buildDemands(), snapshot);
        const devices = nodes.flatMap((node) => node.devices);
        expect(devices.filter(({ compatibility }) => compatibility === 'native')).toEqual([]);
      }),
    );
  });
});

describe('another product', () => {
  it('takes capability and memory from the table, and keeps the driver of the node', () => {
    expect(devicesOf('a', 'product=H200,count=2')).toMatchObject([
      {
        index: 0,
        product: 'NVIDIA H200',
        computeCapability: '9.0',
        memoryBytes: 141e9,
        driver: '550.54.15',
        certainty: 'declared',
      },
      { index: 1, product: 'NVIDIA H200' },
    ]);
  });

  it('does not pick one of several sizes', () => {
    expect(devicesOf('a', 'product=A100')).toMatchObject([{ memoryBytes: null }]);
    expect(devicesOf('a', 'product=NVIDIA A100-SXM4-40GB')).toMatchObject([{ memoryBytes: 40960 * MiB }]);
    expect(devicesOf('a', 'product=A100,memory=80GiB')).toMatchObject([{ memoryBytes: 80 * GiB }]);
  });

  it('stands for a node of a pool that is scaled to zero', () => {
    const { snapshot } = changePool(buildPool([]), readWhatIf(['product=L4,count=4,driver=550.54.15,cuda=12.4']));
    const verdict = verifyPool(buildDemands(), snapshot);
    expect(verdict).toMatchObject({ verdict: 'pass', restsOnDeclared: true });
    expect(verdict.nodes[0]?.devices).toHaveLength(4);
  });
});

describe('another number of devices', () => {
  it('repeats the last one, or leaves some out, and the node counts them', () => {
    const counted = buildPool([buildNode('a', [buildDevice()], { allocatable: { 'nvidia.com/gpu': 1 } })]);
    const [node] = changePool(counted, readWhatIf(['count=4'])).snapshot.nodes;
    expect(node?.devices?.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(node?.allocatable).toEqual({ 'nvidia.com/gpu': 4 });
    expect(devicesOf('b', 'count=1')).toMatchObject([{ product: 'Tesla T4' }]);
  });
});

describe('another MIG layout', () => {
  const profiles = (...texts: string[]) => devicesOf('a', ...texts)[0]?.mig?.instances.map(({ profile }) => profile);

  it('fills a board with one profile, or takes those that are named', () => {
    expect(profiles('mig=1g.10gb')).toEqual(Array.from({ length: 7 }, () => '1g.10gb'));
    expect(profiles('mig=3g.40gb+2g.20gb')).toEqual(['3g.40gb', '2g.20gb']);
    expect(profiles('mig=off')).toEqual([]);
  });

  it('overlaps no two instances', () => {
    const instances = devicesOf('a', 'mig=3g.40gb+2g.20gb+1g.10gb*2')[0]?.mig?.instances ?? [];
    const slices = instances.flatMap(({ placement }) =>
      Array.from({ length: placement?.size ?? 0 }, (_, index) => (placement?.start ?? 0) + index),
    );
    expect(instances).toHaveLength(4);
    expect(new Set(slices).size).toBe(slices.length);
  });

  it('leaves a board as it is that cannot be cut that way, and says so', () => {
    expect(profiles('mig=4g.40gb*2')).toEqual([]);
    expect(changed('mig=4g.40gb*2').notes).toEqual(
      expect.arrayContaining([expect.stringContaining('4g.40gb + 4g.40gb cannot be placed on it')]),
    );
  });

  it('hands out nothing of a board that is not capable of MIG, and says so', () => {
    expect(changed('mig=1g.10gb').notes).toContain(
      'Tesla T4 cannot be cut: its facts say that it is not capable of MIG, so that nothing of it is handed out',
    );
    expect(devicesOf('b', 'mig=1g.10gb')[0]?.mig).toEqual({ capable: false, enabled: true, instances: [] });
    expect(devicesOf('b', 'mig=off')[0]?.mig).toMatchObject({ enabled: false });
    const fixed = buildDevice({ mig: { capable: false, enabled: false, instances: [] } });
    const { snapshot } = changePool(buildPool([buildNode('a', [fixed])]), readWhatIf(['mig=1g.10gb']));
    const { verdict, nodes } = verifyPool(buildDemands(), snapshot);
    expect([verdict, nodes[0]?.cannotLand]).toEqual(['fail', true]);
  });

  it('is what the device plugin hands out', () => {
    const allocatable = { 'nvidia.com/gpu': 1, 'nvidia.com/mig-1g.10gb': 2, 'nvidia.com/other': 3 };
    const [node] = changePool(
      buildPool([buildNode('a', [buildDevice()], { allocatable })]),
      readWhatIf(['mig=3g.40gb']),
    ).snapshot.nodes;
    expect(node?.allocatable).toEqual({ 'nvidia.com/gpu': 2, 'nvidia.com/other': 3 });
  });
});

describe('the difference between two verdicts', () => {
  it('puts every node in one place, and is empty when nothing changed', () => {
    fc.assert(
      fc.property(anyVerifiedPool, (any) => {
        const before = verifyPool(buildDemands(), any);
        expect(diffVerdicts(before, before)).toMatchObject({ breaks: [], lost: [], freed: [] });
        const after = verifyPool(buildDemands(), changePool(any, readWhatIf(['product=L4'])).snapshot);
        const { breaks, lost, freed, same } = diffVerdicts(before, after);
        expect(breaks.length + lost.length + freed.length + same).toBe(Math.max(1, after.nodes.length));
      }),
    );
  });

  it('names what decides afterwards', () => {
    const demands = buildDemands({ hardware: buildHardware({ memoryBytes: 30 * GiB }) });
    const before = verifyPool(demands, pool);
    const after = verifyPool(demands, changed('product=L4').snapshot);
    expect(diffVerdicts(before, after).breaks).toEqual([
      { node: 'a', from: 'pass', to: 'fail', because: expect.stringContaining('30 GiB') as string },
    ]);
  });
});
