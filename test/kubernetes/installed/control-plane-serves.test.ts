import { afterAll, beforeAll, expect, it } from 'vitest';
import { demandApi } from '../cluster/api.ts';
import { startApiServer } from '../cluster/control-plane.ts';
import { stopProgram } from '../cluster/program.ts';
import { describeInCluster } from '../in-cluster.ts';
import { killContainer } from '../platform/platform-world.ts';
import { ProductLoad } from '../product-load.ts';
import { environment, service, ServingWorld, type PodFacts } from '../serving-world.ts';

/** One world for all of it: what one fault breaks, the next tests see. */
describeInCluster('a control plane whose replicas are pods', (place) => {
  let world: ServingWorld;
  let load: ProductLoad | null = null;
  beforeAll(async () => {
    if (place.folder === '') return;
    world = await ServingWorld.open(place, 17_600);
    await world.release(1, 2);
  });
  afterAll(async () => {
    await load?.end();
    await world?.close();
  });

  const names = (pods: readonly PodFacts[]): readonly string[] => pods.map(({ name }) => name);
  const untilReady = async (count: number): Promise<readonly PodFacts[]> => {
    let pods: readonly PodFacts[] = [];
    await world.until(`${count} pods are admitted and Ready`, async () => {
      pods = await world.pods();
      return pods.length === count && pods.every((pod) => pod.isReady && pod.admitted?.message === pod.containerId);
    });
    return pods;
  };
  const untilLedTo = (pods: readonly string[]): Promise<void> =>
    world.until('the Service leads there', async () => (await world.endpoints()).join() === pods.join());
  const untilAnswered = async (more: number): Promise<void> => {
    const before = load?.total ?? 0;
    await world.until('requests are answered', async () => (load?.total ?? 0) >= before + more);
  };
  const endLoad = async (): Promise<readonly string[]> => {
    const failures = (await load?.end()) ?? ['there was no load'];
    load = null;
    return failures;
  };

  it('brings a release in: pods are Ready once they are admitted, and the Service leads to them', async () => {
    const pods = await untilReady(2);
    expect(pods.map(({ admitted }) => admitted?.status)).toEqual(['True', 'True']);
    await untilLedTo(names(pods));
    const found = await demandApi(
      place,
      'GET',
      `/api/v1/namespaces/${world.namespace}/services/${service}-${environment}`,
    );
    expect(found.spec.selector).toBeUndefined();
    expect(await world.events('replica.admitted')).toHaveLength(2);
    // Opening a gate takes nobody out of traffic, not for a moment.
    for (const { name } of pods) {
      const own = (await world.events('replica.')).filter(({ data }) => data['replicaId'] === name);
      expect(own.map(({ kind }) => kind).slice(-1)).toEqual(['replica.admitted']);
    }
    load = new ProductLoad(world.gatewayUrl, [2]);
    await untilAnswered(50);
    expect(await endLoad()).toEqual([]);
  });

  it('goes to another model and back without a failed request, and the way back moves no pod', async () => {
    const before = await untilReady(2);
    load = new ProductLoad(world.gatewayUrl, [2, 3]);
    await untilAnswered(20);
    await world.release(2, 2);
    const both = await untilReady(4);
    const added = both.filter(({ uid }) => !before.some((pod) => pod.uid === uid));
    await untilLedTo(names(added));
    await world.until('the second model answers', async () => (load?.answered.get(3) ?? 0) > 20);
    await world.rollback();
    await world.untilLive(3);
    await untilLedTo(names(before));
    const first = load.answered.get(2) ?? 0;
    await world.until('the first model answers again', async () => (load?.answered.get(2) ?? 0) > first + 20);
    expect(await endLoad()).toEqual([]);
    expect((await world.pods()).map(({ uid }) => uid)).toEqual(both.map(({ uid }) => uid));
  });

  it('admits a container that started again anew, and lets no request fail', async () => {
    const live = await world.endpoints();
    const [name = ''] = live;
    const before = (await world.pods()).find((pod) => pod.name === name);
    load = new ProductLoad(world.gatewayUrl, [2]);
    await untilAnswered(20);
    killContainer(name);
    await world.until('its gate is closed, or open for the next container', async () => {
      const pod = (await world.pods()).find((each) => each.name === name);
      return pod?.containerId !== before?.containerId && pod?.admitted?.message !== before?.containerId;
    });
    await untilReady(4);
    await untilLedTo(live);
    expect((await world.events('replica.admitted')).map(({ data }) => data['replicaId'])).toContain(`${name}.1`);
    expect(await endLoad()).toEqual([]);
  });

  it('replaces a pod that somebody deletes under load', async () => {
    const [name = '', other = ''] = await world.endpoints();
    load = new ProductLoad(world.gatewayUrl, [2]);
    await untilAnswered(20);
    await demandApi(place, 'DELETE', `/api/v1/namespaces/${world.namespace}/pods/${name}`);
    await untilReady(4);
    await world.until('the Service leads to two pods again', async () => (await world.endpoints()).length === 2);
    const now = await world.endpoints();
    expect(now).toContain(other);
    expect(now).not.toContain(name);
    await untilAnswered(20);
    expect(await endLoad()).toEqual([]);
  });

  it('is killed, and the gateway serves on; the next one adopts what runs', async () => {
    const before = await untilReady(4);
    load = new ProductLoad(world.gatewayUrl, [2]);
    await untilAnswered(20);
    await world.killControlPlane();
    await untilAnswered(100);
    await world.startControlPlane();
    await world.until(
      'all of it is seen',
      async () => (await world.view()).replicas.filter((each) => each.admitted).length === 4,
    );
    await untilAnswered(20);
    expect((await untilReady(4)).map(({ uid }) => uid)).toEqual(before.map(({ uid }) => uid));
    expect(await endLoad()).toEqual([]);
  });

  it('loses the API server and its own life, and nothing is made twice once both are back', async () => {
    const before = await untilReady(4);
    const admitted = (await world.events('replica.admitted')).length;
    load = new ProductLoad(world.gatewayUrl, [2]);
    await untilAnswered(20);
    await stopProgram(place, 'kube-apiserver', 'SIGKILL');
    await untilAnswered(50);
    await world.killControlPlane();
    await world.startControlPlane();
    await untilAnswered(100);
    await startApiServer(place);
    await world.until(
      'all of it is seen',
      async () => (await world.view()).replicas.filter((each) => each.admitted).length === 4,
    );
    await untilAnswered(20);
    expect((await untilReady(4)).map(({ uid }) => uid)).toEqual(before.map(({ uid }) => uid));
    const { items } = await demandApi(place, 'GET', `/apis/apps/v1/namespaces/${world.namespace}/deployments`);
    expect(items).toHaveLength(2);
    expect(await world.events('replica.admitted')).toHaveLength(admitted);
    expect(await endLoad()).toEqual([]);
  });
});
