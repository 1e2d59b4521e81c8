/**
 * The image of Plimsoll runs on the real kubelet by the manifests that `plimsoll install kubernetes --print` prints, in a
 * namespace where pods must be `restricted`. What the cluster lacks stands in the test: kube-proxy, DNS, a volume.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assembleImage } from '../../scripts/image/assemble-image.ts';
import { fetchDebianPackages } from '../../scripts/image/debian-packages.ts';
import { makeApiClient } from '../../src/adapters/kubernetes/api/api-client.ts';
import { loadKubeconfig } from '../../src/adapters/kubernetes/kubeconfig.ts';
import type { Installation } from '../../src/ports/serving/installation.ts';
import { ownProgramVariable } from '../../src/testing/rigs/own-program.ts';
import buildProgramOnce from '../build-program.ts';
import { callApi, demandApi } from './cluster/api.ts';
import { putLayout } from './cluster/layout-image.ts';
import { fileOf, placeFromEnvironment, realNode, realNodeLabel, type ClusterPlace } from './cluster/place.ts';
import { ServiceProxy } from './cluster/service-proxy.ts';

const place = placeFromEnvironment();
const missing = place === null ? 'no cluster' : missingBase();
if (missing !== null && place !== null) console.warn(`skipped: ${missing}`);

/** The network is outside of the cluster: test/kubernetes/run.ts downloads before it starts. */
function missingBase(): string | null {
  try {
    fetchDebianPackages();
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

const namespace = 'installed';
const core = `/api/v1/namespaces/${namespace}`;
const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-installation-'));
const limitMs = 120_000;

describe.skipIf(missing !== null)('an installation on a real kubelet', () => {
  const cluster = place as ClusterPlace;
  const proxy = new ServiceProxy(cluster);
  let printed: Installation = [];
  let program = '';
  let controlPlane = '';
  let gateways = '';
  let admin = '';

  const own = (args: readonly string[], input = ''): Promise<Ran> =>
    run(process.execPath, [program, ...args], input, { PLIMSOLL_SERVER: '', PLIMSOLL_PLAIN_HTTP: '1' });
  const kubectl = (args: readonly string[], input = ''): Promise<Ran> =>
    run(path.join(cluster.binaries, 'kubectl'), args, input, { KUBECONFIG: fileOf.kubeconfig(cluster, 'admin') });
  const ask = (at: string, token = admin): Promise<Response> =>
    fetch(`${controlPlane}${at}`, { headers: token === '' ? {} : { authorization: `Bearer ${token}` } });
  /** Without those that are told to end. */
  const podsOf = async (component: string): Promise<readonly Pod[]> => {
    const selector = `app.kubernetes.io/component=${component}`;
    const { items } = await demandApi(cluster, 'GET', `${core}/pods?labelSelector=${selector}`);
    return (items as readonly Pod[]).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  };

  beforeAll(async () => {
    buildProgramOnce();
    program = process.env[ownProgramVariable] ?? '';
    const layout = path.join(folder, 'image');
    const image = await assembleImage(path.dirname(program), layout);
    const reference = putLayout(cluster, layout, 'plimsoll', image.manifest.descriptor.digest);
    await makeNamespace(cluster);
    admin = await makeSecrets(cluster, own);
    await proxy.openApiServer();
    const asked = [
      'install',
      'kubernetes',
      '--print',
      '--namespace',
      namespace,
      '--image',
      reference,
      '--storage',
      '1Gi',
    ];
    const yaml = await own(asked);
    expect(yaml).toMatchObject({ status: 0 });
    printed = (JSON.parse((await own([...asked, '--json'])).stdout) as { items: Installation }).items;
    expect(await kubectl(['apply', '--server-side', '-f', '-'], yaml.stdout)).toMatchObject({ status: 0, stderr: '' });
    const address = await proxy.open(namespace, 'plimsoll-control-plane', 7070, 7070);
    controlPlane = `http://${address}:7070`;
    gateways = `http://${await proxy.open(namespace, 'plimsoll-gateway', 80, 8080)}`;
    // In the place of DNS; and nodes that another test plays take no gateway.
    const hostAliases = [{ ip: address, hostnames: [`plimsoll-control-plane.${namespace}.svc`] }];
    const change = { spec: { template: { spec: { hostAliases, nodeSelector: realNodeLabel } } } };
    const type = 'application/strategic-merge-patch+json';
    const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/plimsoll-gateway`;
    await demandApi(cluster, 'PATCH', deployment, change, type);
    await until('the control plane answers', async () => (await ask('/v1/identity')).status === 200);
    await until('two gateways are ready', async () => {
      const { status, metadata } = await demandApi(cluster, 'GET', deployment);
      return (
        status.observedGeneration === metadata.generation &&
        status.updatedReplicas === 2 &&
        status.availableReplicas === 2 &&
        status.replicas === 2
      );
    });
  }, 240_000);

  afterAll(async () => {
    await proxy.close();
    await callApi(cluster, 'DELETE', `/api/v1/namespaces/${namespace}`);
    await callApi(cluster, 'DELETE', '/api/v1/persistentvolumes/plimsoll-state');
    rmSync(folder, { recursive: true, force: true });
  }, 180_000);

  it('answers with its version to who has a token, and to nobody else', async () => {
    const identity = (await (await ask('/v1/identity')).json()) as { plimsollVersion: string; store: string };
    expect(identity).toMatchObject({ store: '/var/lib/plimsoll/store.sqlite' });
    expect((await ask('/v1/identity', '')).status).toBe(401);
    expect((await fetch(`${gateways}/plimsoll/ready`)).status).toBe(200);
  });

  it('runs as a user without rights, with a root file system that nobody writes to', async () => {
    let running: readonly RunningProcess[] = [];
    await until('a control plane and two gateways run', () => {
      running = processesOf(/\/opt\/plimsoll\/dist\/plimsoll\.mjs (?:control-plane|gateway)/);
      return Promise.resolve(running.length === 3);
    });
    for (const { uid, capabilities, rootIsReadOnly } of running) {
      expect({ uid, capabilities, rootIsReadOnly }).toEqual({ uid: 65_532, capabilities: 0n, rootIsReadOnly: true });
    }
  });

  it('is the same when our own client applies it', async () => {
    const env = { KUBECONFIG: fileOf.kubeconfig(cluster, 'admin') };
    const client = makeApiClient(loadKubeconfig({ env }));
    for (const object of printed) {
      const at = pathOf(object);
      const before = await demandApi(cluster, 'GET', at);
      const { status, body } = await client.call({
        method: 'PATCH',
        path: at,
        query: { fieldManager: 'kubectl', dryRun: 'All' },
        body: object,
        contentType: 'application/apply-patch+yaml',
        signal: new AbortController().signal,
      });
      expect(status).toBe(200);
      const { metadata: _now, status: _status, ...now } = body;
      const { metadata: _then, status: _statusThen, ...then } = before;
      expect(now).toEqual(then);
    }
  });

  it('gives the control plane the rights of its Role, and the gateway none', async () => {
    const may = async (account: string, verb: string, resource: string, group = ''): Promise<boolean> => {
      const { status } = await demandApi(cluster, 'POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: `system:serviceaccount:${namespace}:plimsoll-${account}`,
          resourceAttributes: { namespace, verb, resource, group },
        },
      });
      return status.allowed === true;
    };
    expect(await may('control-plane', 'create', 'deployments', 'apps')).toBe(true);
    expect(await may('control-plane', 'watch', 'pods')).toBe(true);
    expect(await may('control-plane', 'get', 'secrets')).toBe(false);
    expect(await may('control-plane', 'create', 'pods')).toBe(false);
    expect(await may('control-plane', 'list', 'nodes')).toBe(false);
    expect(await may('gateway', 'list', 'pods')).toBe(false);
  });

  it('keeps one gateway while nodes are drained', async () => {
    const evict = async ({ metadata }: Pod): Promise<number> => {
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name, namespace } };
      return (await callApi(cluster, 'POST', `${core}/pods/${metadata.name}/eviction`, body)).status;
    };
    const [first, second] = (await podsOf('gateway')) as readonly [Pod, Pod];
    await until('the budget knows both', async () => {
      const budget = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/plimsoll-gateway`;
      return (await demandApi(cluster, 'GET', budget)).status?.disruptionsAllowed === 1;
    });
    expect(await evict(first)).toBe(201);
    expect(await evict(second)).toBe(429);
    expect((await fetch(`${gateways}/plimsoll/live`)).status).toBe(200);
  });

  it('keeps its records on the volume, and gateways answer meanwhile, when the control plane is killed', async () => {
    const file = path.join(folder, 'environment.yaml');
    writeFileSync(file, 'policy: { neverWaived: [evaluation] }\n');
    const server = ['--server', controlPlane];
    const env = { PLIMSOLL_TOKEN: admin, PLIMSOLL_PLAIN_HTTP: '1' };
    const set = await run(
      process.execPath,
      [program, 'environment', 'set', 'prod', '--file', file, ...server],
      '',
      env,
    );
    expect(set).toMatchObject({ status: 0 });
    const [pod] = await podsOf('control-plane');
    await demandApi(cluster, 'DELETE', `${core}/pods/${pod?.metadata.name}?gracePeriodSeconds=0`);
    expect((await fetch(`${gateways}/plimsoll/ready`)).status).toBe(200);
    let records = '';
    await until('another pod answers', async () => {
      const [now] = await podsOf('control-plane');
      if (now === undefined || now.metadata.uid === pod?.metadata.uid) return false;
      const answer = await ask('/v1/environments');
      records = await answer.text();
      return answer.status === 200;
    });
    expect(records).toContain('"evaluation"');
  });
});

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
}

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  file: string,
  args: readonly string[],
  input: string,
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  const child = spawn(file, args, { cwd: folder, env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

/** Where pods must be `restricted`, and a volume that waits for the claim of the control plane. */
async function makeNamespace(cluster: ClusterPlace): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const metadata = { name: namespace, labels };
  await demandApi(cluster, 'POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  const at = path.join(cluster.folder, 'state-volume');
  mkdirSync(at);
  const values = [realNode];
  await demandApi(cluster, 'POST', '/api/v1/persistentvolumes', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'plimsoll-state' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace, name: 'state-plimsoll-control-plane-0' },
      local: { path: at },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values }] }],
        },
      },
    },
  });
}

