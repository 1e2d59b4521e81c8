import { describe, expect, it } from 'vitest';
import { nodeFactsOfKubernetes, type KubernetesFacts } from './node-facts-of-kubernetes.ts';
import { kubernetesObjectsOf } from './object-list.ts';

type Attributes = Readonly<Record<string, object>>;
interface Device {
  readonly name: string;
  readonly attributes: Attributes;
  readonly capacity?: Readonly<Record<string, unknown>>;
  readonly [more: string]: unknown;
}
interface SliceOptions {
  readonly driver?: string;
  readonly pool?: string;
  readonly generation?: number;
  readonly count?: number;
  readonly version?: string;
  readonly node?: string | null;
}

function slice(devices: readonly object[], options: SliceOptions = {}): object {
  const { driver = 'gpu.nvidia.com', pool = 'n1', generation = 1, count = 1, version = 'v1', node = 'n1' } = options;
  return {
    apiVersion: `resource.k8s.io/${version}`,
    kind: 'ResourceSlice',
    metadata: { name: `${pool}-${driver}-${generation}` },
    spec: {
      driver,
      ...(node === null ? { allNodes: true } : { nodeName: node }),
      pool: { name: pool, generation, resourceSliceCount: count },
      devices,
    },
  };
}

/** As published for a T4 on AKS by driver 0.4.1 (a public write-up of 2026); UUID shortened there, filled here. */
const t4: Device = {
  name: 'gpu-0',
  attributes: {
    type: { string: 'gpu' },
    uuid: { string: 'GPU-bf5809e7-0000-4000-8000-000000000001' },
    productName: { string: 'Tesla T4' },
    brand: { string: 'Nvidia' },
    architecture: { string: 'Turing' },
    cudaComputeCapability: { version: '7.5.0' },
    driverVersion: { version: '580.159.4' },
    cudaDriverVersion: { version: '13.0.0' },
    addressingMode: { string: 'HMM' },
    'resource.kubernetes.io/pciBusID': { string: '0001:00:00.0' },
  },
  capacity: { memory: { value: '16Gi' } },
};
const parentUUID = 'GPU-4cf8db2d-06c0-7d70-1a51-e59b25b2c16c';
const migDevice = (at: number, profile: string, start: number, size: number): Device => ({
  name: `gpu-1-mig-${at}-${start}-${size}`,
  attributes: {
    ...t4.attributes,
    type: { string: 'mig' },
    uuid: { string: `MIG-${at}` },
    parentUUID: { string: parentUUID },
    profile: { string: profile },
    productName: { string: 'NVIDIA A100-SXM4-40GB' },
  },
  capacity: {
    memory: { value: '4864Mi' },
    multiprocessors: { value: '14' },
    ...Object.fromEntries(Array.from({ length: size }, (_, slot) => [`memorySlice${start + slot}`, { value: '1' }])),
  },
});

function factsOf(...objects: readonly object[]): KubernetesFacts {
  const found = kubernetesObjectsOf({ apiVersion: 'v1', kind: 'List', items: objects });
  if (found === null) throw new Error('no Kubernetes objects');
  return nodeFactsOfKubernetes(found, null);
}
const nodeOf = (...objects: readonly object[]) => factsOf(...objects).ofSlices[0];

