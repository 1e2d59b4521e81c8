import { afterEach, expect, it } from 'vitest';
import { callApi } from './cluster/api.ts';
import { startFakeNodes } from './cluster/kwok.ts';
import { stopProgram } from './cluster/program.ts';
import { describeInCluster } from './in-cluster.ts';
import { makeSpec, never, openWorld, owner, untilReplicas, type PlatformWorld } from './platform-world.ts';

describeInCluster('nodes that kwok plays', (place, image) => {
  let world: PlatformWorld | null = null;
  afterEach(async () => {
    await world?.close();
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
});
