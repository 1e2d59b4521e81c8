import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { FakeClock } from '../../../testing/fakes/fake-clock.ts';
import { FakeCluster } from '../../../testing/fakes/servers/fake-cluster.ts';
import { ClusterNodes, type ClusterNodesOptions } from './cluster-nodes.ts';

const never = new AbortController().signal;
const nodesPath = '/api/v1/nodes';
const image = `registry.example/plimsoll@sha256:${'a'.repeat(64)}`;

const intel = {
  'feature.node.kubernetes.io/cpu-model.vendor_id': 'Intel',
  'feature.node.kubernetes.io/cpu-model.family': '6',
  'feature.node.kubernetes.io/cpu-model.id': '85',
};
const taint = (key: string, effect = 'NoSchedule'): JsonObject => ({ key, effect });
const node = (name: string, taints: readonly JsonObject[] = [], labels: JsonObject = {}): JsonObject => ({
  metadata: { name, labels },
  spec: { taints },
  status: { nodeInfo: { architecture: 'amd64' }, capacity: { cpu: '8', memory: '32Gi' } },
});

function open(
  cluster: FakeCluster,
  more: Partial<Pick<ClusterNodesOptions, 'replicaImage' | 'ownPod' | 'placement'>> = {},
) {
  const clock = new FakeClock();
  const nodes = new ClusterNodes({
    client: cluster.client(),
    clock,
    namespace: 'plimsoll',
    acceleratorTaint: 'nvidia.com/gpu',
    placement: more.placement ?? {},
    replicaImage: more.replicaImage,
    ownPod: more.ownPod,
    runtime: () => ({ onnxruntime: '1.30.0' }),
  });
  const names = async (
    accelerator: 'cpu' | 'nvidia',
    selector: Readonly<Record<string, string>> = {},
  ): Promise<readonly string[]> => (await nodes.nodes({ accelerator, selector }, never)).map(({ name }) => name).sort();
  return { nodes, clock, names };
}

describe('the nodes of a cluster', () => {
  it('are those that pods may land on, with their CPU by labels', async () => {
    const cluster = new FakeCluster();
    cluster.put(nodesPath, node('plain', [], intel));
    cluster.put(nodesPath, node('gpu', [taint('nvidia.com/gpu')]));
    cluster.put(nodesPath, node('away', [taint('node.kubernetes.io/unreachable', 'NoExecute')]));
    cluster.put(nodesPath, node('cordoned', [taint('node.kubernetes.io/unschedulable')]));
    cluster.put(nodesPath, node('master', [taint('node-role.kubernetes.io/control-plane')]));
    cluster.put(nodesPath, node('preferred', [taint('team/other', 'PreferNoSchedule')]));
    const { nodes, names } = open(cluster);
    expect(await names('cpu')).toEqual(['away', 'plain', 'preferred']);
    expect(await names('nvidia')).toEqual(['away', 'gpu', 'plain', 'preferred']);
    expect(nodes.find('plain')?.cpu).toMatchObject({ architecture: 'x64', model: 'Intel family 6 model 85' });
    expect(nodes.find('away')?.unknown['cpu.model']).toContain('node-feature-discovery');
    expect(nodes.find('elsewhere')).toBeNull();
  });

  it('are those alone that the selectors of service and control plane choose, and whose taints are tolerated', async () => {
    const cluster = new FakeCluster();
    cluster.put(nodesPath, node('plain'));
    cluster.put(nodesPath, node('zone-a', [], { zone: 'a', disk: 'ssd' }));
    cluster.put(nodesPath, node('zone-b', [], { zone: 'b', disk: 'ssd' }));
    cluster.put(
      nodesPath,
      node('ours', [{ key: 'team', value: 'ml', effect: 'NoSchedule' }], { zone: 'a', disk: 'ssd' }),
    );
    cluster.put(nodesPath, node('others', [{ key: 'team', value: 'web', effect: 'NoSchedule' }], { disk: 'ssd' }));
    const team = { key: 'team', operator: 'Equal', value: 'ml' };
    const { names } = open(cluster, { placement: { nodeSelector: { disk: 'ssd' }, tolerations: [team] } });
    expect(await names('cpu')).toEqual(['ours', 'zone-a', 'zone-b']);
    expect(await names('cpu', { zone: 'a' })).toEqual(['ours', 'zone-a']);
    expect(await names('cpu', { disk: 'hdd' })).toEqual(['ours', 'zone-a', 'zone-b']);
    const { names: ofAll } = open(cluster, {
      placement: { tolerations: [{ operator: 'Exists', effect: 'NoExecute' }] },
    });
    expect(await ofAll('cpu')).toEqual(['plain', 'zone-a', 'zone-b']);
  });

  it('are listed once in half a minute, and again at once after a failure', async () => {
    const cluster = new FakeCluster();
    cluster.failures.push({ matches: /GET .*nodes/, status: 503, times: 1 });
    cluster.put(nodesPath, node('plain'));
    const { clock, names } = open(cluster);
    const reads = () => cluster.calls.filter((call) => call === `GET ${nodesPath}`).length;
    await expect(names('cpu')).rejects.toMatchObject({ code: 'cluster-failed' });
    await names('cpu');
    await names('nvidia');
    expect(reads()).toBe(2);
    await clock.advance(31_000);
    await names('cpu');
    expect(reads()).toBe(3);
  });

  it('cannot be read without the right, which is named with what grants it', async () => {
    const cluster = new FakeCluster();
    const message = 'nodes is forbidden: User "u" cannot list resource "nodes" in API group "" at the cluster scope';
    cluster.failures.push({ matches: /GET .*nodes/, status: 403, message, times: 1 });
    await expect(open(cluster).names('cpu')).rejects.toMatchObject({
      code: 'cluster-forbidden',
      message: expect.stringContaining('deploy/kubernetes/nodes-cluster-role.yaml') as string,
    });
  });
});

describe('the runtime of replicas', () => {
  const pod = (of: string): FakeCluster => {
    const cluster = new FakeCluster();
    cluster.put('/api/v1/namespaces/plimsoll/pods', {
      metadata: { name: 'control-plane-0' },
      spec: { containers: [{ name: 'control-plane', image: of }] },
    });
    return cluster;
  };

  it('is that of the control plane, where its pod runs the same image', async () => {
    const { nodes } = open(pod(image), { replicaImage: image, ownPod: 'control-plane-0' });
    expect(await nodes.runtime(never)).toEqual({ onnxruntime: '1.30.0' });
  });

  it.each([
    ['another image', image.replaceAll('a', 'b'), image, 'control-plane-0'],
    ['no image for replicas', image, undefined, 'control-plane-0'],
    ['no pod', image, image, undefined],
    ['a name that is none of a pod', image, image, '../secrets'],
  ])('is not known with %s', async (_what, of, replicaImage, ownPod) => {
    const parts = {
      ...(replicaImage === undefined ? {} : { replicaImage }),
      ...(ownPod === undefined ? {} : { ownPod }),
    };
    const { nodes } = open(pod(of), parts);
    expect(await nodes.runtime(never)).toMatchObject({
      unreadable: expect.stringContaining('is not known: this control plane does not run in it') as string,
    });
  });
});
