import { afterEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../core/units/digest.ts';
import type { ReplicaOwner, ReplicaSetSpec } from '../../../ports/serving/platform.ts';
import { objectAt, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { FakeClock, settled } from '../../../testing/fakes/fake-clock.ts';
import { workloadFor } from '../../../testing/fakes/fake-platform.ts';
import { FakeCluster } from '../../../testing/fakes/servers/fake-cluster.ts';
import { annotationOf, containerName } from '../manifests/labels.ts';
import type { ManifestOptions } from '../manifests/placement.ts';
import { KubernetesPlatform } from './kubernetes-platform.ts';
import type { PlatformNotice } from './platform-notice.ts';

const namespace = 'inference';
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
const pods = `/api/v1/namespaces/${namespace}/pods`;
const owner: ReplicaOwner = { service: 'digits', environment: 'live' };
const set = 'digits-live-aaaaaaaaaaaa';
const never = new AbortController().signal;
const image = `registry.example/server@sha256:${'a'.repeat(64)}`;

let opened: KubernetesPlatform[] = [];
afterEach(async () => {
  await Promise.all(opened.map((platform) => platform.close()));
  opened = [];
});

function open(cluster: FakeCluster, more: Partial<ManifestOptions> = {}) {
  const clock = new FakeClock();
  const notices: PlatformNotice[] = [];
  const platform = new KubernetesPlatform({
    client: cluster.client(),
    clock,
    random: { next: () => 0.5, hex: () => '0' },
    manifest: {
      installation: 'first',
      namespace,
      own: { image, command: ['plimsoll'] },
      preStopSeconds: 2,
      countedByAnother: false,
      secretGrants: () => [],
      ...more,
    },
    onNotice: (notice) => notices.push(notice),
  });
  opened.push(platform);
  const pass = async (ms: number): Promise<void> => {
    await settled();
    await clock.advance(ms);
    await settled();
  };
  return { platform, clock, notices, pass };
}

function spec(replicas: number, more: Partial<ReplicaSetSpec> = {}): ReplicaSetSpec {
  return {
    set,
    pair: digestOf('pair'),
    release: 3,
    replicas,
    stopFirst: [],
    workload: { ...workloadFor({ kind: 'ready' }), command: ['plimsoll', 'serve'] },
    drainTimeoutMs: 5_000,
    startTimeoutMs: 60_000,
    ...more,
  };
}

const countOf = (cluster: FakeCluster): unknown => objectAt(cluster.get(`${deployments}/${set}`), 'spec')['replicas'];
const writes = (cluster: FakeCluster): readonly string[] =>
  cluster.calls.filter((call) => /^(PATCH|DELETE|POST)/.test(call));

/** As the controllers and the kubelet make it of the Deployment. */
function putPod(cluster: FakeCluster, name: string, status: JsonObject = {}): void {
  const template = objectAt(cluster.get(`${deployments}/${set}`), 'spec', 'template', 'metadata');
  cluster.put(pods, {
    metadata: {
      ...template,
      name,
      creationTimestamp: '2023-11-14T22:13:20Z',
      ownerReferences: [{ kind: 'ReplicaSet', controller: true, name: `${set}-7d4f` }],
    },
    spec: { nodeName: 'n1' },
    status: {
      phase: 'Running',
      podIP: '10.0.0.7',
      conditions: [{ type: 'ContainersReady', status: 'True', lastTransitionTime: '2023-11-14T22:13:25Z' }],
      containerStatuses: [
        {
          name: containerName,
          containerID: 'c1',
          ready: true,
          restartCount: 0,
          state: { running: { startedAt: '2023-11-14T22:13:22Z' } },
        },
      ],
      ...status,
    },
  });
}

describe('replicas on Kubernetes', () => {
  it('are asked for once, and never again while nothing moves', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    for (let turn = 0; turn < 5; turn += 1) {
      await platform.apply(owner, [spec(2)], never);
      await pass(2_000);
    }
    expect(writes(cluster)).toEqual([`PATCH ${deployments}/${set}`]);
    expect(countOf(cluster)).toBe(2);
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
    expect(writes(cluster)).toHaveLength(2);
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
        set,
        message: expect.stringContaining('to 0 replicas; it is put back to 2') as string,
      },
    ]);
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
    const { platform, notices, pass } = open(cluster, { countedByAnother: true });
    await platform.apply(owner, [spec(2)], never);
    expect(objectAt(cluster.get(`${deployments}/${set}`), 'spec')).not.toHaveProperty('replicas');
    const found = cluster.get(`${deployments}/${set}`) ?? {};
    cluster.put(deployments, { ...found, spec: { ...objectAt(found, 'spec'), replicas: 7 } });
    await pass(500);
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

describe('a pod', () => {
  const seen = async (status: JsonObject) => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    await platform.apply(owner, [spec(1)], never);
    putPod(cluster, `${set}-7d4f-x`, status);
    await pass(500);
    return (await platform.observe(owner, never))[0];
  };
  const container = (more: JsonObject): JsonObject => ({
    containerStatuses: [{ name: containerName, containerID: 'c1', restartCount: 0, ...more }],
  });

  it('that is ready has an endpoint, and the phases of its start', async () => {
    expect(await seen({})).toMatchObject({
      replicaId: `${set}-7d4f-x`,
      release: 3,
      state: 'ready',
      endpoint: 'http://10.0.0.7:8080',
      phases: [{ startMs: 0, durationMs: 5_000 }],
    });
  });

  it('of an IPv6 cluster has its address in brackets', async () => {
    expect((await seen({ podIP: 'fd00::7' }))?.endpoint).toBe('http://[fd00::7]:8080');
  });

  it('that no node has room for says why', async () => {
    const message = '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.';
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    await platform.apply(owner, [spec(1)], never);
    putPod(cluster, `${set}-7d4f-x`, { phase: 'Pending', conditions, containerStatuses: [] });
    const found = cluster.get(`${pods}/${set}-7d4f-x`) ?? {};
    cluster.put(pods, { ...found, spec: {} });
    await pass(500);
    expect((await platform.observe(owner, never))[0]).toMatchObject({
      state: 'pending',
      reason: `no node has room for it: ${message}`,
    });
  });

  it.each<[string, JsonObject, RegExp]>([
    [
      'ErrImagePull',
      container({ state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } }),
      /image cannot be pulled: not found/,
    ],
    [
      'a missing Secret',
      container({ state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "a" not found' } } }),
      /secret "a" not found/,
    ],
    [
      'a crash',
      container({
        restartCount: 2,
        state: {
          waiting: { reason: 'CrashLoopBackOff', message: 'back-off 1m20s restarting failed container=replica' },
        },
        lastState: {
          terminated: { exitCode: 7, startedAt: '2023-11-14T22:13:20Z', finishedAt: '2023-11-14T22:13:22Z' },
        },
      }),
      /^exit status 7 after 2 s; next start in 80 s$/,
    ],
    [
      'too little memory',
      container({
        state: {
          terminated: {
            exitCode: 137,
            reason: 'OOMKilled',
            startedAt: '2023-11-14T22:13:20Z',
            finishedAt: '2023-11-14T22:13:22Z',
          },
        },
      }),
      /over its memory limit \(OOMKilled\); next start at once/,
    ],
  ])('that fails by %s says so', async (_what, status, reason) => {
    const replica = await seen({ phase: 'Pending', ...status });
    expect(replica).toMatchObject({ state: 'failed', endpoint: null, readyAtMs: null });
    expect(replica?.reason).toMatch(reason);
  });

  it('that restarted in place is another replica', async () => {
    const running = { state: { running: { startedAt: '2023-11-14T22:14:00Z' } }, ready: true, restartCount: 2 };
    expect(await seen(container(running))).toMatchObject({
      replicaId: `${set}-7d4f-x.2`,
      restarts: 2,
      startedAtMs: 1_700_000_040_000,
    });
  });

  it('that was evicted is over', async () => {
    expect(await seen({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' })).toMatchObject({
      state: 'stopped',
      reason: 'the pod is over (Evicted: The node was low on memory.)',
    });
  });

  it('of a lost node is not ready', async () => {
    const at = '2023-11-14T22:13:25Z';
    const conditions = [
      { type: 'Ready', status: 'False', lastTransitionTime: at },
      { type: 'ContainersReady', status: 'True', lastTransitionTime: at },
      { type: 'plimsoll.dev/admitted', status: 'True', lastTransitionTime: at },
    ];
    expect(await seen({ conditions })).toMatchObject({
      state: 'starting',
      reason: 'ready no longer: its node n1 does not answer',
    });
  });

  it('that somebody else made with our labels is passed over', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = open(cluster);
    await platform.apply(owner, [spec(1)], never);
    const { metadata } = objectAt(cluster.get(`${deployments}/${set}`), 'spec', 'template');
    cluster.put(pods, { metadata: { ...(metadata as object), name: 'by-hand' }, status: {} });
    await pass(500);
    expect(await platform.observe(owner, never)).toEqual([]);
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
    ['files', { codeFiles: [{ path: 'a.py', digest: digestOf('a'), bytes: 1 }] }, 'nothing brings files into pods yet'],
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
    expect(writes(cluster)).toEqual([`PATCH ${pods}/${set}-7d4f-y`, `PATCH ${deployments}/${set}`]);
    expect(objectAt(cluster.get(`${pods}/${set}-7d4f-y`), 'metadata', 'annotations')[annotationOf.deletionCost]).toBe(
      '-2147483648',
    );
  });
});
