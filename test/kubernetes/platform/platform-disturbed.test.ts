import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import type { ObservedReplica } from '../../../src/core/rollout/replica.ts';
import { callApi, demandApi } from '../cluster/api.ts';
import { startApiServer } from '../cluster/control-plane.ts';
import { realNodeLabel } from '../cluster/place.ts';
import { stopProgram } from '../cluster/program.ts';
import { describeInCluster } from '../in-cluster.ts';
import {
  areReady,
  makeSpec,
  never,
  openWorld,
  owner,
  untilReplicas,
  type PlatformWorld,
  type WorldOptions,
} from './platform-world.ts';

const mergePatch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';

describeInCluster('a platform that others disturb', (place, image) => {
  let world: PlatformWorld;
  const open = async (options: WorldOptions = {}): Promise<PlatformWorld> =>
    (world = await openWorld(place, image(), options));
  const spec = makeSpec({ kind: 'ready' }, 2);
  const deploymentOf = (namespace: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments/${spec.set}`;
  const ids = (replicas: readonly { readonly replicaId: string }[]): readonly string[] =>
    replicas.map(({ replicaId }) => replicaId).sort();
  afterEach(() => world.close());

  /** As the control plane will, once the golden set has passed. */
  const admit = (namespace: string, pod: string): Promise<unknown> =>
    demandApi(
      place,
      'PATCH',
      `/api/v1/namespaces/${namespace}/pods/${pod}/status`,
      { status: { conditions: [{ type: 'plimsoll.dev/admitted', status: 'True' }] } },
      strategicPatch,
    );

  it('puts back a number that somebody else set, and says so', async () => {
    const { platform, namespace, notices } = await open();
    await platform.apply(owner, [spec], never);
    await untilReplicas(platform, areReady(2));
    await demandApi(place, 'PATCH', `${deploymentOf(namespace)}/scale`, { spec: { replicas: 3 } }, mergePatch);
    await untilReplicas(platform, () => notices.length > 0);
    await untilReplicas(platform, areReady(2));
    expect(notices[0]?.message).toContain('to 3 replicas; it is put back to 2');
    expect((await demandApi(place, 'GET', deploymentOf(namespace))).spec.replicas).toBe(2);
  });

  it('puts back a template that somebody else changed', async () => {
    const { platform, namespace, notices } = await open();
    await platform.apply(owner, [spec], never);
    for (const pod of ids(await untilReplicas(platform, areReady(2)))) await admit(namespace, pod);
    const containers = [{ name: 'replica', image: 'other.example/evil:1' }];
    await demandApi(
      place,
      'PATCH',
      deploymentOf(namespace),
      { spec: { template: { spec: { containers } } } },
      strategicPatch,
    );
    await untilReplicas(platform, () => notices.some(({ kind }) => kind === 'deployment-put-back'));
    await untilReplicas(platform, areReady(2));
    expect((await demandApi(place, 'GET', deploymentOf(namespace))).spec.template.spec.containers[0].image).toBe(
      image(),
    );
  });

  it.each([
    ['kubectl set env', { containers: [{ name: 'replica', env: [{ name: 'EXTRA', value: '1' }] }] }, {}, 'env[EXTRA]'],
    ['kubectl rollout restart', {}, { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } }, 'restartedAt'],
    ['an added sidecar', { containers: [{ name: 'side', image: 'other.example/side:1' }] }, {}, 'containers[side]'],
  ])('takes away what %s added, names it, and keeps its pods', async (_name, podSpec, metadata, field) => {
    const { platform, namespace, notices } = await open();
    await platform.apply(owner, [spec], never);
    const before = ids(await untilReplicas(platform, areReady(2)));
    for (const pod of before) await admit(namespace, pod);
    const { template } = (await demandApi(place, 'GET', deploymentOf(namespace))).spec;
    const change = { spec: { template: { metadata, spec: podSpec } } };
    await demandApi(place, 'PATCH', `${deploymentOf(namespace)}?fieldManager=kubectl-set`, change, strategicPatch);
    await untilReplicas(platform, () => notices.some(({ kind }) => kind === 'deployment-put-back'));
    const after = await untilReplicas(platform, areReady(2));
    expect((await demandApi(place, 'GET', deploymentOf(namespace))).spec.template).toEqual(template);
    expect(ids(after)).toEqual(before);
    expect(notices).toHaveLength(1);
    expect(notices[0]?.message).toContain(field);
  });

  it('makes a disruption budget for two replicas, which goes with their Deployment', async () => {
    const { platform, namespace } = await open();
    await platform.apply(owner, [spec], never);
    await untilReplicas(platform, areReady(2));
    const budgets = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
    expect((await demandApi(place, 'GET', budgets)).items).toMatchObject([{ spec: { maxUnavailable: 1 } }]);
    await platform.apply(owner, [], never);
    for (let tried = 0; tried < 100; tried += 1) {
      if ((await demandApi(place, 'GET', budgets)).items.length === 0) break;
      await delay(200);
    }
    expect((await demandApi(place, 'GET', budgets)).items).toEqual([]);
  });

  it('makes a Deployment again that somebody removed', async () => {
    const { platform, namespace, notices } = await open();
    await platform.apply(owner, [spec], never);
    const before = ids(await untilReplicas(platform, areReady(2)));
    await demandApi(place, 'DELETE', deploymentOf(namespace));
    const after = await untilReplicas(
      platform,
      (seen) => areReady(2)(seen) && !ids(seen).some((id) => before.includes(id)),
    );
    expect(after).toHaveLength(2);
    expect(notices).toMatchObject([{ kind: 'deployment-made-again' }]);
  });

  it('shows the same replicas after the API server was killed, and makes none twice', async () => {
    const { platform } = await open();
    await platform.apply(owner, [spec], never);
    const before = ids(await untilReplicas(platform, areReady(2)));
    await stopProgram(place, 'kube-apiserver', 'SIGKILL');
    await delay(2_000);
    expect(ids(await platform.observe(owner, never))).toEqual(before);
    await expect(platform.apply(owner, [{ ...spec, replicas: 3 }], never)).rejects.toMatchObject({
      category: 'unavailable',
    });
    await startApiServer(place);
    const after = ids(await untilReplicas(platform, areReady(3)));
    expect(after).toEqual(expect.arrayContaining([...before]));
    await platform.close();
    const next = world.open();
    await next.apply(owner, [{ ...spec, replicas: 3 }], never);
    await delay(1_000);
    expect(ids(await untilReplicas(next, areReady(3)))).toEqual(after);
  });

  it('makes another replica for one that was evicted', async () => {
    const { platform, namespace } = await open();
    await platform.apply(owner, [spec], never);
    const [first] = ids(await untilReplicas(platform, areReady(2)));
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: first } };
    await demandApi(place, 'POST', `/api/v1/namespaces/${namespace}/pods/${first}/eviction`, eviction);
    const after = await untilReplicas(platform, (seen) => areReady(2)(seen) && !ids(seen).includes(first ?? ''));
    expect(after).toHaveLength(2);
  });

  it('ends the pod that was chosen, though one that stays is loading and would go before it', async () => {
    const { platform, notices } = await open();
    const loading = makeSpec({ kind: 'ready', afterMs: 12_000 }, 2);
    await platform.apply(owner, [loading], never);
    const [first = '', second = ''] = ids(await untilReplicas(platform, areReady(2)));
    await platform.setAdmitted(owner, { admitted: new Set([first, second]), live: null }, never);
    await platform.apply(owner, [{ ...loading, replicas: 3 }], never);
    const three = await untilReplicas(platform, (seen) => seen.length === 3);
    const third = ids(three).find((id) => id !== first && id !== second) ?? '';
    const runs = (seen: readonly ObservedReplica[]): boolean =>
      seen.some(({ replicaId, state }) => replicaId === third && state === 'starting');
    await untilReplicas(platform, runs);
    await platform.apply(owner, [{ ...loading, stopFirst: [first] }], never);
    expect(ids(await untilReplicas(platform, (seen) => seen.length === 2 && runs(seen)))).toEqual(
      [second, third].sort(),
    );
    expect(ids(await untilReplicas(platform, areReady(2)))).toEqual([second, third].sort());
    // While the third one did not run yet, it was waited for.
    expect(notices.filter(({ kind }) => kind !== 'scale-down-waits')).toEqual([]);
  });

  it('leaves the number to others where it is told to, also where it counted itself before', async () => {
    const { platform, namespace } = await open();
    await platform.apply(owner, [spec], never);
    await untilReplicas(platform, areReady(2));
    await platform.close();
    const keda = world.open();
    const counted = { ...spec, isCountedByAnother: true };
    await keda.apply(owner, [counted], never);
    expect((await demandApi(place, 'GET', deploymentOf(namespace))).spec.replicas).toBe(2);
    await demandApi(place, 'PATCH', `${deploymentOf(namespace)}/scale`, { spec: { replicas: 1 } }, mergePatch);
    await untilReplicas(keda, areReady(1));
    await keda.apply(owner, [counted], never);
    await delay(1_000);
    expect((await demandApi(place, 'GET', deploymentOf(namespace))).spec.replicas).toBe(1);
    expect(world.notices).toEqual([]);
  });

  it('touches no Deployment of that name that is not its own', async () => {
    const { platform, namespace } = await open();
    const labels = { app: 'theirs' };
    const containers = [{ name: 'c', image: image() }];
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await demandApi(place, 'POST', path, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: spec.set, labels },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    });
    const before = await demandApi(place, 'GET', deploymentOf(namespace));
    await platform.apply(owner, [spec], never);
    const [replica] = await platform.observe(owner, never);
    expect(replica?.reason).toContain('is not of Plimsoll: it was not touched');
    await platform.apply(owner, [], never);
    const after = await demandApi(place, 'GET', deploymentOf(namespace));
    expect([after.metadata.uid, after.spec]).toEqual([before.metadata.uid, before.spec]);
  });

  it('goes with the object that it names as its owner', async () => {
    const first = await open();
    const maps = `/api/v1/namespaces/${first.namespace}/configmaps`;
    const anchor = await demandApi(place, 'POST', maps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'plimsoll' },
    });
    const ownerReference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'plimsoll', uid: String(anchor.metadata.uid) };
    const owned = first.open({ manifest: { ownerReference }, placement: { nodeSelector: realNodeLabel } });
    await owned.apply(owner, [spec], never);
    await untilReplicas(owned, areReady(2));
    await owned.close();
    await demandApi(place, 'DELETE', `${maps}/plimsoll`);
    await untilReplicas(first.platform, (seen) => seen.length === 0);
    expect((await callApi(place, 'GET', deploymentOf(first.namespace))).status).toBe(404);
  });
});
