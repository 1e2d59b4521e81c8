import {
  KubernetesPlatform,
  type KubernetesPlatformOptions,
} from '../../../adapters/kubernetes/platform/kubernetes-platform.ts';
import type { PlatformNotice } from '../../../ports/serving/platform-notice.ts';
import { containerName } from '../../../adapters/kubernetes/manifests/labels.ts';
import type { ManifestOptions } from '../../../adapters/kubernetes/manifests/placement.ts';
import { digestOf } from '../../../core/units/digest.ts';
import type { ReplicaOwner, ReplicaSetSpec } from '../../../ports/serving/platform.ts';
import { objectAt, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { FakeClock, settled } from '../fake-clock.ts';
import { workloadFor } from '../fake-platform.ts';
import type { FakeCluster } from './fake-cluster.ts';

const namespace = 'inference';
export const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
export const pods = `/api/v1/namespaces/${namespace}/pods`;
export const owner: ReplicaOwner = { service: 'digits', environment: 'live' };
export const set = 'digits-live-aaaaaaaaaaaa';
export const never = new AbortController().signal;
export const image = `registry.example/server@sha256:${'a'.repeat(64)}`;

let opened: KubernetesPlatform[] = [];

/** After each test. */
export async function closeAll(): Promise<void> {
  await Promise.all(opened.map((platform) => platform.close()));
  opened = [];
}

/** A platform on a cluster in memory, with a clock that moves only when a test says so. */
export function open(
  cluster: FakeCluster,
  more: Partial<ManifestOptions> = {},
  parts: Partial<Pick<KubernetesPlatformOptions, 'client' | 'nodeFacts' | 'placement' | 'probeOverTls'>> = {},
) {
  const clock = new FakeClock();
  const notices: PlatformNotice[] = [];
  const platform = new KubernetesPlatform({
    client: cluster.client(),
    ...parts,
    clock,
    random: { next: () => 0.5, hex: () => '0' },
    manifest: {
      installation: 'first',
      namespace,
      own: { image, command: ['plimsoll'] },
      preStopSeconds: 2,
      secretGrants: () => [],
      ...more,
    },
  });
  opened.push(platform);
  const pass = async (ms: number): Promise<void> => {
    await settled();
    await clock.advance(ms);
    await settled();
    notices.push(...platform.takeNotices(owner));
  };
  return { platform, clock, notices, pass };
}

export function spec(replicas: number, more: Partial<ReplicaSetSpec> = {}): ReplicaSetSpec {
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

export const countOf = (cluster: FakeCluster): unknown =>
  objectAt(cluster.get(`${deployments}/${set}`), 'spec')['replicas'];
export const writes = (cluster: FakeCluster): readonly string[] =>
  cluster.calls.filter((call) => /^(PATCH|DELETE|POST)/.test(call));

/** As the controllers and the kubelet make it of the Deployment. */
export function putPod(cluster: FakeCluster, name: string, status: JsonObject = {}): void {
  const template = objectAt(cluster.get(`${deployments}/${set}`), 'spec', 'template', 'metadata');
  cluster.put(pods, {
    metadata: {
      ...template,
      name,
      creationTimestamp: '2023-11-14T22:13:20Z',
      ownerReferences: [
        { kind: 'ReplicaSet', controller: true, name: /^.*-[0-9a-f]{4}(?=-[a-z]$)/.exec(name)?.[0] ?? `${set}-7d4f` },
      ],
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
