import { afterEach, describe, expect, it } from 'vitest';
import type { NodeFacts } from '../../../../core/pool/node-facts.ts';
import type { ReplicaDevices } from '../../../../core/rollout/replica-devices.ts';
import type { JsonObject } from '../../../../protocols/kubernetes-objects/json-object.ts';
import { nodeFactsOfKubernetes } from '../../../../protocols/kubernetes-objects/node-facts-of-kubernetes.ts';
import { FakeCluster } from '../../../../testing/fakes/servers/fake-cluster.ts';
import {
  closeAll,
  never,
  open,
  owner,
  pods,
  putPod,
  set,
  spec,
} from '../../../../testing/fakes/servers/platform-on-fake-cluster.ts';
import { containerName } from '../../manifests/labels.ts';
afterEach(closeAll);

const name = `${set}-7d4f-x`;
const claims = '/apis/resource.k8s.io/v1/namespaces/inference/resourceclaims';
const slices = '/apis/resource.k8s.io/v1/resourceslices';
const board = 'GPU-8f6b2e5c-1a37-4c11-9d20-3f6f0f8f3a11';

interface Pod {
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
  readonly container?: JsonObject;
  readonly output?: string;
}

const asks = (limits: JsonObject, more: JsonObject = {}): JsonObject => ({
  nodeName: 'n1',
  containers: [{ name: containerName, resources: { limits, ...more } }],
});

/** What the platform says of a pod that the kubelet and the scheduler made so. */
async function observed(pod: Pod, prepare: (cluster: FakeCluster) => void = () => undefined, node?: NodeFacts) {
  const cluster = new FakeCluster();
  cluster.put('/apis', {
    metadata: { name: 'resource.k8s.io' },
    versions: [{ version: 'v1' }, { version: 'v1beta2' }],
  });
  prepare(cluster);
  const { platform, pass } = open(cluster, {}, { nodeFacts: (asked) => (asked === 'n1' ? (node ?? null) : null) });
  await platform.apply(owner, [spec(1)], never);
  putPod(cluster, name, {
    ...pod.status,
    containerStatuses: [{ name: containerName, containerID: 'c1', ready: true, restartCount: 0, ...pod.container }],
  });
  cluster.put(pods, { ...cluster.get(`${pods}/${name}`), spec: pod.spec ?? asks({}) });
  cluster.put(`${pods}/${name}`, { metadata: { name: 'log' }, text: pod.output ?? '' });
  await pass(500);
  const look = async (): Promise<ReplicaDevices | undefined> => (await platform.observe(owner, never))[0]?.devices;
  return { cluster, look, pass, devices: await look() };
}

const extended = (claim: string): JsonObject => ({
  extendedResourceClaimStatus: {
    resourceClaimName: claim,
    requestMappings: [
      { containerName, resourceName: 'nvidia.com/gpu', requestName: 'container-0-request-0' },
      { containerName: 'sidecar', resourceName: 'nvidia.com/gpu', requestName: 'container-1-request-0' },
    ],
  },
});
const result = (device: string, more: JsonObject = {}): JsonObject => ({
  request: 'container-0-request-0',
  driver: 'gpu.nvidia.com',
  pool: 'n1',
  device,
  ...more,
});
const putClaim = (cluster: FakeCluster, results: readonly JsonObject[]): void => {
  cluster.put(claims, { metadata: { name: 'c-1' }, status: { allocation: { devices: { results } } } });
};
const slice = (slicename: string, generation: number, devices: readonly JsonObject[]): JsonObject => ({
  metadata: { name: slicename },
  spec: { driver: 'gpu.nvidia.com', nodeName: 'n1', pool: { name: 'n1', generation, resourceSliceCount: 1 }, devices },
});
const gpu = (device: string, uuid: string): JsonObject => ({
  name: device,
  attributes: { type: { string: 'gpu' }, uuid: { string: uuid }, productName: { string: 'NVIDIA H100 80GB HBM3' } },
  capacity: { memory: { value: '80Gi' } },
});

