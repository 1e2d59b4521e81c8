import { afterEach, expect, it } from 'vitest';
import { callApi, demandApi } from './cluster/api.ts';
import { startFakeNodes } from './cluster/kwok.ts';
import type { ClusterPlace } from './cluster/place.ts';
import { stopProgram } from './cluster/program.ts';
import { describeInCluster } from './in-cluster.ts';
import {
  areReady,
  grantNodes,
  makeSpec,
  never,
  openWorld,
  owner,
  untilReplicas,
  type PlatformWorld,
} from './platform/platform-world.ts';

describeInCluster('nodes that kwok plays', (place, image) => {
  let world: PlatformWorld | null = null;
  let removals: readonly string[] = [];
  afterEach(async () => {
    await world?.close();
    for (const path of removals) await callApi(place, 'DELETE', path);
    removals = [];
    for (const name of ['fake0', 'fake1', 'fake2']) await callApi(place, 'DELETE', `/api/v1/nodes/${name}`);
    await stopProgram(place, 'kwok');
  });

  it('take as many replicas as they have accelerators, and the rest is a stock-out with its reason', async () => {
    await startFakeNodes(place, 3, { capacity: { 'nvidia.com/gpu': '8' } });
    const placement = {
      nodeSelector: { type: 'kwok' },
      tolerations: [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' }],
      resources: { limits: { 'nvidia.com/gpu': '4' } },
    };
    world = await openWorld(place, image(), { placement });
    const { platform } = world;
    const spec = makeSpec({ kind: 'ready' }, 7);
    await platform.apply(owner, [spec], never);
    const seven = await untilReplicas(
      platform,
      (seen) =>
        seen.filter(({ state }) => state === 'ready').length === 6 && seen.some(({ reason }) => /no node/.test(reason)),
    );
    const waiting = seven.find(({ state }) => state !== 'ready');
    expect(waiting).toMatchObject({ state: 'pending', node: '' });
    expect(waiting?.reason).toContain('Insufficient nvidia.com/gpu');
    const perNode = Map.groupBy(
      seven.filter(({ state }) => state === 'ready'),
      ({ node }) => node,
    );
    expect([...perNode.values()].map((replicas) => replicas.length)).toEqual([2, 2, 2]);

    const chosen = seven
      .filter(({ state }) => state === 'ready')
      .slice(0, 2)
      .map(({ replicaId }) => replicaId);
    await platform.apply(owner, [{ ...spec, replicas: 4, stopFirst: [waiting?.replicaId ?? '', ...chosen] }], never);
    const left = await untilReplicas(
      platform,
      (seen) => seen.length === 4 && seen.every(({ state }) => state === 'ready'),
    );
    expect(left.some(({ replicaId }) => chosen.includes(replicaId))).toBe(false);
  });

  it('hand out devices by claims, which the record of each replica names', async () => {
    await startFakeNodes(place, 1);
    const uuids = ['GPU-8f6b2e5c-1a37-4c11-9d20-3f6f0f8f3a11', 'MIG-4b1f0c8e-7c1a-5a3e-8a56-0f2f5f0b8a01'];
    removals = await putDevices(place, uuids);
    const placement = {
      nodeSelector: { type: 'kwok' },
      tolerations: [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' }],
      resources: { limits: { 'nvidia.com/gpu': '1' } },
    };
    world = await openWorld(place, image(), { placement });
    const { platform, namespace } = world;
    await platform.apply(owner, [makeSpec({ kind: 'ready' }, 2)], never);
    const blind = await untilReplicas(
      platform,
      (seen) => areReady(2)(seen) && seen.every(({ devices }) => devices?.devices?.length === 1),
    );
    // The Role alone: names of devices, and the right that is missing.
    expect(blind.map(({ devices }) => devices?.devices?.[0]?.name).sort()).toEqual([
      'gpu.nvidia.com/fake0/gpu-0',
      'gpu.nvidia.com/fake0/mig-1',
    ]);
    expect(blind[0]?.devices).toMatchObject({
      toldBy: 'resource-claim',
      unknown: expect.stringContaining('may not list resourceslices.resource.k8s.io') as string,
    });
    removals = [...removals, ...(await grantNodes(place, namespace))];
    const seeing = await world.open();
    const told = await untilReplicas(seeing, (seen) => seen.every(({ devices }) => devices?.unknown === null));
    const devices = told.map((replica) => replica.devices?.devices?.[0]);
    expect(devices.map((device) => device?.uuid).sort()).toEqual(uuids);
    expect(devices.find((device) => device?.mig !== null)).toMatchObject({
      product: 'NVIDIA H100 80GB HBM3',
      mig: { profile: '3g.40gb', parentUuid: 'GPU-parent' },
      memoryBytes: 40 * 2 ** 30,
    });
  });
});

const classes = '/apis/resource.k8s.io/v1/deviceclasses';
const slices = '/apis/resource.k8s.io/v1/resourceslices';

/** A board and a MIG instance of one node, handed out for `nvidia.com/gpu`; returns what is to be removed. */
async function putDevices(place: ClusterPlace, [board, instance]: readonly string[]): Promise<readonly string[]> {
  const text = (string: string | undefined) => ({ string });
  const productName = text('NVIDIA H100 80GB HBM3');
  const mig = { type: text('mig'), uuid: text(instance), parentUUID: text('GPU-parent'), profile: text('3g.40gb') };
  const devices = [
    {
      name: 'gpu-0',
      attributes: { type: text('gpu'), uuid: text(board), productName },
      capacity: { memory: { value: '80Gi' } },
    },
    { name: 'mig-1', attributes: { ...mig, productName }, capacity: { memory: { value: '40Gi' } } },
  ];
  await demandApi(place, 'POST', slices, {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: 'fake0-gpus' },
    spec: {
      driver: 'gpu.nvidia.com',
      nodeName: 'fake0',
      pool: { name: 'fake0', generation: 1, resourceSliceCount: 1 },
      devices,
    },
  });
  await demandApi(place, 'POST', classes, {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'DeviceClass',
    metadata: { name: 'gpu.nvidia.com' },
    spec: {
      selectors: [{ cel: { expression: "device.driver == 'gpu.nvidia.com'" } }],
      extendedResourceName: 'nvidia.com/gpu',
    },
  });
  return [`${slices}/fake0-gpus`, `${classes}/gpu.nvidia.com`];
}
