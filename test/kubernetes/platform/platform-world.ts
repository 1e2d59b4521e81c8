import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { makeApiClient, type ApiClient } from '../../../src/adapters/kubernetes/api/api-client.ts';
import { loadKubeconfig } from '../../../src/adapters/kubernetes/kubeconfig.ts';
import type { ManifestOptions, Placement } from '../../../src/adapters/kubernetes/manifests/placement.ts';
import { KubernetesPlatform } from '../../../src/adapters/kubernetes/platform/kubernetes-platform.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import type { ObservedReplica } from '../../../src/core/rollout/replica.ts';
import { digestOf } from '../../../src/core/units/digest.ts';
import type { PlatformNotice } from '../../../src/ports/serving/platform-notice.ts';
import type { ReplicaOwner, ReplicaSetSpec } from '../../../src/ports/serving/platform.ts';
import type { ReplicaBehaviour } from '../../../src/testing/contracts/platform-contract.ts';
import { scriptedWorkload, scriptOf } from '../../../src/testing/rigs/local-platform-fixture.ts';
import { callApi, demandApi } from '../cluster/api.ts';
import { writeKubeconfig } from '../cluster/control-plane.ts';
import { findImage, putProgramImage } from '../cluster/image.ts';
import { realNodeLabel, type ClusterPlace } from '../cluster/place.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const roleFile = path.join(root, 'deploy/kubernetes/replicas-role.yaml');
export const programCommand = ['/bin/node', '/program.mjs'];
export const owner: ReplicaOwner = { service: 'digits', environment: 'test' };
export const never = new AbortController().signal;

interface Role {
  readonly rules: readonly {
    readonly apiGroups: string[];
    readonly resources: string[];
    readonly resourceNames?: string[];
    readonly verbs: string[];
  }[];
}
export const readRole = (): Role => parse(readFileSync(roleFile, 'utf8')) as Role;

const scriptedServer = path.join(root, 'src/testing/rigs/programs/scripted-server.ts');

/** The image of the scripted server, made once for a cluster. */
export async function putScriptedImage(place: ClusterPlace): Promise<string> {
  return findImage(place, 'scripted') ?? (await putProgramImage(place, 'scripted', scriptedServer));
}

/** The same with a layer that is not on the node yet. */
export const putLargeImage = (place: ClusterPlace, ballastBytes: number): Promise<string> =>
  putProgramImage(place, 'large', scriptedServer, ballastBytes);

/** A namespace of its own where pods must be `restricted`, and a service account that may do what the Role says. */
export async function makeNamespace(
  place: ClusterPlace,
  role: Role = readRole(),
): Promise<{ namespace: string; client: ApiClient }> {
  const namespace = `t-${systemRandom.hex(4)}`;
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await demandApi(place, 'POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels },
  });
  const core = `/api/v1/namespaces/${namespace}`;
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'plimsoll' } };
  await demandApi(place, 'POST', `${core}/serviceaccounts`, account);
  await demandApi(place, 'POST', `${rbac}/roles`, role);
  await demandApi(place, 'POST', `${rbac}/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'plimsoll' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'plimsoll-replicas' },
    subjects: [{ kind: 'ServiceAccount', name: 'plimsoll', namespace }],
  });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { status } = await demandApi(place, 'POST', `${core}/serviceaccounts/plimsoll/token`, request);
  for (let tried = 0; tried < 100; tried += 1) {
    if ((await callApi(place, 'GET', `${core}/serviceaccounts/default`)).status === 200) break;
    await delay(100);
  }
  const file = writeKubeconfig(place, namespace, String(status.token));
  return { namespace, client: makeApiClient(loadKubeconfig({ env: { KUBECONFIG: file } })) };
}

/** Lets the service account of a namespace read nodes, by the ClusterRole that is handed out. Returns what is to be removed. */
export async function grantNodes(
  place: ClusterPlace,
  namespace: string,
  account = 'plimsoll',
): Promise<readonly string[]> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const role = parse(readFileSync(path.join(root, 'deploy/kubernetes/nodes-cluster-role.yaml'), 'utf8')) as object;
  const metadata = { name: `nodes-of-${namespace}` };
  await demandApi(place, 'POST', `${rbac}/clusterroles`, { ...role, metadata });
  await demandApi(place, 'POST', `${rbac}/clusterrolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  });
  return ['clusterrolebindings', 'clusterroles'].map((kind) => `${rbac}/${kind}/${metadata.name}`);
}

