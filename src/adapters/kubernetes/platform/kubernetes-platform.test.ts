import { afterEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../core/units/digest.ts';
import type { ReplicaSetSpec } from '../../../ports/serving/platform.ts';
import { arrayOf, objectAt, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { FakeCluster } from '../../../testing/fakes/servers/fake-cluster.ts';
import { annotationOf } from '../manifests/labels.ts';
import {
  closeAll,
  countOf,
  deployments,
  image,
  never,
  open,
  owner,
  pods,
  putPod,
  set,
  spec,
  writes,
} from '../../../testing/fakes/servers/platform-on-fake-cluster.ts';
const budgets = '/apis/policy/v1/namespaces/inference/poddisruptionbudgets';
afterEach(closeAll);

describe('replicas on Kubernetes', () => {
  it('tell of their changes, a moment later and of many at once', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    const told: string[] = [];
    platform.tellChanges(({ service }) => void told.push(service));
    await platform.apply(owner, [spec(2)], never);
    await pass(500);
    told.length = 0;
    putPod(cluster, `${set}-7d4f-x`);
    putPod(cluster, `${set}-7d4f-y`);
    await pass(50);
    expect(told).toEqual([]);
    await pass(100);
    expect(told).toEqual([owner.service]);
  });

  it('are ended by deleting their pod where they are stuck, once, and no other pod', async () => {
    const cluster = new FakeCluster();
    const { platform } = open(cluster);
    await platform.apply(owner, [spec(2)], never);
    putPod(cluster, `${set}-7d4f-x`);
    putPod(cluster, `${set}-7d4f-y`);
    await expect.poll(async () => (await platform.observe(owner, never)).length).toBe(2);
    const stuck = [`${set}-7d4f-x`, `${set}-7d4f-gone`, `${set}-7d4f-y.3`];
    await platform.apply(owner, [{ ...spec(2), stuck }], never);
    expect(writes(cluster).filter((write) => write.startsWith('DELETE'))).toEqual([`DELETE ${pods}/${set}-7d4f-x`]);
  });

  it('are asked for once, and never again while nothing moves', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    for (let turn = 0; turn < 5; turn += 1) {
      await platform.apply(owner, [spec(2)], never);
      await pass(2_000);
    }
    expect(writes(cluster)).toEqual([`PATCH ${deployments}/${set}`, `POST ${budgets}`]);
    expect(countOf(cluster)).toBe(2);
    const uid = String(objectAt(cluster.get(`${deployments}/${set}`), 'metadata')['uid']);
    expect(cluster.get(`${budgets}/${set}-${uid.slice(0, 8)}`)).toMatchObject({
      metadata: { ownerReferences: [{ kind: 'Deployment', name: set, uid }] },
      spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    });
  });

  it('of another control plane that comes back are applied once, and not moved', async () => {
    const cluster = new FakeCluster();
    const first = open(cluster);
    await first.platform.apply(owner, [spec(2)], never);
    const before = cluster.get(`${deployments}/${set}`);
    await first.platform.close();
    const second = open(cluster);
    await second.platform.apply(owner, [spec(2)], never);
    await second.pass(2_000);
    await second.platform.apply(owner, [spec(2)], never);
    expect(objectAt(cluster.get(`${deployments}/${set}`), 'metadata')['generation']).toBe(
      objectAt(before, 'metadata')['generation'],
    );
    // Made, with its budget; then applied, compared as a whole, and its budget found.
    expect(writes(cluster)).toHaveLength(5);
    expect(second.notices).toEqual([]);
  });

  it('keep their template when another version would make another one', async () => {
    const cluster = new FakeCluster();
    const first = open(cluster);
    await first.platform.apply(owner, [spec(1)], never);
    const template = objectAt(cluster.get(`${deployments}/${set}`), 'spec', 'template');
    await first.platform.close();
    const second = open(cluster, {
      preStopSeconds: 30,
      own: { image: image.replace('aaa', 'bbb'), command: ['other'] },
    });
    await second.platform.apply(owner, [spec(3)], never);
    expect(objectAt(cluster.get(`${deployments}/${set}`), 'spec', 'template')).toEqual(template);
    expect(countOf(cluster)).toBe(3);
  });

  it('are put back to their number when somebody scales the Deployment, and that is said', async () => {
    const cluster = new FakeCluster();
    const { platform, notices, pass } = open(cluster);
    await platform.apply(owner, [spec(2)], never);
    await pass(500);
    const found = cluster.get(`${deployments}/${set}`) ?? {};
    cluster.put(deployments, { ...found, spec: { ...objectAt(found, 'spec'), replicas: 0 } });
    await pass(500);
    expect(countOf(cluster)).toBe(2);
    expect(notices).toMatchObject([
      {
        kind: 'replicas-put-back',
        name: set,
        message: expect.stringContaining('to 0 replicas; it is put back to 2') as string,
      },
    ]);
  });

  const envOf = (cluster: FakeCluster): readonly unknown[] => {
    const template = objectAt(cluster.get(`${deployments}/${set}`), 'spec', 'template', 'spec');
    return arrayOf(objectAt({ first: arrayOf(template['containers'])[0] }, 'first')['env']);
  };
  const changeTemplate = (cluster: FakeCluster, change: (template: JsonObject) => JsonObject): void => {
    const found = cluster.get(`${deployments}/${set}`) ?? {};
    const spec = objectAt(found, 'spec');
    cluster.put(deployments, { ...found, spec: { ...spec, template: change(objectAt(spec, 'template')) } });
  };
  const withContainers = (template: JsonObject, change: (all: readonly JsonObject[]) => unknown): JsonObject => {
    const podSpec = objectAt(template, 'spec');
    return { ...template, spec: { ...podSpec, containers: change(arrayOf(podSpec['containers']) as JsonObject[]) } };
  };
  const setEnv = (template: JsonObject): JsonObject =>
    withContainers(template, (all) =>
      all.map((each) => ({ ...each, env: [...arrayOf(each['env']), { name: 'EXTRA', value: 'secret' }] })),
    );

  it.each([
    ['kubectl set env', setEnv, 'template.spec.containers[replica].env[EXTRA]'],
    [
      'kubectl rollout restart',
      (template: JsonObject) => ({
        ...template,
        metadata: {
          ...objectAt(template, 'metadata'),
          annotations: {
            ...objectAt(template, 'metadata', 'annotations'),
            'kubectl.kubernetes.io/restartedAt': '2026-12-02T10:00:00Z',
          },
        },
      }),
      'template.metadata.annotations[kubectl.kubernetes.io/restartedAt]',
    ],
    [
      'an added sidecar',
      (template: JsonObject) => withContainers(template, (all) => [...all, { name: 'sidecar', image: 'x' }]),
      'template.spec.containers[sidecar]',
    ],
  ])('are put back from %s as a whole, and the field is named without its value', async (_name, change, field) => {
    const cluster = new FakeCluster();
    const { platform, notices, pass } = open(cluster);
    await platform.apply(owner, [spec(2)], never);
    await pass(500);
    const before = objectAt(cluster.get(`${deployments}/${set}`), 'spec');
    changeTemplate(cluster, change);
    await pass(500);
    expect(objectAt(cluster.get(`${deployments}/${set}`), 'spec')).toEqual(before);
    expect(notices).toMatchObject([{ kind: 'deployment-put-back', name: set }]);
    expect(notices[0]?.message).toContain(field);
    expect(JSON.stringify(notices)).not.toContain('secret');
    await pass(5_000);
    expect(notices).toHaveLength(1);
  });

  it('are put back from a pause, and from what was changed while no control plane looked', async () => {
    const cluster = new FakeCluster();
    const first = open(cluster);
    await first.platform.apply(owner, [spec(2)], never);
    await first.platform.close();
    const found = cluster.get(`${deployments}/${set}`) ?? {};
    cluster.put(deployments, { ...found, spec: { ...objectAt(found, 'spec'), paused: true } });
    const second = open(cluster);
    await second.platform.apply(owner, [spec(2)], never);
    await second.pass(500);
    expect(objectAt(cluster.get(`${deployments}/${set}`), 'spec')['paused']).toBeUndefined();
    expect(second.notices).toMatchObject([
      { kind: 'deployment-put-back', message: expect.stringContaining('paused') as string },
    ]);
  });

  it('leave what the cluster itself writes, which is not said to be put back, and never fight over it', async () => {
    const cluster = new FakeCluster();
    const withDefaults = (object: JsonObject): JsonObject => ({
      ...object,
      spec: { ...objectAt(object, 'spec'), minReadySeconds: 0 },
    });
    cluster.admit = withDefaults;
    const { platform, notices, pass } = open(cluster);
    await platform.apply(owner, [spec(2)], never);
    await pass(500);
    const calls = writes(cluster).length;
    await pass(5_000);
    expect(writes(cluster)).toHaveLength(calls);
    expect(notices).toEqual([]);
    cluster.admit = (object) => {
      const all = withDefaults(object);
      const own = objectAt(all, 'spec', 'template');
      if (JSON.stringify(own).includes('EXTRA')) return all;
      return { ...all, spec: { ...objectAt(all, 'spec'), template: setEnv(own) } };
    };
    changeTemplate(cluster, setEnv);
    await pass(5_000);
    expect(envOf(cluster)).toContainEqual({ name: 'EXTRA', value: 'secret' });
    expect(notices).toMatchObject([{ kind: 'deployment-changed-by-cluster' }]);
    expect(writes(cluster).length).toBeLessThanOrEqual(calls + 4);
  });

  it('keep their template though somebody writes another one into its annotation', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    await platform.apply(owner, [spec(2)], never);
    await pass(500);
    const found = cluster.get(`${deployments}/${set}`) ?? {};
    const before = objectAt(found, 'spec', 'template');
    const metadata = objectAt(found, 'metadata');
    const annotations = { ...objectAt(metadata, 'annotations'), [annotationOf.template]: '{"spec":{}}' };
    cluster.put(deployments, { ...found, metadata: { ...metadata, annotations } });
    await pass(500);
    await platform.apply(owner, [spec(3)], never);
    expect(objectAt(cluster.get(`${deployments}/${set}`), 'spec', 'template')).toEqual(before);
  });

  it('go on without a disruption budget where the right to make one is missing, which is said once', async () => {
    const cluster = new FakeCluster();
    const message = 'poddisruptionbudgets.policy is forbidden: User "x" cannot create resource';
    cluster.failures.push({ matches: /POST .*poddisruptionbudgets/, status: 403, message, times: 9 });
    const { platform, notices, pass } = open(cluster);
    await platform.apply(owner, [spec(2)], never);
    await pass(5_000);
    await platform.apply(owner, [spec(3)], never);
    await pass(500);
    expect(countOf(cluster)).toBe(3);
    expect(notices.filter(({ kind }) => kind === 'no-disruption-budget')).toHaveLength(1);
  });

  it('have no disruption budget while they are one', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    await platform.apply(owner, [spec(1)], never);
    await pass(500);
    expect(writes(cluster)).toEqual([`PATCH ${deployments}/${set}`]);
  });

  it('of a changed template are shown as what they are, and those of an injector are not', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    await platform.apply(owner, [spec(2)], never);
    await pass(500);
    const template = objectAt(cluster.get(`${deployments}/${set}`), 'spec', 'template');
    const replicaSet = (name: string, own: JsonObject): void => {
      const labels = { ...objectAt(own, 'metadata', 'labels'), 'pod-template-hash': name };
      const metadata = { ...objectAt(own, 'metadata'), labels };
      cluster.put('/apis/apps/v1/namespaces/inference/replicasets', {
        metadata: { name: `${set}-${name}` },
        spec: { template: { ...own, metadata } },
      });
    };
    replicaSet('7d4f', template);
    replicaSet('8e5a', setEnv(template));
    putPod(cluster, `${set}-7d4f-x`);
    putPod(cluster, `${set}-8e5a-y`);
    await pass(500);
    const seen = await platform.observe(owner, never);
    const of = (name: string) => seen.find(({ replicaId }) => replicaId === `${set}-${name}`);
    expect(of('7d4f-x')?.state).not.toBe('draining');
    expect(of('8e5a-y')).toMatchObject({
      state: 'draining',
      reason: expect.stringContaining('spec.containers[replica].env[EXTRA]') as string,
    });
  });

  it('are made again when somebody removes the Deployment, and that is said', async () => {
    const cluster = new FakeCluster();
    const { platform, notices, pass } = open(cluster);
    await platform.apply(owner, [spec(2)], never);
    await pass(500);
    cluster.remove(`${deployments}/${set}`);
    await pass(500);
    expect(countOf(cluster)).toBe(2);
    expect(notices).toMatchObject([{ kind: 'deployment-made-again' }]);
  });

  it('leave the number to others where others count', async () => {
    const cluster = new FakeCluster();
    const { platform, notices, pass } = open(cluster);
    const counted = spec(2, { isCountedByAnother: true });
    await platform.apply(owner, [spec(2)], never);
    await pass(500);
    await platform.apply(owner, [counted], never);
    // Made, then handed over as it is, then left out, then compared as a whole.
    expect(writes(cluster).filter((call) => call.startsWith('PATCH'))).toEqual(
      Array.from({ length: 4 }, () => `PATCH ${deployments}/${set}`),
    );
    const found = cluster.get(`${deployments}/${set}`) ?? {};
    cluster.put(deployments, { ...found, spec: { ...objectAt(found, 'spec'), replicas: 7 } });
    await pass(500);
    expect(countOf(cluster)).toBe(7);
    expect(notices).toEqual([]);
    await platform.apply(owner, [spec(3)], never);
    expect(countOf(cluster)).toBe(3);
    expect(notices).toEqual([]);
  });

  it('that are removed leave a Deployment of others alone', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    cluster.put(deployments, { metadata: { name: 'other', labels: { app: 'other' } }, spec: { replicas: 1 } });
    await platform.apply(owner, [spec(1), spec(1, { set: 'digits-live-bbbbbbbbbbbb' })], never);
    await pass(500);
    await platform.apply(owner, [spec(1)], never, []);
    expect(writes(cluster).filter((call) => call.startsWith('DELETE'))).toEqual([
      `DELETE ${deployments}/digits-live-bbbbbbbbbbbb`,
    ]);
    expect(cluster.get(`${deployments}/other`)).toBeDefined();
  });

  it('whose sets are not known yet stay as they are', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    await platform.apply(owner, [spec(1)], never);
    await pass(500);
    await platform.apply(owner, [], never, [set]);
    expect(cluster.get(`${deployments}/${set}`)).toBeDefined();
  });
});

