/** What the account of a control plane may write by its Role alone, and what the API server refuses once the chart's policies are there. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { makeDeployment, makePodTemplate } from '../../../src/adapters/kubernetes/manifests/deployment.ts';
import type { ManifestOptions } from '../../../src/adapters/kubernetes/manifests/placement.ts';
import { digestOf } from '../../../src/core/units/digest.ts';
import type { Installation } from '../../../src/ports/serving/installation.ts';
import { callApi, demandApi } from '../cluster/api.ts';
import { placeFromEnvironment, type ClusterPlace } from '../cluster/place.ts';
import { helmVariable } from '../helm/build-helm.ts';
import { makeSpec, owner } from '../platform/platform-world.ts';
import { pathOf, until } from './installation-world.ts';

const found = placeFromEnvironment();
const helm = process.env[helmVariable] ?? '';
const namespace = 'admission';
const account = `/api/v1/namespaces/${namespace}/serviceaccounts/first-control-plane/token`;
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
const pods = `/api/v1/namespaces/${namespace}/pods`;
const image = `registry.example/team/plimsoll@sha256:${'a'.repeat(64)}`;
const chart = path.resolve(import.meta.dirname, '../../../deploy/chart');

function renderChart(): Installation {
  const values = ['tlsSecret=server', 'imagePullSecrets[0].name=pull', 'replicaSecrets={hf,digits-tls}'];
  const words = ['template', 'first', chart, '--namespace', namespace, '--kube-version', '1.36.3'];
  const set = [`image=${image}`, ...values].flatMap((value) => ['--set', value]);
  const { status, stdout, stderr } = spawnSync(helm, [...words, ...set], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).flatMap((document) => (document.toJS() as Installation[number] | null) ?? []);
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a pod's specification that a test changes anywhere
type Spec = any;

/** A replica with everything that one can have: pull secrets, files by https, a variable and a file of Secrets. */
function makeReplica(change: (pod: Spec, deployment: Spec) => void = () => undefined): object {
  const options: ManifestOptions = {
    ...{ installation: 'first', namespace, own: { image, command: ['plimsoll'] }, preStopSeconds: 0 },
    ...{ imagePullSecrets: ['pull'], filesFrom: 'https://first-control-plane:7070', filesAuthority: 'server' },
    secretGrants: () => [owner],
  };
  const plain = makeSpec({ kind: 'never-ready' }, 1);
  const codeFiles = [{ path: 'server.py', digest: digestOf('server'), bytes: 6 }];
  const secrets = { TOKEN: 'secret/hf#token', CERTIFICATE: 'secret-file/digits-tls#tls.crt' };
  const spec = { ...plain, workload: { ...plain.workload, codeFiles, secrets } };
  const made = makeDeployment(owner, spec, 1, makePodTemplate(owner, spec, {}, options), options);
  const deployment = structuredClone(made) as Spec;
  change(deployment.spec.template.spec, deployment);
  return deployment as object;
}

const addVolume = (volume: object) => (pod: Spec) => void pod.volumes.push({ name: 'taken', ...volume });
const addSource = (source: object) => addVolume({ projected: { sources: [source] } });
const addVariable = (container: (pod: Spec) => Spec, name: string) => (pod: Spec) =>
  void (container(pod).env ??= []).push({ name: 'TAKEN', valueFrom: { secretKeyRef: { name, key: 'tokens' } } });

const attacks: readonly (readonly [what: string, change: (pod: Spec, deployment: Spec) => void])[] = [
  ['a volume of the tokens', addVolume({ secret: { secretName: 'first-tokens' } })],
  ['a volume of the key beside the authority', addVolume({ secret: { secretName: 'server' } })],
  [
    'a volume of the key alone',
    addVolume({ secret: { secretName: 'server', items: [{ key: 'tls.key', path: 'ca.crt' }] } }),
  ],
  ['a projected volume of the database', addSource({ secret: { name: 'first-environment' } })],
  ['a projected token for the API server', addSource({ serviceAccountToken: { path: 'token' } })],
  ['a projected ConfigMap', addSource({ configMap: { name: 'kube-root-ca.crt' } })],
  ['a variable of the database', addVariable((pod) => pod.containers[0], 'first-environment')],
  ['a variable of an init container', addVariable((pod) => pod.initContainers[0], 'first-tokens')],
  [
    'all of a Secret as variables',
    (pod) => void (pod.containers[0].envFrom = [{ secretRef: { name: 'first-tokens' } }]),
  ],
  ['a pull secret', (pod) => void pod.imagePullSecrets.push({ name: 'first-tokens' })],
  ['the account of the control plane', (pod) => void (pod.serviceAccountName = 'first-control-plane')],
  ['that account by its old field', (pod) => void (pod.serviceAccount = 'first-control-plane')],
  ['a folder of the node', addVolume({ hostPath: { path: '/' } })],
  [
    'the records of the control plane',
    addVolume({ persistentVolumeClaim: { claimName: 'state-first-control-plane-0' } }),
  ],
  ['a volume of a driver', addVolume({ csi: { driver: 'secrets-store.csi.k8s.io' } })],
  ['the network of the node', (pod) => void (pod.hostNetwork = true)],
  ['a port of the node', (pod) => void (pod.containers[0].ports[0].hostPort = 8080)],
  ['a Deployment of nobody', (_pod, deployment) => void delete deployment.metadata.labels],
];