describe('a ResourceSlice', () => {
  it('tells of each device by itself, without what semantic versions add', () => {
    const node = nodeOf(slice([t4]));
    expect(node).toMatchObject({ name: 'n1', source: 'resource-slice', labels: {}, allocatable: {} });
    expect(node?.devices).toMatchObject([
      {
        uuid: 'GPU-bf5809e7-0000-4000-8000-000000000001',
        product: 'Tesla T4',
        brand: 'nvidia',
        architecture: 'Turing',
        computeCapability: '7.5',
        driver: '580.159.4',
        driverCuda: '13.0',
        memoryBytes: 2 ** 34,
        pciBusId: '00000001:00:00.0',
        mig: { capable: null, enabled: false, instances: [] },
        sharing: 'exclusive',
        certainty: 'device',
        unknown: {
          eccEnabled: 'the ResourceSlice does not tell it',
          pciDeviceId: 'the ResourceSlice does not tell it',
        },
      },
    ]);
  });

  it('is the same in every version of the API', () => {
    const v1 = nodeOf(slice([t4]));
    const { name, ...body } = t4;
    const qualified = {
      ...body,
      attributes: Object.fromEntries(
        Object.entries(t4.attributes).map(([key, value]) => [key.includes('/') ? key : `gpu.nvidia.com/${key}`, value]),
      ),
    };
    expect(nodeOf(slice([{ name, basic: body }], { version: 'v1beta1' }))).toEqual(v1);
    expect(
      nodeOf(slice([{ name, basic: { ...body, capacity: { memory: '16Gi' } } }], { version: 'v1alpha3' })),
    ).toEqual(v1);
    expect(nodeOf(slice([t4], { version: 'v1beta2' }))).toEqual(v1);
    expect(nodeOf(slice([{ name, ...qualified }]))).toEqual(v1);
  });

  it.each([
    ['GeForce', 'geforce'],
    ['GeForceRTX', 'geforce-rtx'],
    ['QuadroRTX', 'quadro-rtx'],
    ['NvidiaRTX', 'nvidia-rtx'],
    ['Tesla', 'tesla'],
    ['Unknown', null],
  ])('of brand %s is of %s', (brand, expected) => {
    const device = { ...t4, attributes: { ...t4.attributes, brand: { string: brand } } };
    expect(nodeOf(slice([device]))?.devices?.[0]?.brand).toBe(expected);
  });

  it('puts MIG instances on their board, with their places', () => {
    const node = nodeOf(slice([t4, migDevice(0, '1g.5gb', 0, 1), migDevice(1, '2g.10gb', 2, 2)]));
    expect(node?.devices).toHaveLength(2);
    expect(node?.devices?.[1]).toMatchObject({
      uuid: parentUUID,
      product: 'NVIDIA A100-SXM4-40GB',
      memoryBytes: null,
      sharing: 'mig',
      mig: {
        capable: true,
        enabled: true,
        instances: [
          { profile: '1g.5gb', uuid: 'MIG-0', placement: { start: 0, size: 1 }, memoryBytes: 4864 * 2 ** 20 },
          { profile: '2g.10gb', uuid: 'MIG-1', placement: { start: 2, size: 2 }, multiprocessors: 14 },
        ],
      },
    });
  });

  it('takes partitions that are made on demand for what they are: no instances', () => {
    const { uuid, ...attributes } = migDevice(0, '1g.5gb', 0, 1).attributes;
    const partition = {
      name: 'gpu-0-mig-1g5gb-19-0',
      attributes: { ...attributes, parentUUID: t4.attributes['uuid'] },
      consumesCounters: [{ counterSet: 'gpu-0-counter-set', counters: { 'memory-slice-0': { value: '1' } } }],
    };
    const node = nodeOf(slice([t4, partition]));
    expect(uuid).toBeDefined();
    expect(node?.devices).toHaveLength(1);
    expect(node?.devices?.[0]?.mig).toEqual({ capable: true, enabled: false, instances: [] });
    expect(node?.unknown['mig']).toContain('1 MIG partitions can be made on demand');
  });

  it('of a device that several claims may hold does not say how it is shared', () => {
    expect(nodeOf(slice([{ ...t4, allowMultipleAllocations: true }]))?.devices?.[0]?.sharing).toBe(null);
  });

  it('leaves out devices of another type, and says so', () => {
    const vfio = { ...t4, name: 'gpu-vfio-1', attributes: { ...t4.attributes, type: { string: 'vfio' } } };
    const node = nodeOf(slice([t4, vfio]));
    expect(node?.devices).toHaveLength(1);
    expect(node?.unknown['devices']).toBe('1 devices of another type are left out: vfio');
  });

  it('without versions tells none, and says which', () => {
    const { driverVersion, cudaDriverVersion, ...attributes } = t4.attributes;
    const device = nodeOf(slice([{ ...t4, attributes }]))?.devices?.[0];
    expect([driverVersion, cudaDriverVersion]).toHaveLength(2);
    expect(device).toMatchObject({ driver: null, driverCuda: null });
    expect(Object.keys(device?.unknown ?? {})).toEqual(expect.arrayContaining(['driver', 'driverCuda']));
  });
});

describe('a pool of several ResourceSlices', () => {
  const second = { ...t4, name: 'gpu-1', attributes: { ...t4.attributes, uuid: { string: 'GPU-2' } } };
  const old = { ...t4, attributes: { ...t4.attributes, driverVersion: { version: '550.54.15' } } };

  it('is all of its slices of the newest generation, and no older one', () => {
    const node = nodeOf(
      slice([old], { generation: 6 }),
      slice([t4], { generation: 7, count: 2 }),
      slice([second], { generation: 7, count: 2 }),
    );
    expect(node?.devices?.map(({ driver }) => driver)).toEqual(['580.159.4', '580.159.4']);
    expect(node?.unknown).not.toHaveProperty('devices');
  });

  it('that is not whole says so', () => {
    const node = nodeOf(slice([old], { generation: 6 }), slice([t4], { generation: 7, count: 3 }));
    expect(node?.devices).toHaveLength(1);
    expect(node?.unknown['devices']).toContain('1 of 3 ResourceSlices of generation 7');
  });

  it('that names a device twice says so', () => {
    const twice = [slice([t4], { count: 2 }), slice([t4], { count: 2 })];
    expect(nodeOf(...twice)?.unknown['devices']).toContain('name the device gpu-0 twice');
  });

  it('leaves out other drivers and devices of no single node, and says so', () => {
    const { ofSlices, notes } = factsOf(
      slice([t4], { driver: 'compute-domain.nvidia.com' }),
      slice([t4], { node: null, pool: 'shared' }),
    );
    expect(ofSlices).toEqual([]);
    expect(notes).toEqual([
      '1 ResourceSlices of the driver compute-domain.nvidia.com are left out: only those of gpu.nvidia.com are read',
      '1 devices of ResourceSlices belong to no single node, and are left out',
    ]);
  });

  it('whose devices name their nodes themselves is taken apart by node', () => {
    const devices = [
      { ...t4, nodeName: 'n1' },
      { ...second, nodeName: 'n2' },
    ];
    const { ofSlices } = factsOf(slice(devices, { node: null }));
    expect(ofSlices.map(({ name }) => name)).toEqual(['n1', 'n2']);
  });
});