export interface PlatformWorld {
  readonly namespace: string;
  readonly client: ApiClient;
  readonly platform: KubernetesPlatform;
  readonly notices: readonly PlatformNotice[];
  /** Another platform with the same rights in the same namespace. */
  open(more?: WorldOptions): KubernetesPlatform;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly manifest?: Partial<ManifestOptions>;
  readonly placement?: Placement;
  readonly role?: Role;
}

/** Replicas go to the real kubelet unless a placement says otherwise. */
export async function openWorld(
  place: ClusterPlace,
  image: string,
  options: WorldOptions = {},
): Promise<PlatformWorld> {
  const { namespace, client } = await makeNamespace(place, options.role);
  const notices: PlatformNotice[] = [];
  const opened: KubernetesPlatform[] = [];
  const open = (more: WorldOptions = options): KubernetesPlatform => {
    const platform = new KubernetesPlatform({
      client,
      clock: systemClock,
      random: systemRandom,
      manifest: { ...makeManifestOptions(namespace, image), ...more.manifest },
      placement: () => more.placement ?? { nodeSelector: realNodeLabel },
    });
    const observe = platform.observe.bind(platform);
    opened.push(platform);
    return Object.assign(platform, {
      observe: (...asked: Parameters<typeof observe>) => {
        notices.push(...platform.takeNotices(asked[0]));
        return observe(...asked);
      },
    });
  };
  return {
    namespace,
    client,
    platform: open(),
    notices,
    open,
    async close() {
      await Promise.all(opened.map((each) => each.close()));
      await callApi(place, 'DELETE', `/api/v1/namespaces/${namespace}`);
    },
  };
}

function makeManifestOptions(namespace: string, image: string): ManifestOptions {
  return {
    installation: 'test',
    namespace,
    own: { image, command: programCommand },
    preStopSeconds: 0,
    secretGrants: () => [],
  };
}

export function makeSpec(
  behaviour: ReplicaBehaviour,
  replicas: number,
  more: Partial<ReplicaSetSpec> = {},
): ReplicaSetSpec {
  return {
    set: 'digits-test-aaaaaaaaaaaa',
    pair: digestOf('pair'),
    release: 1,
    replicas,
    stopFirst: [],
    workload: scriptedWorkload(scriptOf(behaviour)),
    drainTimeoutMs: 5_000,
    startTimeoutMs: 60_000,
    ...more,
  };
}

/** Looks until something holds. @throws Error with what was seen last. */
export async function untilReplicas(
  platform: KubernetesPlatform,
  holds: (replicas: readonly ObservedReplica[]) => boolean,
  limitMs = 90_000,
): Promise<readonly ObservedReplica[]> {
  let seen: readonly ObservedReplica[] = [];
  for (const giveUpAtMs = performance.now() + limitMs; performance.now() < giveUpAtMs; await delay(200)) {
    seen = await platform.observe(owner, never);
    if (holds(seen)) return seen;
  }
  throw new Error(`it did not come about; last seen: ${JSON.stringify(seen)}`);
}

export const areReady = (count: number) => (replicas: readonly ObservedReplica[]) =>
  replicas.length === count && replicas.every(({ state }) => state === 'ready');

/** Ends the process of a replica from outside of its container. */
export function killContainer(pod: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (variables.includes(`PLIMSOLL_REPLICA_ID=${pod}`)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended in between, or is not ours to read.
    }
  }
}