describe('a Deployment that is not ours', () => {
  it('is not touched, and shows as a failed replica with its owner', async () => {
    const cluster = new FakeCluster();
    const theirs = cluster.put(deployments, {
      metadata: { name: set },
      spec: { replicas: 4, selector: { matchLabels: { app: 'x' } } },
    });
    const { platform } = open(cluster);
    await platform.apply(owner, [spec(2)], never);
    expect(cluster.get(`${deployments}/${set}`)).toMatchObject({ spec: theirs['spec'] as object });
    const [replica] = await platform.observe(owner, never);
    expect(replica).toMatchObject({ state: 'failed', set });
    expect(replica?.reason).toContain('is not of Plimsoll: it was not touched');
  });

  it('may be of another installation in the same namespace', async () => {
    const cluster = new FakeCluster();
    const first = open(cluster, { installation: 'first' });
    await first.platform.apply(owner, [spec(2)], never);
    const second = open(cluster, { installation: 'second' });
    await second.platform.apply(owner, [spec(5)], never);
    expect(countOf(cluster)).toBe(2);
    expect((await second.platform.observe(owner, never))[0]?.reason).toContain('is of the installation first');
    await second.platform.apply(owner, [], never);
    expect(cluster.get(`${deployments}/${set}`)).toBeDefined();
  });
});

