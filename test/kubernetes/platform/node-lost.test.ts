import { afterAll, beforeAll, expect, it } from 'vitest';
import { callApi } from '../cluster/api.ts';
import { isNodeReady, loseNode, secondNodeParts, startKubelet, startNode } from '../cluster/node.ts';
import { realNode, secondNode } from '../cluster/place.ts';
import { stopProgram } from '../cluster/program.ts';
import { describeInCluster } from '../in-cluster.ts';
import { areReady, makeSpec, never, openWorld, owner, untilReplicas, type PlatformWorld } from './platform-world.ts';
import { ProductLoad } from '../product-load.ts';
import { ServingWorld, type PodFacts } from '../serving-world.ts';

/** One world for all of it: a service with a replica on each of two nodes, and a set that only the second node takes. */
describeInCluster('a node that is lost', (place, image) => {
  let world: ServingWorld;
  let bound: PlatformWorld;
  let load: ProductLoad | null = null;
  let before: readonly PodFacts[] = [];

  beforeAll(async () => {
    if (place.folder === '') return;
    await startNode(place, secondNodeParts);
    world = await ServingWorld.open(place, 17_620);
    await world.release(1, 2);
    before = await untilReady();
    bound = await openWorld(place, image(), {
      placement: { nodeSelector: { 'kubernetes.io/hostname': secondNode } },
    });
    await bound.platform.apply(owner, [makeSpec({ kind: 'ready' }, 1)], never);
    await untilReplicas(bound.platform, areReady(1));
  });
  afterAll(async () => {
    await load?.end();
    await bound?.close();
    await world?.close();
    // Kubernetes then removes its pods: no kubelet is there to end them.
    if (place.folder !== '') await callApi(place, 'DELETE', `/api/v1/nodes/${secondNode}`);
  });

  const untilReady = async (): Promise<readonly PodFacts[]> => {
    let pods: readonly PodFacts[] = [];
    await world.until('two pods are admitted and Ready', async () => {
      pods = await world.pods();
      return pods.length === 2 && pods.every((pod) => pod.isReady && pod.admitted?.message === pod.containerId);
    });
    return pods;
  };
  const podOn = (node: string): PodFacts => before.find((pod) => pod.node === node) as PodFacts;
  const untilLedTo = (pods: readonly PodFacts[]): Promise<void> =>
    world.until(
      'the Service leads there',
      async () => (await world.endpoints()).join() === pods.map(({ name }) => name).join(),
    );
  const untilSilent = (): Promise<void> =>
    world.until('the replica of that node is out of routing, with the reason', async () => {
      const { replicas } = await world.view();
      const reason = replicas.find(({ replicaId }) => replicaId === podOn(secondNode).name)?.reason ?? '';
      return reason.includes(`its node ${secondNode} does not answer`);
    });
  const startLoad = async (): Promise<void> => {
    load = new ProductLoad(world.gatewayUrl, [2]);
    await untilAnswered(20);
  };
  const endLoad = async (): Promise<readonly string[]> => {
    const failures = (await load?.end()) ?? ['there was no load'];
    load = null;
    return failures;
  };
  const untilAnswered = async (more: number): Promise<void> => {
    const had = load?.total ?? 0;
    await world.until('requests are answered', () => Promise.resolve((load?.total ?? 0) >= had + more));
  };

  it('has one replica of the two', () => {
    expect(before.map(({ node }) => node).sort()).toEqual([realNode, secondNode]);
  });

  it('by a kubelet that is killed comes back with the same replicas, and none is made twice', async () => {
    const admitted = (await world.events('replica.admitted')).length;
    await startLoad();
    await stopProgram(place, 'kubelet-2', 'SIGKILL');
    await untilSilent();
    await untilLedTo([podOn(realNode)]);
    await untilAnswered(20);
    startKubelet(place, secondNodeParts);
    const after = await untilReady();
    expect(after.map(({ uid, containerId }) => [uid, containerId])).toEqual(
      before.map(({ uid, containerId }) => [uid, containerId]),
    );
    await untilLedTo(before);
    expect(await world.events('replica.admitted')).toHaveLength(admitted);
    await world.until('its node is ready', () => isNodeReady(place, secondNode));
    await untilAnswered(20);
    expect(await endLoad()).toEqual([]);
  });

  it('with its containers costs no request, and its replica is made elsewhere', async () => {
    await startLoad();
    await loseNode(place, secondNodeParts);
    await untilSilent();
    await untilLedTo([podOn(realNode)]);
    const after = await untilReady();
    expect(after.map(({ node }) => node)).toEqual([realNode, realNode]);
    expect(after.map(({ uid }) => uid)).toContain(podOn(realNode).uid);
    await untilLedTo(after);
    await untilAnswered(20);
    expect(await endLoad()).toEqual([]);
  });

  it('leaves pending, with the reason, what no other node takes', async () => {
    const replicas = await untilReplicas(bound.platform, (seen) => seen.some(({ state }) => state === 'pending'));
    expect(replicas.map(({ state }) => state).sort()).toEqual(['draining', 'pending']);
    await untilReplicas(bound.platform, (seen) => seen.some(({ reason }) => /no node has room for it/.test(reason)));
  });
});
