import { describe, expect, it } from 'vitest';
import {
  boards,
  buildDemands,
  buildDevice,
  buildHardware,
  buildImageFacts,
  buildNode,
  buildPool,
  GiB,
} from '../../../testing/builders/pools/hardware-builders.ts';
import type { NodeVerdict, PoolVerdict } from '../compatibility.ts';
import { acceleratorClassOf, cpuClassOf } from '../../pool/classes/device-class.ts';
import { judgeEvery } from './judge-every.ts';
import { verifyPool, type PoolOptions } from './judge-pool.ts';
import type { NodeFacts } from '../../pool/node-facts.ts';
import type { PoolSnapshot } from '../../pool/snapshot/pool-snapshot.ts';
import type { ServiceDemands } from '../compatibility.ts';

const amd64 = { architecture: 'x64', model: 'a CPU', cores: 8, features: null } as const;
const a100 = buildDevice();
const h100 = buildDevice(boards.h100);
const t4 = buildDevice({ ...boards.t4, state: { iommu: 'off' } });
const l4 = buildDevice({ ...boards.l4, state: { iommu: 'off' } });
const slice = (profile: string, memoryGib: number) => ({
  profile,
  uuid: null,
  memoryBytes: memoryGib * GiB,
  multiprocessors: null,
  placement: null,
});
const sliced = (...instances: readonly ReturnType<typeof slice>[]) =>
  buildDevice({ sharing: 'mig', mig: { capable: true, enabled: true, instances } });
const plugin = (count: number): Partial<NodeFacts> => ({ allocatable: { 'nvidia.com/gpu': count }, source: 'nvml' });
const node = (name: string, devices: Parameters<typeof buildNode>[1], changes: Partial<NodeFacts> = {}) =>
  buildNode(name, devices, { cpu: amd64, ...changes });

/** Judges in both ways, which must agree, and gives the one that explains. */
function judge(demands: ServiceDemands, pool: PoolSnapshot, options: PoolOptions = {}): PoolVerdict {
  const verdict = verifyPool(demands, pool, options);
  const [cell] = judgeEvery([demands], [pool], options);
  expect(cell?.verdict).toBe(verdict.verdict);
  expect(cell?.restsOnDeclared).toBe(verdict.restsOnDeclared);
  const landing = verdict.nodes.filter(({ cannotLand }) => cannotLand !== true);
  expect(cell?.nodes).toEqual({
    pass: landing.filter((each) => each.verdict === 'pass').length,
    fail: landing.filter((each) => each.verdict === 'fail').length,
    unknown: landing.filter((each) => each.verdict === 'unknown').length,
    inconclusive: 0,
    leftOut: verdict.nodesLeftOut,
    cannotLand: verdict.nodes.length - landing.length,
  });
  return verdict;
}
const only = (nodes: readonly NodeFacts[], demands = buildDemands(), options: PoolOptions = {}): NodeVerdict => {
  const [first] = judge(demands, buildPool(nodes), options).nodes;
  return first!;
};
const asking = (hardware: Parameters<typeof buildHardware>[0]) => buildDemands({ hardware: buildHardware(hardware) });

