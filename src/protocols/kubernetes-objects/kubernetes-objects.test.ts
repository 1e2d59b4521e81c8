import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceFacts, NodeFacts } from '../../core/pool/node-facts.ts';
import { nodeFactsOfKubernetes } from './node-facts-of-kubernetes.ts';
import { kubernetesObjectsOf } from './object-list.ts';
import { readKubernetesQuantity } from './quantity.ts';

type Labels = Readonly<Record<string, string>>;

const nodeObject = (labels: Labels, capacity: Labels = {}, name = 'n1'): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  status: {
    capacity: { cpu: '96', memory: '1056456932Ki', ...capacity },
    allocatable: { cpu: '95500m', ...capacity },
    nodeInfo: { architecture: 'amd64', kernelVersion: '6.8.0-45-generic' },
  },
});
const prefixed = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).map(([key, value]) => [`nvidia.com/${key}`, value]));

function factsOf(...objects: readonly object[]) {
  const found = kubernetesObjectsOf({ apiVersion: 'v1', kind: 'List', items: objects });
  if (found === null) throw new Error('no Kubernetes objects');
  return nodeFactsOfKubernetes(found, null);
}
function labelled(labels: Labels, capacity: Labels = {}): NodeFacts {
  const [node] = factsOf(nodeObject(prefixed(labels), capacity)).ofLabels;
  if (node === undefined) throw new Error('no node');
  return node;
}
const deviceOf = (labels: Labels, capacity: Labels = { 'nvidia.com/gpu': '1' }): DeviceFacts | undefined =>
  labelled(labels, capacity).devices?.[0];

/** Of issue 1501 of NVIDIA/k8s-device-plugin (2025), as `kubectl describe` printed them. */
const h100 = {
  'gpu.count': '8',
  'gpu.family': 'hopper',
  'gpu.machine': 'PowerEdge-XE9680',
  'gpu.memory': '81559',
  'gpu.mode': 'compute',
  'gpu.present': 'true',
  'gpu.product': 'NVIDIA-H100-80GB-HBM3',
  'gpu.replicas': '1',
  'gpu.sharing-strategy': 'none',
  'gpu.compute.major': '9',
  'gpu.compute.minor': '0',
  'mig.capable': 'true',
  'mig.strategy': 'single',
  'mps.capable': 'false',
  'cuda.driver-version.full': '570.124.06',
  'cuda.driver-version.major': '570',
  'cuda.driver-version.minor': '124',
  'cuda.driver-version.revision': '06',
  'cuda.runtime-version.full': '12.8',
  'cuda.runtime-version.major': '12',
  'cuda.runtime-version.minor': '8',
  'gfd.timestamp': '1762930000',
};

/** Of issue 334 of NVIDIA/gpu-operator (2022): the older forms only. */
const oldT4 = {
  'cuda.driver.major': '470',
  'cuda.driver.minor': '82',
  'cuda.driver.rev': '01',
  'cuda.runtime.major': '11',
  'cuda.runtime.minor': '4',
  'gpu.compute.major': '7',
  'gpu.compute.minor': '5',
  'gpu.count': '1',
  'gpu.family': 'turing',
  'gpu.machine': 'g4dn.xlarge',
  'gpu.memory': '15109',
  'gpu.present': 'true',
  'gpu.product': 'Tesla-T4',
  'mig.strategy': 'single',
};