describe('an API server', () => {
  it.each([409, 429, 500])('that answers %i is asked again', async (status) => {
    const cluster = new FakeCluster();
    cluster.failures.push({ matches: /^PATCH/, status, times: 1 });
    const { platform, pass } = open(cluster);
    await platform.apply(owner, [spec(2)], never).catch(() => undefined);
    await platform.apply(owner, [spec(2)], never);
    await pass(500);
    expect(countOf(cluster)).toBe(2);
  });

  it('that is away is waited for; what was seen stays, with its age, and nothing is made twice', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    await platform.apply(owner, [spec(1)], never);
    putPod(cluster, `${set}-7d4f-x`);
    await pass(500);
    cluster.setAway(true);
    for (let minute = 0; minute < 10; minute += 1) await pass(60_000);
    const [seen] = await platform.observe(owner, never);
    expect(seen).toMatchObject({ state: 'ready', endpoint: 'http://10.0.0.7:8080' });
    expect(seen?.reason).toMatch(/as it was \d+ s ago/);
    await expect(platform.apply(owner, [spec(2)], never)).rejects.toMatchObject({ category: 'unavailable' });
    cluster.setAway(false);
    await pass(60_000);
    expect((await platform.observe(owner, never))[0]?.reason).not.toContain('as it was');
    expect(countOf(cluster)).toBe(2);
    expect(cluster.calls.filter((call) => call === `GET ${pods}`)).toHaveLength(1);
  });

  it('that was never there is said at the first look', async () => {
    const cluster = new FakeCluster();
    cluster.setAway(true);
    const { platform } = open(cluster);
    await expect(platform.observe(owner, never)).rejects.toMatchObject({ code: 'cluster-failed' });
  });

  it('that has forgotten the version of a watch is listed again, once', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    await platform.apply(owner, [spec(1)], never);
    await pass(500);
    cluster.put(deployments, { metadata: { name: 'other' }, spec: {} });
    cluster.compact();
    putPod(cluster, `${set}-7d4f-x`);
    await pass(5_000);
    expect(await platform.observe(owner, never)).toHaveLength(1);
    expect(cluster.calls.filter((call) => call === `GET ${pods}`).length).toBeLessThanOrEqual(2);
  });
});