describe.skipIf(found === null || helm === '')('the policies of the chart', () => {
  const cluster = found as ClusterPlace;
  let token = '';
  let policies: Installation = [];
  const write = (method: string, at: string, body: object, contentType?: string): ReturnType<typeof callApi> =>
    callApi(cluster, method, `${at}?dryRun=All`, body, {
      token,
      ...(contentType === undefined ? {} : { contentType }),
    });
  const merge = (at: string, change: object): ReturnType<typeof callApi> =>
    write('PATCH', at, change, 'application/strategic-merge-patch+json');
  const otherImage = { spec: { containers: [{ name: 'gateway', image: 'registry.example/other' }] } };

  beforeAll(async () => {
    await demandApi(cluster, 'POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    const objects = renderChart();
    policies = objects.filter(({ kind }) => kind.startsWith('ValidatingAdmission'));
    const isNeeded = ({ kind }: Installation[number]): boolean => /^(?:ServiceAccount|Role|RoleBinding)$/.test(kind);
    for (const each of objects.filter(isNeeded)) await demandApi(cluster, 'POST', path.dirname(pathOf(each)), each);
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    token = String((await demandApi(cluster, 'POST', account, request)).status.token);
    const gateway = objects.find(({ metadata, kind }) => kind === 'Deployment' && metadata.name === 'first-gateway');
    await demandApi(cluster, 'POST', deployments, { ...gateway });
    await until('there is an account for pods', async () => {
      const { status } = await callApi(cluster, 'GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`);
      return status === 200;
    });
    const containers = [{ name: 'gateway', image }];
    await demandApi(cluster, 'POST', pods, {
      metadata: { name: 'gateway' },
      spec: { containers, nodeSelector: { no: 'node' } },
    });
    // By the Role alone: what follows is refused by the policies and by nothing else.
    for (const [what, change] of attacks)
      expect([what, (await write('POST', deployments, makeReplica(change))).status]).toEqual([what, 201]);
    expect((await merge(`${pods}/gateway`, otherImage)).status).toBe(200);
    expect((await merge(`${deployments}/first-gateway`, { spec: { replicas: 0 } })).status).toBe(200);
    for (const each of policies) await demandApi(cluster, 'POST', path.dirname(pathOf(each)), each);
    await until('both policies hold', async () => {
      const [, change] = attacks[0] ?? [];
      const replies = [
        await write('POST', deployments, makeReplica(change)),
        await merge(`${pods}/gateway`, otherImage),
      ];
      return replies.every(({ status }) => status === 403);
    });
  }, 120_000);

  afterAll(async () => {
    for (const each of policies) await callApi(cluster, 'DELETE', pathOf(each));
    await demandApi(cluster, 'DELETE', `/api/v1/namespaces/${namespace}`);
  });

  it.each(attacks)('refuse the control plane %s', async (_what, change) => {
    const { status, body } = await write('POST', deployments, makeReplica(change));
    expect([status, body.message]).toEqual([403, expect.stringContaining('first-admission-replicas')]);
    // Not because the policy could not be asked.
    expect(body.message).not.toMatch(/resulted in error|no such/);
  });

  it('let it have a replica with all that one can have, change it and scale it', async () => {
    const replica = makeReplica();
    const created = await callApi(cluster, 'POST', deployments, replica, { token });
    expect([created.status, created.body.message]).toEqual([201, undefined]);
    const at = `${deployments}/${created.body.metadata.name}`;
    expect((await merge(at, { spec: { replicas: 2 } })).status).toBe(200);
    const volumes = [{ name: 'taken', secret: { secretName: 'first-tokens' } }];
    const taking = await merge(at, { spec: { template: { spec: { volumes } } } });
    expect([taking.status, taking.body.message]).toEqual([403, expect.stringContaining('first-admission-replicas')]);
  });

  it('keep Deployments of others and the specification of pods as they are, and let it label a pod', async () => {
    expect((await merge(`${deployments}/first-gateway`, { spec: { replicas: 0 } })).status).toBe(403);
    expect((await merge(`${pods}/gateway`, otherImage)).status).toBe(403);
    expect((await merge(`${pods}/gateway`, { metadata: { labels: { a: 'b' } } })).status).toBe(200);
  });

  it('bound nobody else', async () => {
    const [, change] = attacks[0] ?? [];
    const theirs = makeReplica((pod, deployment) => {
      change?.(pod, deployment);
      deployment.metadata.name = 'theirs';
    });
    expect((await callApi(cluster, 'POST', `${deployments}?dryRun=All`, theirs)).status).toBe(201);
  });

  it('are free of warnings of the type check', async () => {
    for (const each of policies.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')) {
      await until('it was checked', async () => {
        const { status, metadata } = await demandApi(cluster, 'GET', pathOf(each));
        return status?.observedGeneration === metadata.generation;
      });
      expect((await demandApi(cluster, 'GET', pathOf(each))).status.typeChecking?.expressionWarnings ?? []).toEqual([]);
    }
  });
});
