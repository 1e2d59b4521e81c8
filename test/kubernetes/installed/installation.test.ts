/**
 * The image of Plimsoll runs on the real kubelet by the manifests that `plimsoll install kubernetes --print` prints, in a
 * namespace where pods must be `restricted`, with https. What the cluster lacks stands in the test: kube-proxy, DNS, a volume.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeApiClient } from '../../../src/adapters/kubernetes/api/api-client.ts';
import { loadKubeconfig } from '../../../src/adapters/kubernetes/kubeconfig.ts';
import type { Installation } from '../../../src/ports/serving/installation.ts';
import buildProgramOnce from '../../build-program.ts';
import { callApi, demandApi } from '../cluster/api.ts';
import { putLayout } from '../cluster/layout-image.ts';
import { fileOf, placeFromEnvironment, type ClusterPlace } from '../cluster/place.ts';
import { ServiceNames } from '../cluster/service-names.ts';
import { ServiceProxy } from '../cluster/service-proxy.ts';
import { itIsReached } from './installed-access.ts';
import { itReleases, type Installed } from './installed-releases.ts';
import { missingBase, pathOf, processesOf, run, until, type Pod, type RunningProcess } from './installation-world.ts';
import { buildPresent } from './previous.ts';
import { makeTls, missingOpenssl, type Tls } from './tls.ts';
import {
  makeInstalledNamespace,
  makeSecrets,
  podsOf,
  removeInstalledNamespace,
  runKubectl,
  runProgram,
  type InstalledPlace,
} from './world.ts';

const found = placeFromEnvironment();
const missing = found === null ? 'no cluster' : (missingBase() ?? missingOpenssl);
if (missing !== null && found !== null) console.warn(`skipped: ${missing}`);

const namespace = 'installed';
const core = `/api/v1/namespaces/${namespace}`;
const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-installation-'));

describe.skipIf(missing !== null)('an installation on a real kubelet', () => {
  const cluster = found as ClusterPlace;
  const proxy = new ServiceProxy(cluster);
  const serviceNames = new ServiceNames();
  let printed: Installation = [];
  let program = '';
  let controlPlane = '';
  let gateways = '';
  let admin = '';

  let tls: Tls | null = null;

  const place: InstalledPlace = { cluster, namespace, folder };
  const ask = (at: string, token = admin): ReturnType<Tls['ask']> =>
    tls === null ? Promise.reject(new Error('there is no certificate yet')) : tls.ask(`${controlPlane}${at}`, token);

  beforeAll(async () => {
    buildProgramOnce();
    const built = buildPresent();
    program = built.program;
    const reference = putLayout(cluster, built.layout, 'plimsoll', built.digest);
    await makeInstalledNamespace(place);
    ({ admin } = await makeSecrets(place, program, 'plimsoll', ['plimsoll-cli', 'deployer']));
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
      '--service-account-tokens',
      '--tls-secret',
      'server',
    ];
    const yaml = await runProgram(program, asked);
    expect(yaml).toMatchObject({ status: 0 });
    printed = (JSON.parse((await runProgram(program, [...asked, '--json'])).stdout) as { items: Installation }).items;
    const service = printed.find(({ kind, metadata }) => kind === 'Service' && /control-plane/.test(metadata.name));
    const first = await runKubectl(cluster, ['apply', '--server-side', '-f', '-'], JSON.stringify(service));
    expect(first).toMatchObject({ status: 0, stderr: '' });
    tls = await makeTls(place, 'server');
    const applied = await runKubectl(cluster, ['apply', '--server-side', '-f', '-'], yaml.stdout);
    expect(applied).toMatchObject({ status: 0, stderr: '' });
    const address = await proxy.open(namespace, 'plimsoll-control-plane', 7070, 7070);
    controlPlane = `https://${address}:7070`;
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
    await removeInstalledNamespace(place);
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

  const installed = (): Installed => ({
    ...{ cluster, namespace, program, controlPlane, gateways, token: admin, env: clientOf(tls), ask },
  });
  itReleases(installed);
  itIsReached(installed);

  it('keeps one gateway while nodes are drained', async () => {
    const evict = async ({ metadata }: Pod): Promise<number> => {
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name, namespace } };
      return (await callApi(cluster, 'POST', `${core}/pods/${metadata.name}/eviction`, body)).status;
    };
    const [first, second] = (await podsOf(place, 'gateway')) as readonly [Pod, Pod];
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
    const env = { PLIMSOLL_TOKEN: admin, ...clientOf(tls) };
    const set = await run(
      process.execPath,
      [program, 'environment', 'set', 'prod', '--file', file, ...server],
      '',
      env,
    );
    expect(set).toMatchObject({ status: 0 });
    const [pod] = await podsOf(place, 'control-plane');
    await demandApi(cluster, 'DELETE', `${core}/pods/${pod?.metadata.name}?gracePeriodSeconds=0`);
    expect((await fetch(`${gateways}/plimsoll/ready`)).status).toBe(200);
    let records = '';
    await until('another pod answers', async () => {
      const [now] = await podsOf(place, 'control-plane');
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

  it('leaves nothing once it is uninstalled, of the namespace and of the cluster', { timeout: 240_000 }, async () => {
    const before = await everything();
    expect(before.filter((each) => /^(validatingadmission|clusterrole|persistentvolumeclaim)/.test(each))).toEqual([
      'clusterrole/plimsoll-installed-token-reviews',
      'clusterrolebinding/plimsoll-installed-token-reviews',
      'persistentvolumeclaim/state-plimsoll-control-plane-0',
      ...['pods', 'replicas'].map((of) => `validatingadmissionpolicy/plimsoll-installed-${of}`),
      ...['pods', 'replicas'].map((of) => `validatingadmissionpolicybinding/plimsoll-installed-${of}`),
    ]);
    const asked = ['uninstall', 'kubernetes', '--namespace', namespace, '--yes'];
    const removed = await run(process.execPath, [program, ...asked], '', {
      KUBECONFIG: fileOf.kubeconfig(cluster, 'admin'),
    });
    expect(removed.status, removed.stderr).toBe(0);
    expect(removed.stderr).toMatch(/^( +these are to end: .*\n)*$/);
    for (const made of printed) expect((await callApi(cluster, 'GET', pathOf(made))).status).toBe(404);
    // Pods of gateways drain for a while.
    let left: readonly string[] = [];
    await until('pods have ended', async () => {
      left = await everything();
      return left.every((each) => !each.startsWith('pod/'));
    });
    // The certificate and these accounts with their rights are of the tests of this file.
    const ofTests =
      /^(?:secret\/server|(?:role|rolebinding|serviceaccount)\/(?:person|deployer|of-the-api|without-\d))$/;
    expect(left.filter((each) => !ofTests.test(each))).toEqual([]);
  });

  /** What is there by all kinds that the API server has, but for what it makes by itself and what this test made. */
  async function everything(): Promise<readonly string[]> {
    const list = async (...scope: readonly string[]): Promise<readonly string[]> => {
      const isOfNamespace = scope.length > 0;
      const of = ['api-resources', '--verbs=list', `--namespaced=${isOfNamespace}`, '-o', 'name'];
      const kinds = (await runKubectl(cluster, of)).stdout.trim().split('\n');
      const shown = await runKubectl(cluster, ['get', kinds.join(','), ...scope, '-o', 'name', '--ignore-not-found']);
      return shown.stdout.trim().split('\n');
    };
    const inside = (await list('--namespace', namespace)).filter(
      (each) => !/^event|kube-root-ca|serviceaccount\/default$/.test(each),
    );
    const outside = (await list()).filter(
      (each) => /plimsoll/.test(each) && !/^(node|persistentvolume|namespace)\//.test(each),
    );
    return [...inside, ...outside].map((each) => each.replace(/^([^./]+)[^/]*/, '$1')).toSorted();
  }
});

/** What a command needs to trust the control plane. */
const clientOf = (tls: Tls | null): Readonly<Record<string, string>> => ({ NODE_EXTRA_CA_CERTS: tls?.file ?? '' });