describe('a node', () => {
  it('passes with enough devices that do', () => {
    expect(only([node('a', [a100])])).toMatchObject({ verdict: 'pass', reason: '1 of 1 devices do, 1 asked for' });
    expect(only([node('a', [a100, h100])], asking({ devices: 2 }))).toMatchObject({ verdict: 'pass' });
  });

  it('names each device with its class and what it is to the service', () => {
    const { devices } = only([node('a', [l4, t4])]);
    expect(devices.map(({ device, compatibility, verdict }) => [device, compatibility, verdict])).toEqual([
      ['GPU 0', 'native', 'pass'],
      ['GPU 1', 'incompatible', 'fail'],
    ]);
  });

  it('of several kinds passes where the placement chooses the device, and fails where it gets any', () => {
    expect(only([node('mixed', [l4, t4])]).verdict).toBe('pass');
    expect(only([node('mixed', [l4, t4], plugin(2))])).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('1 of 2 devices do, and the device plugin hands out any of them: 1 do not'),
    });
    expect(only([node('mixed', [l4, t4], { ...plugin(2), source: 'resource-slice' })]).verdict).toBe('pass');
    expect(only([node('mixed', [l4, t4], { allocatable: { 'nvidia.com/gpu.shared': 4 } })]).verdict).toBe('fail');
    expect(only([node('mixed', [l4, t4])], buildDemands(), { deviceChoice: 'any' }).verdict).toBe('fail');
    expect(only([node('mixed', [l4, t4], plugin(2))], buildDemands(), { deviceChoice: 'each' }).verdict).toBe('pass');
  });

  it('needs as many devices that do as are asked for', () => {
    expect(only([node('mixed', [l4, t4])], asking({ devices: 2 }))).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('1 of 2 devices do, 2 asked for'),
    });
    expect(only([node('mixed', [l4, l4, t4])], asking({ devices: 2 })).verdict).toBe('pass');
  });

  it('is not known where devices that are not known could make up the number', () => {
    const dark = buildDevice({ computeCapability: null });
    expect(only([node('dark', [dark])]).verdict).toBe('unknown');
    expect(only([node('dark', [a100, dark])]).verdict).toBe('pass');
    expect(only([node('dark', [a100, dark], plugin(2))])).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringContaining('1 may not'),
    });
    expect(only([node('dark', [a100, dark])], asking({ devices: 2 }))).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringContaining('1 of 2 devices do, 1 are not known, 2 asked for'),
    });
    expect(only([node('dark', [t4, dark], plugin(2))]).verdict).toBe('fail');
    expect(only([node('dark', [t4, dark])], asking({ devices: 2 })).verdict).toBe('fail');
  });

  it('with fewer devices than are asked for gets nothing placed on it', () => {
    expect(only([node('small', [a100])], asking({ devices: 2 }))).toMatchObject({
      verdict: 'fail',
      cannotLand: true,
      reason: '1 device, and 2 asked for: nothing is placed here',
    });
    expect(only([node('none', [])])).toMatchObject({
      cannotLand: true,
      reason: 'no accelerator, and 1 asked for: nothing is placed here',
    });
    const unlisted = ['0000:06:00.0 (0x20B010DE, held by nouveau)'];
    expect(only([node('dead', [], { unlisted })])).toMatchObject({
      verdict: 'fail',
      reason:
        'no accelerator, and 1 asked for: nothing is placed here; the driver does not list what the PCI bus shows: 0000:06:00.0 (0x20B010DE, held by nouveau)',
    });
    expect(only([node('half', [a100], { unlisted })])).toMatchObject({ verdict: 'pass' });
    expect(only([node('half', [a100], { unlisted })], asking({ devices: 2 })).verdict).toBe('fail');
    expect(only([node('full', [a100, a100])], asking({ devices: 2 })).cannotLand).toBeUndefined();
  });

  it('is not known where its devices are not, or not all of them', () => {
    expect(only([node('dark', [], { devices: null, unknown: { devices: 'no driver' } })])).toMatchObject({
      verdict: 'unknown',
      reason: 'its devices are not known: no driver',
    });
    const part = { unknown: { devices: 'one fell off the bus' } };
    expect(only([node('part', [a100], { ...plugin(1), ...part })])).toMatchObject({
      verdict: 'unknown',
      reason: 'not every device is known: one fell off the bus',
    });
    expect(only([node('part', [a100], part)]).verdict).toBe('pass');
    expect(only([node('part', [a100], part)], asking({ devices: 2 })).verdict).toBe('unknown');
    expect(only([node('part', [t4], { ...plugin(1), ...part })]).verdict).toBe('fail');
  });

  it('of another architecture than the image does not start it', () => {
    const arm = { ...amd64, architecture: 'arm64' };
    expect(only([node('arm', [a100], { cpu: arm })])).toMatchObject({
      verdict: 'fail',
      reason: 'the image is for amd64, the node is arm64',
    });
    expect(
      only(
        [node('arm', [a100], { cpu: arm })],
        buildDemands({ image: buildImageFacts({ platform: { os: 'linux', architecture: 'arm64' } }) }),
      ).verdict,
    ).toBe('pass');
  });

  it('of an architecture that nothing tells is not known', () => {
    expect(only([buildNode('xml', [a100])])).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringContaining('the architecture of its CPU is not known'),
    });
    expect(only([buildNode('labels', [a100], { labels: { 'kubernetes.io/arch': 'amd64' } })]).verdict).toBe('pass');
    expect(only([buildNode('labels', [a100], { labels: { 'kubernetes.io/arch': 'arm64' } })]).verdict).toBe('fail');
    expect(
      only([buildNode('soldered', [buildDevice({ ...boards.h100, product: 'NVIDIA GH200 480GB' })])]).verdict,
    ).toBe('fail');
    expect(only([buildNode('xml', [a100])], buildDemands(), { architecture: 'x64' }).verdict).toBe('pass');
    expect(only([buildNode('xml', [a100])], buildDemands(), { architecture: 'arm64' }).verdict).toBe('fail');
    expect(only([buildNode('xml', [t4])]).verdict).toBe('fail');
  });

  it('cut into MIG instances is judged instance by instance', () => {
    const demands = asking({ sharing: ['mig'], memoryBytes: 10 * GiB });
    const { verdict, devices } = only(
      [node('mig', [sliced(slice('1g.10gb', 9.5), slice('1g.10gb', 9.5), slice('2g.20gb', 19.5))])],
      demands,
    );
    expect(verdict).toBe('pass');
    expect(devices.map(({ device, verdict: one }) => [device, one])).toEqual([
      ['GPU 0 / 1g.10gb #0', 'fail'],
      ['GPU 0 / 1g.10gb #1', 'fail'],
      ['GPU 0 / 2g.20gb #0', 'pass'],
    ]);
  });

  it('whose instances are asked for by profile passes with one kind that does', () => {
    const demands = asking({ sharing: ['mig'], memoryBytes: 10 * GiB });
    const mixed = [sliced(slice('1g.10gb', 9.5), slice('2g.20gb', 19.5))];
    expect(only([node('mig', mixed, plugin(1))], demands).verdict).toBe('pass');
    expect(only([node('mig', [sliced(slice('1g.10gb', 9.5))], plugin(1))], demands).verdict).toBe('fail');
    const dark = sliced({ ...slice('2g.20gb', 1), memoryBytes: null as never });
    expect(only([node('mig', [dark], plugin(1))], demands).verdict).toBe('unknown');
    expect(
      only([node('mig', [...mixed, a100], plugin(1))], asking({ sharing: ['mig', 'exclusive'], memoryBytes: 30 * GiB }))
        .verdict,
    ).toBe('pass');
  });

  it('with MIG on and no instance has nothing to place on', () => {
    expect(only([node('empty', [sliced()])], asking({ sharing: ['mig'] }))).toMatchObject({ cannotLand: true });
  });
});