/** As the comments of the manifests say. @returns the token of an administrator. */
async function makeSecrets(cluster: ClusterPlace, own: (args: readonly string[]) => Promise<Ran>): Promise<string> {
  const file = path.join(folder, 'tokens');
  const add = async (name: string, role: string): Promise<string> => {
    const { status, stdout } = await own(['token', 'add', name, '--role', role, '--file', file]);
    expect(status).toBe(0);
    return stdout.trim();
  };
  const [gateway, admin] = [await add('gateway', 'gateway'), await add('admin', 'operate')];
  const secrets = { tokens: { tokens: readFileSync(file, 'utf8') }, 'gateway-token': { token: gateway } };
  for (const [name, stringData] of Object.entries(secrets)) {
    const metadata = { name: `plimsoll-${name}` };
    await demandApi(cluster, 'POST', `${core}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata, stringData });
  }
  return admin;
}

function pathOf({ apiVersion, kind, metadata }: Installation[number]): string {
  const plural = kind === 'NetworkPolicy' ? 'networkpolicies' : `${kind.toLowerCase()}s`;
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${root}/namespaces/${metadata.namespace}/${plural}/${metadata.name}`;
}

interface RunningProcess {
  readonly uid: number;
  /** Effective ones. */
  readonly capabilities: bigint;
  readonly rootIsReadOnly: boolean;
}

function processesOf(pattern: RegExp): readonly RunningProcess[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');
      if (!pattern.test(read('cmdline').replaceAll('\0', ' '))) return [];
      const status = read('status');
      const [mount = ''] = read('mounts').split('\n');
      return [
        {
          uid: Number(/^Uid:\t(\d+)/m.exec(status)?.[1]),
          capabilities: BigInt(`0x${/^CapEff:\t([0-9a-f]+)/m.exec(status)?.[1]}`),
          rootIsReadOnly: / \/ \S+ ro[ ,]/.test(mount),
        },
      ];
    } catch {
      // It ended in between.
      return [];
    }
  });
}

/** Looks until something holds; what is thrown meanwhile is a no. @throws Error with what was waited for. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  let last = '';
  for (const giveUpAtMs = performance.now() + limitMs; performance.now() < giveUpAtMs; await delay(250)) {
    const held = await holds().catch((thrown: unknown) => {
      last = String(thrown);
      return false;
    });
    if (held) return;
  }
  throw new Error(`it did not come about that ${what}; last: ${last}`);
}