describe('labels of GPU Feature Discovery', () => {
  it('speak for every board where they count as many as the node has', () => {
    const node = labelled(h100, { 'nvidia.com/gpu': '8' });
    expect(node.devices).toHaveLength(8);
    expect(node.devices?.[7]).toMatchObject({
      product: 'NVIDIA H100 80GB HBM3',
      architecture: 'Hopper',
      computeCapability: '9.0',
      memoryBytes: 81559 * 2 ** 20,
      driver: '570.124.06',
      driverCuda: '12.8',
      mig: { capable: true, enabled: false, instances: [] },
      sharing: 'exclusive',
      eccEnabled: null,
      certainty: 'device',
    });
    expect(node).toMatchObject({
      source: 'node-labels',
      allocatable: { 'nvidia.com/gpu': 8 },
      cpu: { architecture: 'x64', model: null, cores: 96, features: null },
      memoryBytes: 1056456932 * 1024,
      kernel: '6.8.0-45-generic',
    });
    expect(node.unknown).not.toHaveProperty('devices');
  });

  it('lose their timestamp, which says nothing of the node', () => {
    expect(labelled(h100).labels).not.toHaveProperty('nvidia.com/gfd.timestamp');
    expect(labelled(h100).labels).toHaveProperty('nvidia.com/gpu.product');
  });

  it('are read in their older forms too', () => {
    expect(deviceOf(oldT4)).toMatchObject({
      product: 'Tesla T4',
      computeCapability: '7.5',
      driver: '470.82.01',
      driverCuda: '11.4',
      memoryBytes: 15109 * 2 ** 20,
      mig: { enabled: false },
      sharing: null,
      certainty: 'device',
    });
  });

  it('of a driver in two numbers have an empty revision', () => {
    const labels = { 'cuda.driver.major': '570', 'cuda.driver.minor': '26', 'cuda.driver.rev': '' };
    expect(deviceOf({ ...labels, 'gpu.count': '1' })?.driver).toBe('570.26');
  });

  it('that disagree on the driver tell none', () => {
    const device = deviceOf({ ...h100, ...oldT4 });
    expect(device).toMatchObject({ driver: null, driverCuda: null });
    expect(device?.unknown['driver']).toBe('labels disagree on the driver: 570.124.06, 470.82.01');
  });

  // Versions before 2023 call 8.9 Ampere.
  it.each([
    ['ampere', '0', 'Ampere'],
    ['ampere', '9', null],
    ['ada-lovelace', '9', 'Ada Lovelace'],
    ['undefined', '9', null],
  ])('of family %s and capability 8.%s are of architecture %s', (family, minor, architecture) => {
    const device = deviceOf({ 'gpu.family': family, 'gpu.compute.major': '8', 'gpu.compute.minor': minor });
    expect(device?.architecture).toBe(architecture);
  });

  it('keep a product that no list knows as it stands in the label', () => {
    expect(deviceOf({ ...h100, 'gpu.product': 'NVIDIA-X1000' })?.product).toBe('NVIDIA-X1000');
  });
});

describe('labels of a node that holds other devices too', () => {
  const l4 = { ...h100, 'gpu.product': 'NVIDIA-L4', 'gpu.compute.major': '8', 'gpu.compute.minor': '9' };

  it.each<[string, Labels, Labels]>([
    ['one L4 and one T4, whichever won the label', { 'gpu.count': '1' }, { 'nvidia.com/gpu': '2' }],
    ['replicas of two products', { 'gpu.count': '1', 'gpu.replicas': '4' }, { 'nvidia.com/gpu': '8' }],
    ['no capacity to compare with', { 'gpu.count': '8' }, {}],
    ['a plugin that is not ready', { 'gpu.count': '8' }, { 'nvidia.com/gpu': '0' }],
    ['no count', { 'gpu.count': '' }, { 'nvidia.com/gpu': '8' }],
    ['a count that is no number', { 'gpu.count': 'many' }, { 'nvidia.com/gpu': '8' }],
    ['more labelled than the plugin hands out', { 'gpu.count': '8' }, { 'nvidia.com/gpu': '4' }],
    [
      'instances beside boards',
      { 'gpu.count': '1', 'mig.strategy': 'mixed' },
      { 'nvidia.com/gpu': '1', 'nvidia.com/mig-1g.10gb': '7' },
    ],
  ])('are of the node, not of its devices: %s', (_, labels, capacity) => {
    const node = labelled({ ...l4, ...labels }, capacity);
    expect(node.devices?.length).toBeGreaterThan(0);
    expect(new Set(node.devices?.map(({ certainty }) => certainty))).toEqual(new Set(['node']));
    expect(node.unknown['devices']).toBeTruthy();
  });

  it('never count fewer devices than the node hands out', () => {
    expect(labelled({ ...l4, 'gpu.count': '1' }, { 'nvidia.com/gpu': '2' }).devices).toHaveLength(2);
  });

  it('are certain only where count and capacity agree, whatever else they say', () => {
    const count = fc.nat(9);
    fc.assert(
      fc.property(count, count, fc.constantFrom('none', 'single', 'mixed'), (labels, capacity, strategy) => {
        const node = labelled(
          { ...l4, 'gpu.count': String(labels), 'mig.strategy': strategy },
          { 'nvidia.com/gpu': String(capacity) },
        );
        const certain = node.devices?.some(({ certainty }) => certainty === 'device') ?? false;
        expect(certain).toBe(labels === capacity && labels > 0);
      }),
    );
  });
});

