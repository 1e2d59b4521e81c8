import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ObservedReplica } from '../../../src/core/rollout/replica.ts';
import {
  testEnvironment as environment,
  testService as service,
} from '../../../src/testing/builders/rollout-builders.ts';
import { ScalingWorld } from '../../../src/testing/rigs/scaling/scaling-world.ts';
import { makeToldPolicy, sleepingFacts as facts } from '../../../src/testing/rigs/scaling/told-scaling.ts';
import { demandApi } from '../cluster/api.ts';
import { findImage, putProgramImage } from '../cluster/image.ts';
import { describeInCluster } from '../in-cluster.ts';
import { killContainer, openWorld, type PlatformWorld } from './platform-world.ts';
import { ProductLoad } from '../product-load.ts';
import { makeImageRelease } from '../product-release.ts';
import { multiplyingServer } from '../serving-world.ts';

const told = { desired: 2, asleep: 0 };
const policy = makeToldPolicy(told);

/** One world for all of it. Factor 2 is what version 1 of the model answers by. */
describeInCluster('replicas that sleep as pods', (place) => {
  let pods: PlatformWorld;
  let world: ScalingWorld;
  let load: ProductLoad;
  beforeAll(async () => {
    if (place.folder === '') return;
    const image = findImage(place, 'multiplying') ?? (await putProgramImage(place, 'multiplying', multiplyingServer));
    pods = await openWorld(place, image);
    world = await ScalingWorld.open({ policy, facts, openCluster: () => pods.open() });
    const sleep = { replicas: 1, wake: '5s' };
    const { contract, ...release } = makeImageRelease({ image, service, version: 1 });
    const environments = { [environment]: { platform: 'kubernetes' } };
    await world.releaseAs(
      1,
      { replicas: { min: 1, max: 4 }, sleep },
      { ...release, contract: { ...contract, environments } },
    );
    await world.until('two replicas serve', () => world.routed().length === 2);
    load = new ProductLoad(world.gatewayUrl, [2], 20, service);
  });
  afterAll(async () => {
    if (place.folder === '') return;
    await load?.end();
    await world?.close();
    await pods?.close();
  });

  const replicas = async (): Promise<readonly ObservedReplica[]> =>
    (await world.operations.view(service, environment)).replicas;
  const sleeping = async (): Promise<readonly ObservedReplica[]> =>
    (await replicas()).filter(({ state }) => state === 'asleep');
  const untilAsleep = async (): Promise<string> => {
    await world.until('one replica sleeps', async () => (await sleeping()).length === 1);
    const [one] = await sleeping();
    return one?.replicaId ?? '';
  };
  const podsOf = async (): Promise<
    Map<string, { readonly uid: string; readonly restarts: number; readonly isReady: boolean }>
  > => {
    const { items } = await demandApi(place, 'GET', `/api/v1/namespaces/${pods.namespace}/pods`);
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- an object of the API, read by this test alone
    const found = (items as readonly any[]).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return new Map(
      found.map(({ metadata, status }) => [
        String(metadata.name),
        {
          uid: String(metadata.uid),
          restarts: Number(status.containerStatuses?.[0]?.restartCount ?? 0),
          isReady: status.containerStatuses?.[0]?.ready === true,
        },
      ]),
    );
  };

  it('sleep while their pods are not ready, wake in place, and no request fails', async () => {
    Object.assign(told, { desired: 1, asleep: 1 });
    const name = await untilAsleep();
    await world.until('its pod is not ready', async () => (await podsOf()).get(name)?.isReady === false);
    expect(world.routed()).toHaveLength(1);
    const before = await podsOf();
    Object.assign(told, { desired: 2, asleep: 0 });
    await world.until('it serves again', () => world.routed().includes(name));
    expect([...(await podsOf())].map(([pod, { uid, restarts }]) => [pod, uid, restarts])).toEqual(
      [...before].map(([pod, { uid, restarts }]) => [pod, uid, restarts]),
    );
    const woken = () => world.store.events({ service, environment, kindPrefix: 'replica.woken' });
    await world.until('the wake is on record', async () => (await woken()).length === 1);
    expect(load.failures).toEqual([]);
  });

  it('are found asleep by the next control plane', async () => {
    Object.assign(told, { desired: 1, asleep: 1 });
    const name = await untilAsleep();
    await world.replaceControlPlane();
    expect(await untilAsleep()).toBe(name);
    expect(world.routed()).toHaveLength(1);
    expect(load.failures).toEqual([]);
  });

  it('stay where a pod that serves is to end: a ReplicaSet would end the one that is not ready', async () => {
    await untilAsleep();
    // The sleeping one wakes, and another one starts.
    Object.assign(told, { desired: 3, asleep: 1 });
    await world.until('three replicas serve', () => world.routed().length === 3);
    Object.assign(told, { desired: 2, asleep: 1 });
    const slept = await untilAsleep();
    Object.assign(told, { desired: 1, asleep: 1 });
    await world.until('one replica serves', () => world.routed().length === 1);
    await world.until('the other pod has ended', async () => (await podsOf()).size === 2);
    expect([...(await podsOf()).keys()]).toContain(slept);
    expect((await sleeping()).map(({ replicaId }) => replicaId)).toEqual([slept]);
    expect(load.failures).toEqual([]);
  });

  it('are missed by nobody where their container is killed, and others start when they are wanted', async () => {
    const name = await untilAsleep();
    killContainer(name);
    await world.until('it sleeps no longer', async () => (await sleeping()).length === 0);
    Object.assign(told, { desired: 2, asleep: 0 });
    await world.until('two replicas serve', () => world.routed().length === 2);
    expect(load.failures).toEqual([]);
  });
});
