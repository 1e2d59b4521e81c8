/**
 * The image of Plimsoll runs on the real kubelet by the manifests that `plimsoll install kubernetes --print` prints, in a
 * namespace where pods must be `restricted`. What the cluster lacks stands in the test: kube-proxy, DNS, a volume.
 */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assembleImage } from '../../scripts/image/assemble-image.ts';
import { makeApiClient } from '../../src/adapters/kubernetes/api/api-client.ts';
import { loadKubeconfig } from '../../src/adapters/kubernetes/kubeconfig.ts';
import type { Installation } from '../../src/ports/serving/installation.ts';
import { ownProgramVariable } from '../../src/testing/rigs/own-program.ts';
import buildProgramOnce from '../build-program.ts';
import { callApi, demandApi } from './cluster/api.ts';
import { putLayout } from './cluster/layout-image.ts';
import { fileOf, nodeAddress, placeFromEnvironment, realNode, type ClusterPlace } from './cluster/place.ts';
import { ServiceNames } from './cluster/service-names.ts';
import { ServiceProxy } from './cluster/service-proxy.ts';
import { itReleases } from './installed-releases.ts';
import { missingPostgres, password, PostgresServer } from '../integration/postgres-server.ts';
import {
  missingBase,
  pathOf,
  processesOf,
  run,
  until,
  type Pod,
  type Ran,
  type RunningProcess,
} from './installation-world.ts';

const place = placeFromEnvironment();
const missing = place === null ? 'no cluster' : missingBase();
if (missing !== null && place !== null) console.warn(`skipped: ${missing}`);

const namespace = 'installed';
const core = `/api/v1/namespaces/${namespace}`;
const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-installation-'));

describe.skipIf(missing !== null)('an installation on a real kubelet', () => {
  const cluster = place as ClusterPlace;
  const proxy = new ServiceProxy(cluster);
  const serviceNames = new ServiceNames();
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
    await serviceNames.open(cluster);
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
    const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/plimsoll-gateway`;
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
    await serviceNames.close();
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

  itReleases(() => ({ cluster, namespace, program, controlPlane, gateways, token: admin }));

  it('keeps one gateway while nodes are drained', async () => {
    const evict = async ({ metadata }: Pod): Promise<number> => {
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name, namespace } };
      return (await callApi(cluster, 'POST', `${core}/pods/${metadata.name}/eviction`, body)).status;
    };
    const [first, second] = (await podsOf('gateway,app.kubernetes.io/instance=plimsoll')) as readonly [Pod, Pod];
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
    const [pod] = await podsOf('control-plane,app.kubernetes.io/instance=plimsoll');
    await demandApi(cluster, 'DELETE', `${core}/pods/${pod?.metadata.name}?gracePeriodSeconds=0`);
    expect((await fetch(`${gateways}/plimsoll/ready`)).status).toBe(200);
    let records = '';
    await until('another pod answers', async () => {
      const [now] = await podsOf('control-plane,app.kubernetes.io/instance=plimsoll');
      if (now === undefined || now.metadata.uid === pod?.metadata.uid) return false;
      // The killed one may answer for a moment after its pod is gone.
      const led = await proxy.readyAddresses(namespace, 'plimsoll-control-plane');
      if (led.join() !== now.status.podIP) return false;
      const answer = await ask('/v1/environments');
      records = await answer.text();
      return answer.status === 200;
    });
    expect(records).toContain('"evaluation"');
  });

  it.skipIf(missingPostgres !== null)(
    'with PostgreSQL has two control planes, and the Service leads to the one with the lease',
    async () => {
      const server = await PostgresServer.start(["listen_addresses = '*'"]);
      try {
        appendFileSync(path.join(server.data, 'pg_hba.conf'), 'host all all 10.88.0.0/24 scram-sha-256\n');
        await server.ask('select pg_reload_conf()');
        const login = `plimsoll:${encodeURIComponent(password)}@${nodeAddress}:${server.port}`;
        const url = `postgresql://${login}/${await server.newDatabase()}`;
        await putSecret(cluster, 'pair-environment', { DATABASE_URL: url });
        await makeSecrets(cluster, own, 'pair');
        const asked = ['--name', 'pair', '--store', 'postgresql', '--blobs', 's3://models/plimsoll', '--gateways', '1'];
        const image = (printed.find(({ kind }) => kind === 'StatefulSet') as unknown as Workload).spec.template.spec
          .containers[0].image;
        const yaml = await own([
          'install',
          'kubernetes',
          '--print',
          '--namespace',
          namespace,
          '--image',
          image,
          ...asked,
        ]);
        expect(await kubectl(['apply', '--server-side', '-f', '-'], yaml.stdout)).toMatchObject({
          status: 0,
          stderr: '',
        });
        const leaders = (): Promise<readonly string[]> => proxy.readyAddresses(namespace, 'pair-control-plane');
        const running = async (): Promise<readonly Pod[]> =>
          (await podsOf('control-plane,app.kubernetes.io/instance=pair')).filter(
            ({ status }) => status.phase === 'Running',
          );
        await until(
          'one of two has the lease',
          async () => (await running()).length === 2 && (await leaders()).length === 1,
        );
        const [first] = await leaders();
        const pod = (await running()).find(({ status }) => status.podIP === first);
        await demandApi(cluster, 'DELETE', `${core}/pods/${pod?.metadata.name}`);
        await until('the other one has the lease', async () => {
          const [now, ...more] = await leaders();
          return now !== undefined && now !== first && more.length === 0 && (await running()).length === 2;
        });
      } finally {
        server.remove();
      }
    },
  );
});

interface Workload {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly [{ readonly image: string }] } };
  };
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
async function makeSecrets(
  cluster: ClusterPlace,
  own: (args: readonly string[]) => Promise<Ran>,
  name = 'plimsoll',
): Promise<string> {
  const file = path.join(folder, `${name}.tokens`);
  const add = async (who: string, role: string): Promise<string> => {
    const { status, stdout } = await own(['token', 'add', who, '--role', role, '--file', file]);
    expect(status).toBe(0);
    return stdout.trim();
  };
  const [gateway, admin] = [await add('gateway', 'gateway'), await add('admin', 'operate')];
  await putSecret(cluster, `${name}-tokens`, { tokens: readFileSync(file, 'utf8') });
  await putSecret(cluster, `${name}-gateway-token`, { token: gateway });
  return admin;
}

async function putSecret(
  cluster: ClusterPlace,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Promise<void> {
  await demandApi(cluster, 'POST', `${core}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    stringData,
  });
}