describe('labels of shared devices', () => {
  it.each<[string, Labels, Labels, string]>([
    ['time-slicing', { 'gpu.sharing-strategy': 'time-slicing' }, { 'nvidia.com/gpu': '32' }, 'time-slicing'],
    ['mps', { 'gpu.sharing-strategy': 'mps' }, { 'nvidia.com/gpu': '32' }, 'mps'],
    ['no strategy, as before v0.15', { 'gpu.sharing-strategy': '' }, { 'nvidia.com/gpu': '32' }, 'time-slicing'],
    [
      'a renamed resource',
      { 'gpu.sharing-strategy': 'mps', 'gpu.product': 'Tesla-T4' },
      { 'nvidia.com/gpu': '0', 'nvidia.com/gpu.shared': '32' },
      'mps',
    ],
  ])('stand for boards, not for replicas: %s', (_, labels, capacity, sharing) => {
    const node = labelled({ ...h100, 'gpu.product': 'Tesla-T4-SHARED', 'gpu.replicas': '4', ...labels }, capacity);
    expect(node.devices).toHaveLength(8);
    expect(node.devices?.[0]).toMatchObject({ product: 'Tesla T4', sharing, replicas: 4, certainty: 'device' });
  });

  it('of a strategy that is not known tell none', () => {
    expect(deviceOf({ ...h100, 'gpu.sharing-strategy': 'new' })?.sharing).toBe(null);
  });
});

describe('labels of MIG', () => {
  const single = {
    ...h100,
    'gpu.product': 'NVIDIA-H100-80GB-HBM3-MIG-1g.10gb',
    'gpu.count': '56',
    'gpu.memory': '9984',
    'gpu.multiprocessors': '16',
    'gpu.slices.gi': '1',
    'gpu.slices.ci': '1',
  };

  it('of strategy single are instances, each standing for itself and none certain of its board', () => {
    const node = labelled(single, { 'nvidia.com/gpu': '56' });
    expect(node.devices).toHaveLength(56);
    expect(node.devices?.[0]).toMatchObject({
      product: 'NVIDIA H100 80GB HBM3',
      memoryBytes: null,
      sharing: 'mig',
      certainty: 'node',
      mig: {
        enabled: true,
        instances: [{ profile: '1g.10gb', memoryBytes: 9984 * 2 ** 20, multiprocessors: 16, placement: null }],
      },
    });
  });

  it('of strategy mixed are the whole boards and every instance', () => {
    const node = labelled(
      {
        ...h100,
        'gpu.count': '2',
        'mig.strategy': 'mixed',
        'mig-1g.10gb.count': '2',
        'mig-1g.10gb.memory': '9984',
        'mig-1g.10gb.product': 'NVIDIA-H100-80GB-HBM3-MIG-1g.10gb',
        'mig-1g.10gb.me.count': '1',
        'mig-1g.10gb.me.product': 'NVIDIA-H100-80GB-HBM3-MIG-1g.10gbme',
        'mig-3g.40gb.count': '1',
      },
      { 'nvidia.com/gpu': '1', 'nvidia.com/mig-1g.10gb': '2', 'nvidia.com/mig-3g.40gb': '1' },
    );
    const profiles = node.devices?.map(({ mig }) => mig?.instances[0]?.profile ?? 'board');
    expect(profiles).toEqual(['board', '1g.10gb', '1g.10gb', '1g.10gb+me', '3g.40gb']);
    expect(node.devices?.map(({ product }) => product)).toEqual(Array(5).fill('NVIDIA H100 80GB HBM3'));
  });

  it('of strategy mixed without any instance speak for every board where the counts agree', () => {
    const device = labelled({ ...h100, 'mig.strategy': 'mixed' }, { 'nvidia.com/gpu': '8' }).devices?.[0];
    expect(device).toMatchObject({ certainty: 'device', mig: { enabled: false } });
  });

  it('of a layout that strategy single cannot label are no devices', () => {
    const node = labelled({ ...h100, 'gpu.product': 'NVIDIA-A30-MIG-INVALID', 'gpu.count': '0' });
    expect(node.devices).toEqual([]);
    expect(node.unknown['devices']).toContain('cannot label');
  });

  it('tell no device while the MIG manager has not come to the layout that it was asked for', () => {
    const told = (state: string, more = {}) =>
      labelled({ ...h100, 'mig.config.state': state, ...more }, { 'nvidia.com/gpu': '8' });
    for (const state of ['pending', 'rebooting', 'failed']) {
      const { devices, unknown } = told(state);
      expect(devices).toBeNull();
      expect(unknown['devices']).toContain(`says ${state}`);
    }
    expect(told('success').devices).toHaveLength(8);
    expect(told('failed', { 'mig.capable': 'false' }).devices).toHaveLength(8);
  });

  it('do not tell the MIG state where the strategy is not said', () => {
    const device = deviceOf({ ...h100, 'mig.strategy': '', 'gpu.count': '1' });
    expect(device).toMatchObject({ mig: null, unknown: { mig: 'labels tell no MIG state of the boards' } });
    expect(deviceOf({ ...h100, 'mig.strategy': '', 'mig.capable': 'false' })?.mig?.enabled).toBe(false);
  });
});