describe('the devices of a replica', () => {
  it('are none where it asks for none, and nothing is read for that', async () => {
    const { devices, cluster } = await observed({});
    expect(devices).toEqual({ toldBy: 'request', devices: [], unknown: null });
    expect(cluster.calls.filter((call) => call.includes('resource.k8s.io'))).toEqual([]);
  });

  it('are those of the claim that the scheduler made for its extended resource, by the newest slice', async () => {
    const { devices, cluster, look, pass } = await observed(
      { spec: asks({ 'nvidia.com/gpu': '1' }), status: extended('c-1') },
      (cluster) => {
        putClaim(cluster, [result('gpu-0'), { ...result('gpu-1'), request: 'container-1-request-0' }]);
        cluster.put(slices, slice('old', 1, [gpu('gpu-0', 'GPU-old')]));
        cluster.put(slices, slice('new', 2, [gpu('gpu-0', board), gpu('gpu-1', 'GPU-other')]));
      },
    );
    expect(devices).toEqual({
      toldBy: 'resource-claim',
      unknown: null,
      devices: [
        {
          name: 'gpu.nvidia.com/n1/gpu-0',
          uuid: board,
          product: 'NVIDIA H100 80GB HBM3',
          mig: null,
          share: null,
          memoryBytes: 80 * 2 ** 30,
        },
      ],
    });
    const reads = cluster.calls.length;
    await pass(60_000);
    await look();
    expect(cluster.calls.slice(reads).filter((call) => call.includes('resource.k8s.io'))).toEqual([]);
  });

  it('are MIG instances and shares as claims name them', async () => {
    const claimed = { resourceClaimStatuses: [{ name: 'gpus', resourceClaimName: 'c-1' }] };
    const { devices } = await observed(
      { spec: asks({}, { claims: [{ name: 'gpus', request: 'part' }] }), status: claimed },
      (cluster) => {
        const shared = { shareID: 'a671734a', consumedCapacity: { memory: '10Gi' } };
        // Of a request with several choices the API writes the one that was taken behind it.
        putClaim(cluster, [
          { ...result('mig-3'), request: 'part/large' },
          { ...result('gpu-1', shared), request: 'part' },
          { ...result('gpu-2'), request: 'another' },
          { ...result('gpu-3', { adminAccess: true }), request: 'part' },
        ]);
        const mig = {
          type: { string: 'mig' },
          uuid: { string: 'MIG-1' },
          parentUUID: { string: board },
          profile: { string: '3g.40gb' },
        };
        cluster.put(slices, slice('new', 2, [{ name: 'mig-3', attributes: mig }, gpu('gpu-1', 'GPU-1')]));
      },
    );
    expect(devices?.devices).toMatchObject([
      { uuid: 'MIG-1', mig: { profile: '3g.40gb', parentUuid: board }, share: null },
      { uuid: 'GPU-1', mig: null, share: 'a671734a', memoryBytes: 10 * 2 ** 30 },
    ]);
  });

  it('have their names alone without the right to ResourceSlices, which is named; a later look has the rest', async () => {
    const message =
      'resourceslices.resource.k8s.io is forbidden: User "u" cannot list resource "resourceslices" in API group "resource.k8s.io" at the cluster scope';
    const { devices, look, pass } = await observed(
      { spec: asks({ 'nvidia.com/gpu': '1' }), status: extended('c-1') },
      (cluster) => {
        putClaim(cluster, [result('gpu-0')]);
        cluster.put(slices, slice('new', 2, [gpu('gpu-0', board)]));
        cluster.failures.push({ matches: /GET .*resourceslices/, status: 403, message, times: 1 });
      },
    );
    expect(devices?.devices).toMatchObject([{ name: 'gpu.nvidia.com/n1/gpu-0', uuid: null }]);
    expect(devices?.unknown).toContain('ResourceSlices of n1 cannot be read');
    await pass(10_000);
    expect((await look())?.unknown).not.toBeNull();
    await pass(30_000);
    expect(await look()).toMatchObject({ unknown: null, devices: [{ uuid: board }] });
  });

  it('are unknown, with the reason, while the claim has no devices and where the API cannot tell', async () => {
    const asked = { spec: asks({ 'nvidia.com/gpu': '1' }), status: extended('c-1') };
    const waiting = await observed(asked, (cluster) => cluster.put(claims, { metadata: { name: 'c-1' } }));
    expect(waiting.devices).toEqual({
      toldBy: null,
      devices: null,
      unknown: 'the ResourceClaim c-1 has no devices yet',
    });
    const old = await observed(asked, (cluster) =>
      cluster.put('/apis', { metadata: { name: 'resource.k8s.io' }, versions: [{ version: 'v1alpha2' }] }),
    );
    expect(old.devices?.devices).toBeNull();
    expect(old.devices?.unknown).toContain('serves no version of resource.k8s.io that tells of devices');
  });

  const given = (ids: readonly string[]): JsonObject => ({
    allocatedResourcesStatus: [
      { name: 'claim:gpus/one', resources: [{ resourceID: 'gpu.nvidia.com/n1/gpu-0' }] },
      { name: 'nvidia.com/gpu', resources: ids.map((resourceID) => ({ resourceID, health: 'Healthy' })) },
    ],
  });

  it('of a device plugin are those that the kubelet names, with the share of one that is shared in time', async () => {
    const spec = asks({ 'nvidia.com/gpu': '2' });
    const { devices } = await observed({ spec, container: given([`${board}::3`, 'MIG-4b1f']) });
    expect(devices).toMatchObject({
      toldBy: 'kubelet',
      unknown: null,
      devices: [
        { name: `${board}::3`, uuid: board, share: '3', mig: null },
        { uuid: 'MIG-4b1f', mig: { profile: null, parentUuid: null } },
      ],
    });
    const other = await observed({ spec: asks({ 'amd.com/gpu': '1' }), container: given(['0000:03:00.0']) });
    expect(other.devices).toMatchObject({ toldBy: 'kubelet', devices: [{ name: '0000:03:00.0', uuid: null }] });
    expect(other.devices?.unknown).toContain('no UUID of NVIDIA');
  });

  it('are what the replica says where nobody else tells, and a hostile line says nothing', async () => {
    const line = (devices: unknown): string => `${JSON.stringify({ plimsoll: 'devices', devices })}\n`;
    const seen = { uuid: 'MIG-9', product: 'NVIDIA A100', profile: '1g.5gb', parentUuid: board };
    const said = await observed({ spec: asks({ 'nvidia.com/gpu': '1' }), output: `loading\n${line([seen])}` });
    expect(said.devices).toMatchObject({
      toldBy: 'replica',
      devices: [{ uuid: 'MIG-9', mig: { profile: '1g.5gb', parentUuid: board } }],
    });
    const lie = await observed({
      spec: asks({ 'nvidia.com/gpu': '1' }),
      container: given([board]),
      output: line([seen]),
    });
    expect(lie.devices).toMatchObject({ toldBy: 'kubelet', devices: [{ uuid: board }] });
    for (const hostile of [Array.from({ length: 65 }, () => seen), [{ ...seen, uuid: 'x'.repeat(5_000) }], 'GPU-1']) {
      const { devices } = await observed({ spec: asks({ 'nvidia.com/gpu': '1' }), output: line(hostile) });
      expect(devices).toMatchObject({ toldBy: null, devices: null });
    }
  });

  it('that the replica tells of after it is ready are read then', async () => {
    const { cluster, devices, look, pass } = await observed({ spec: asks({ 'nvidia.com/gpu': '1' }) });
    expect(devices).toMatchObject({ toldBy: null, unknown: expect.stringContaining('neither the kubelet') as string });
    const text = JSON.stringify({
      plimsoll: 'devices',
      devices: [{ uuid: board, product: null, profile: null, parentUuid: null }],
    });
    cluster.put(`${pods}/${name}`, { metadata: { name: 'log' }, text });
    await pass(11_000);
    expect(await look()).toMatchObject({ toldBy: 'replica', devices: [{ uuid: board }] });
  });

  const labelled = (capacity: string): NodeFacts => {
    const labels = {
      'nvidia.com/gpu.product': 'NVIDIA-L4-SHARED',
      'nvidia.com/gpu.count': '1',
      'nvidia.com/gpu.replicas': '4',
      'nvidia.com/gpu.sharing-strategy': 'time-slicing',
      'nvidia.com/mig.capable': 'false',
    };
    const node = { metadata: { name: 'n1', labels }, status: { capacity: { 'nvidia.com/gpu': capacity } } };
    return nodeFactsOfKubernetes({ nodes: [node], slices: [], others: {} }, 0).ofLabels[0] as NodeFacts;
  };

  it('are of the product that labels tell, where they tell of every device of the node', async () => {
    const asked = { spec: asks({ 'nvidia.com/gpu': '2' }) };
    const { devices } = await observed(asked, undefined, labelled('4'));
    expect(devices).toMatchObject({ toldBy: 'node-labels', devices: [{ product: 'NVIDIA L4', uuid: null }, {}] });
    expect(devices?.unknown).toContain('neither the kubelet');
    const mixed = await observed(asked, undefined, labelled('8'));
    expect(mixed.devices).toMatchObject({ toldBy: null, devices: null });
  });
});