describe('a pool', () => {
  const pass = node('pass', [a100]);
  const fail = node('fail', [t4]);
  const dark = node('dark', [buildDevice({ driver: null })]);
  const cpuOnly = node('cpu-only', []);

  it('passes when every node does, and says so', () => {
    expect(judge(buildDemands(), buildPool([pass, node('also', [h100])]))).toMatchObject({
      verdict: 'pass',
      reasons: ['all 2 nodes pass'],
      nodesLeftOut: 0,
    });
    expect(judge(buildDemands(), buildPool([pass])).reasons).toEqual(['the one node passes']);
  });

  it('fails with one node that fails, and names it before those that are not known', () => {
    const { verdict, reasons } = judge(buildDemands(), buildPool([pass, dark, fail]));
    expect(verdict).toBe('fail');
    expect(reasons[0]).toMatch(
      /^fail: fail: 0 of 1 devices do, 1 asked for: Tesla T4: no kernel for capability 7.5 in opt\/model\/libkernels.so/,
    );
    expect(reasons[1]).toMatch(/^dark: unknown: /);
  });

  it('is not known with one node that is not', () => {
    expect(judge(buildDemands(), buildPool([pass, dark])).verdict).toBe('unknown');
  });

  it('names at most ten nodes', () => {
    const many = Array.from({ length: 14 }, (_, index) => node(`n${index}`, [t4]));
    const { reasons } = judge(buildDemands(), buildPool(many));
    expect(reasons).toHaveLength(11);
    expect(reasons[10]).toBe('4 more nodes do not pass');
    expect(judgeEvery([buildDemands()], [buildPool(many)])[0]?.worstNodes).toEqual(
      many.slice(0, 10).map(({ name }) => name),
    );
  });

  it('is not decided by nodes on which nothing is placed, unless there are no others', () => {
    expect(judge(buildDemands(), buildPool([pass, cpuOnly]))).toMatchObject({
      verdict: 'pass',
      reasons: ['the one node passes', '1 of 2 nodes hand out fewer than 1 devices: nothing is placed there'],
    });
    const named = expect.stringMatching(/: no accelerator, and 1 asked for: nothing is placed here$/) as string;
    expect(judge(buildDemands(), buildPool([cpuOnly]))).toMatchObject({ verdict: 'fail', reasons: [named] });
    expect(judge(buildDemands(), buildPool([cpuOnly, { ...cpuOnly, name: 'other' }])).reasons).toEqual([
      '2 of 2 nodes hand out fewer than 1 devices: nothing is placed there',
      named,
      named,
    ]);
  });

  it('considers only nodes that the selector admits', () => {
    const gpu = (one: NodeFacts): NodeFacts => ({ ...one, labels: { pool: 'gpu' } });
    const demands = buildDemands({ selector: { pool: 'gpu' } });
    expect(judge(demands, buildPool([gpu(pass), fail]))).toMatchObject({ verdict: 'pass', nodesLeftOut: 1 });
    expect(judge(demands, buildPool([pass, fail]))).toMatchObject({
      verdict: 'unknown',
      nodesLeftOut: 2,
      reasons: ['the selector (pool=gpu) admits none of the 2 nodes of pool h100-eu'],
    });
    expect(judge(demands, buildPool([{ ...pass, labels: { pool: 'cpu' } }])).verdict).toBe('unknown');
  });

  it('that is scaled to zero, without declared classes, is not known', () => {
    expect(judge(buildDemands(), buildPool([]))).toMatchObject({
      verdict: 'unknown',
      restsOnDeclared: false,
      reasons: [expect.stringContaining('neither facts of nodes nor declared classes')],
    });
  });

  it('rests on declared classes where it has them, and says so', () => {
    const declared = (device: typeof a100, devicesPerNode = 8, labels = {}) => ({
      deviceClass: acceleratorClassOf({ ...device, certainty: 'declared' }),
      devicesPerNode,
      labels,
    });
    const verdict = judge(buildDemands(), buildPool([], { declared: [declared(a100)] }));
    expect(verdict).toMatchObject({ verdict: 'pass', restsOnDeclared: true });
    expect(verdict.nodes[0]).toMatchObject({ node: 'declared NVIDIA A100-SXM4-80GB' });
    expect(Object.values(verdict.classes)[0]?.findings.map(({ rule }) => rule)).toContain('declared');
    expect(judge(buildDemands(), buildPool([pass], { declared: [declared(t4)] })).verdict).toBe('fail');
    expect(judge(asking({ devices: 9 }), buildPool([], { declared: [declared(a100)] })).verdict).toBe('fail');
    expect(
      judge(buildDemands(), buildPool([], { declared: [declared(a100, 8, { 'kubernetes.io/arch': 'arm64' })] }))
        .verdict,
    ).toBe('fail');
    expect(
      judge(
        buildDemands({ selector: { pool: 'gpu' } }),
        buildPool([pass], { declared: [declared(a100, 8, { pool: 'gpu' })] }),
      ),
    ).toMatchObject({ verdict: 'pass', restsOnDeclared: true, nodesLeftOut: 1 });
  });

  it('keeps the findings of a class once, however many devices are of it', () => {
    const { classes } = judge(buildDemands(), buildPool([node('a', [a100, a100]), node('b', [a100, t4])]));
    expect(
      Object.values(classes)
        .map(({ compatibility }) => compatibility)
        .sort(),
    ).toEqual(['incompatible', 'native']);
  });

  it('of CPUs is judged node by node', () => {
    const demands = buildDemands({
      hardware: buildHardware({ accelerator: 'cpu' }),
      image: buildImageFacts({ cuda: null, libraries: [], cpuLevel: { level: 'x86-64-v2', path: 'libapp.so' } }),
    });
    const flags = ['cx16', 'lahf_lm', 'popcnt', 'pni', 'sse4_1', 'sse4_2', 'ssse3'];
    const old = node('old', [], { cpu: { ...amd64, features: [] } });
    const good = node('good', [], { cpu: { ...amd64, features: flags } });
    const nameless = node('nameless', [], { cpu: { ...amd64, model: null } });
    const blind = node('blind', [], { cpu: null, unknown: { cpu: 'nobody asked' } });
    expect(judge(demands, buildPool([good]))).toMatchObject({
      verdict: 'pass',
      nodes: [{ devices: [{ device: 'cpu', compatibility: 'native' }] }],
    });
    const both = judge(demands, buildPool([good, old]));
    expect(both).toMatchObject({ verdict: 'fail', nodes: [{ verdict: 'pass' }, { verdict: 'fail' }] });
    // One class, two answers: the class shows the worse.
    expect(Object.values(both.classes)).toMatchObject([{ compatibility: 'incompatible' }]);
    expect(judge(demands, buildPool([blind]))).toMatchObject({
      verdict: 'unknown',
      nodes: [{ reason: 'its CPU is not known: nobody asked' }],
    });
    expect(judge(demands, buildPool([nameless])).verdict).toBe('unknown');
    const deviceClass = cpuClassOf({ cpu: amd64 })!;
    const declared = [{ deviceClass, devicesPerNode: 1, labels: { pool: 'cpu' } }];
    expect(judge(demands, buildPool([], { declared })).verdict).toBe('unknown');
    expect(
      judge({ ...demands, image: buildImageFacts({ cuda: null, libraries: [] }) }, buildPool([], { declared })),
    ).toMatchObject({ verdict: 'pass', restsOnDeclared: true });
    expect(judge({ ...demands, selector: { pool: 'gpu' } }, buildPool([good], { declared }))).toMatchObject({
      verdict: 'unknown',
      nodesLeftOut: 2,
      restsOnDeclared: false,
    });
  });
});