describe('a node without labels of GPU Feature Discovery', () => {
  it('has no device when nothing names one', () => {
    expect(labelled({}).devices).toEqual([]);
    expect(labelled({}).unknown).not.toHaveProperty('devices');
  });

  it.each<[string, object]>([
    ['a capacity', nodeObject({}, { 'nvidia.com/gpu': '4' })],
    ['a PCI label', nodeObject({ 'feature.node.kubernetes.io/pci-10de.present': 'true' })],
    ['a PCI label with its class', nodeObject({ 'feature.node.kubernetes.io/pci-0302_10de.present': 'true' })],
    ['the label gpu.present', nodeObject({ 'nvidia.com/gpu.present': 'true' })],
  ])('has devices that are not known when %s says that there are some', (_, object) => {
    const [node] = factsOf(object).ofLabels;
    expect(node?.devices).toBe(null);
    expect(node?.unknown['devices']).toBeTruthy();
  });

  it('is told to be virtual by the labels of vGPU', () => {
    const labels = { ...h100, 'vgpu.present': 'true', 'vgpu.host-driver-version': '550.90.05' };
    expect(labelled(labels).unknown['vgpu']).toContain('550.90.05');
  });

  it('with labels of a million devices is not believed', () => {
    const node = labelled({ ...h100, 'gpu.count': '1000000' });
    expect(node).toMatchObject({
      devices: null,
      unknown: { devices: 'labels count more than 1024 devices on one node' },
    });
  });
});

describe('what kubectl prints', () => {
  it('is one object, a List of several kinds, or a list of one kind', () => {
    const node = nodeObject({});
    const slice = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceSlice', metadata: { name: 's' }, spec: {} };
    const { kind: _, ...untyped } = node as { kind: string };
    const counts = (value: unknown) => {
      const found = kubernetesObjectsOf(value);
      return found === null ? null : [found.nodes.length, found.slices.length, found.others];
    };
    expect(counts(node)).toEqual([1, 0, {}]);
    expect(counts({ apiVersion: 'v1', kind: 'List', items: [node, slice, { kind: 'Pod' }] })).toEqual([
      1,
      1,
      { Pod: 1 },
    ]);
    expect(counts({ apiVersion: 'v1', kind: 'NodeList', items: [untyped, untyped] })).toEqual([2, 0, {}]);
    expect(counts({ kind: 'Node' })).toBe(null);
    expect(counts([node])).toBe(null);
  });

  it('of any shape is read without a crash', () => {
    const kind = fc.constantFrom('Node', 'ResourceSlice', 'List', 'NodeList', 'ResourceSliceList');
    const junk = fc.dictionary(
      fc.constantFrom('metadata', 'spec', 'status', 'items', 'devices', 'name', 'labels', 'capacity', 'pool', 'driver'),
      fc.jsonValue({ maxDepth: 4 }),
    );
    fc.assert(
      fc.property(kind, junk, fc.array(junk), (of, body, items) => {
        const found = kubernetesObjectsOf({ items, ...body, apiVersion: 'v1', kind: of });
        if (found !== null) expect(nodeFactsOfKubernetes(found, null).notes).toBeInstanceOf(Array);
      }),
    );
  });
});

describe('a quantity', () => {
  it.each([
    ['16Gi', 2 ** 34],
    ['1056456932Ki', 1056456932 * 1024],
    ['8', 8],
    [8, 8],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['95500m', 95],
    ['2k', 2000],
    ['1e3', 1000],
    ['1E', null],
    ['16GiB', null],
    ['-1', null],
    ['', null],
    [null, null],
    ['99999999999999999999', null],
  ])('%s is %s', (text, value) => {
    expect(readKubernetesQuantity(text)).toBe(value);
  });
});