describe('a set that cannot be made', () => {
  it.each<[string, Partial<ReplicaSetSpec['workload']>, string]>([
    ['an image by tag', { image: 'server:1', command: [] }, 'is not named by its digest'],
    [
      'a command without an image',
      { command: ['python', 'serve.py'] },
      'only the built-in model server runs without `code.image`',
    ],
    [
      'a Secret that nobody granted',
      { secrets: { TOKEN: 'secret/other#key' } },
      'the Secret other is not granted to digits in live',
    ],
    [
      'files',
      { codeFiles: [{ path: 'a.py', digest: digestOf('a'), bytes: 1 }] },
      'its pods do not know where to fetch them',
    ],
  ])('for %s shows why, and stops no other set', async (_what, more, reason) => {
    const cluster = new FakeCluster();
    const { platform } = open(cluster);
    const broken = spec(1, { set: 'digits-live-broken000000' });
    await platform.apply(owner, [{ ...broken, workload: { ...broken.workload, ...more } }, spec(1)], never);
    expect(countOf(cluster)).toBe(1);
    expect((await platform.observe(owner, never))[0]?.reason).toContain(reason);
  });

  it('for a quota on its pods shows what the quota says', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    await platform.apply(owner, [spec(1)], never);
    const found = cluster.get(`${deployments}/${set}`) ?? {};
    const conditions = [
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota: small' },
    ];
    cluster.put(deployments, { ...found, status: { conditions } });
    await pass(500);
    expect((await platform.observe(owner, never))[0]).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('exceeded quota: small') as string,
    });
  });
});

describe('marks for the end', () => {
  it('are set before the number falls, on the pods that were chosen', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    await platform.apply(owner, [spec(2)], never);
    for (const name of ['x', 'y']) putPod(cluster, `${set}-7d4f-${name}`);
    await pass(500);
    cluster.calls.length = 0;
    await platform.apply(owner, [spec(1, { stopFirst: [`${set}-7d4f-y`] })], never);
    expect(writes(cluster)).toEqual([
      `PATCH ${pods}/${set}-7d4f-y`,
      `PATCH ${deployments}/${set}`,
      `PATCH ${deployments}/${set}`,
    ]);
    expect(objectAt(cluster.get(`${pods}/${set}-7d4f-y`), 'metadata', 'annotations')[annotationOf.deletionCost]).toBe(
      '-2147483648',
    );
  });
});
