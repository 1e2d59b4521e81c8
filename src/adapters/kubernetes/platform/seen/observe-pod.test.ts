import { afterEach, describe, expect, it } from 'vitest';
import { objectAt, type JsonObject } from '../../../../protocols/kubernetes-objects/json-object.ts';
import { FakeCluster } from '../../../../testing/fakes/servers/fake-cluster.ts';
import { containerName } from '../../manifests/labels.ts';
import {
  closeAll,
  deployments,
  never,
  open,
  owner,
  pods,
  putPod,
  set,
  spec,
} from '../../../../testing/fakes/servers/platform-on-fake-cluster.ts';
afterEach(closeAll);

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

  it('whose files are being fetched waits for them, and says why where they cannot be had', async () => {
    const files = (state: JsonObject, more: JsonObject = {}): JsonObject => ({
      ...container({ state: { waiting: { reason: 'PodInitializing' } } }),
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'True' }],
      initContainerStatuses: [{ name: 'files', restartCount: 1, state, ...more }],
    });
    expect(await seen(files({ running: { startedAt: '2026-11-28T00:00:01Z' } }))).toMatchObject({
      state: 'pending',
      reason: expect.stringContaining('fetches its files') as string,
    });
    const message = 'tries again\nplimsoll fetch-files: the control plane at http://a does not answer\n';
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 20s restarting failed container=files' };
    const lastState = { terminated: { exitCode: 1, reason: 'Error', message } };
    expect(await seen(files({ waiting }, { lastState }))).toMatchObject({
      state: 'failed',
      reason:
        'its files could not be fetched: plimsoll fetch-files: the control plane at http://a does not answer; next start in 20 s',
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
      'a crash with the last lines of its log',
      container({
        restartCount: 1,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container=replica' } },
        lastState: {
          terminated: {
            exitCode: 2,
            reason: 'Error',
            message:
              'loading\nTraceback (most recent call last):\n  File "a.py", line 3\n\n    load(dtype)\nValueError: unknown dtype\n\n',
            startedAt: '2023-11-14T22:13:20Z',
            finishedAt: '2023-11-14T22:13:22Z',
          },
        },
      }),
      /^exit status 2 after 2 s: "Traceback \(most recent call last\): \| File "a.py", line 3 \| load\(dtype\) \| ValueError: unknown dtype"; next start in 10 s$/,
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

  it.each([
    ['an hour ahead', 3_600_000, 1_000],
    ['an hour behind', -3_600_000, 1_000],
  ])(
    'on a node whose clock is %s has a start of phases without gaps, none of them negative',
    async (_what, skewMs, most) => {
      const at = (ms: number): string => new Date(1_700_000_000_000 + ms + skewMs).toISOString();
      const replica = await seen({
        conditions: [
          { type: 'PodScheduled', status: 'True', lastTransitionTime: '2023-11-14T22:13:21Z' },
          { type: 'ContainersReady', status: 'True', lastTransitionTime: at(5_000) },
        ],
        ...container({ ready: true, state: { running: { startedAt: at(2_000) } } }),
      });
      expect(replica?.state).toBe('ready');
      const totalMs = (replica?.readyAtMs ?? NaN) - (replica?.startedAtMs ?? NaN);
      expect(totalMs).toBeGreaterThanOrEqual(0);
      // No hour: as long as it was seen, half a second, and not before it had a node.
      expect(totalMs).toBeLessThanOrEqual(most);
      const phases = replica?.phases ?? [];
      expect(phases.every(({ durationMs }) => durationMs > 0)).toBe(true);
      expect(phases.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBe(totalMs);
    },
  );

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

  it('whose gate was opened a moment ago is ready all the while', async () => {
    const conditions = [
      { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady' },
      { type: 'ContainersReady', status: 'True', lastTransitionTime: '2023-11-14T22:13:25Z' },
      { type: 'plimsoll.dev/admitted', status: 'True' },
    ];
    expect(await seen({ conditions })).toMatchObject({ state: 'ready' });
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
