import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClusterReader } from '../../../src/adapters/kubernetes/cluster-reader.ts';
import { nodeFactsOfKubernetes } from '../../../src/protocols/kubernetes-objects/node-facts-of-kubernetes.ts';
import { kubernetesObjectsOf } from '../../../src/protocols/kubernetes-objects/object-list.ts';
import { findSteadyPort } from '../../steady-port.ts';

/**
 * Against the API server of Kubernetes itself, without a cluster behind it: KUBE_APISERVER names its program (see
 * test/peers/kube-apiserver/build.sh), and etcd is on PATH. Skipped where one of them is absent.
 */
const program = process.env['KUBE_APISERVER'] ?? '';
const present = existsSync(program) && spawnSync('etcd', ['--version']).status === 0;

const nodeCount = 1_050;
const folder = present ? mkdtempSync(path.join(tmpdir(), 'plimsoll-apiserver-')) : '';
const started: ChildProcess[] = [];
let server = '';

function start(command: string, args: readonly string[], log: string): void {
  const output = openSync(path.join(folder, log), 'w');
  started.push(spawn(command, args, { cwd: folder, stdio: ['ignore', output, output] }));
  closeSync(output);
}

async function call(method: string, at: string, body?: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: 'Bearer admin-token', 'content-type': 'application/json' };
    const sent = request(`${server}${at}`, { method, headers, rejectUnauthorized: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function ready(): Promise<void> {
  for (const giveUpAtMs = Date.now() + 90_000; ;) {
    if ((await call('GET', '/readyz').catch(() => 0)) === 200) return;
    if (Date.now() > giveUpAtMs) throw new Error(readFileSync(path.join(folder, 'api.log'), 'utf8').slice(-2000));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

const labels = {
  'nvidia.com/gpu.product': 'NVIDIA-L4',
  'nvidia.com/gpu.count': '1',
  'nvidia.com/gpu.memory': '23034',
  'nvidia.com/gpu.compute.major': '8',
  'nvidia.com/gpu.compute.minor': '9',
  'nvidia.com/cuda.driver-version.full': '570.124.06',
};

async function fill(): Promise<void> {
  const names = Array.from({ length: nodeCount }, (_, at) => `n${String(at).padStart(4, '0')}`);
  for (const name of names) {
    const metadata = { name, labels: { ...labels, 'kubernetes.io/hostname': name } };
    const status = { capacity: { 'nvidia.com/gpu': '1', memory: '16Gi' }, allocatable: { 'nvidia.com/gpu': '1' } };
    expect(await call('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata, status })).toBe(201);
  }
  const attributes = {
    type: { string: 'gpu' },
    productName: { string: 'NVIDIA L4' },
    cudaComputeCapability: { version: '8.9.0' },
    driverVersion: { version: '570.124.6' },
  };
  const devices = [{ name: 'gpu-0', attributes, capacity: { memory: { value: '23034Mi' } } }];
  const pool = { name: 'n0000', generation: 1, resourceSliceCount: 1 };
  const spec = { driver: 'gpu.nvidia.com', nodeName: 'n0000', pool, devices };
  const slice = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceSlice', metadata: { name: 's' }, spec };
  expect(await call('POST', '/apis/resource.k8s.io/v1/resourceslices', slice)).toBe(201);
  const reader = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'nodes' } };
  const rules = [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }];
  const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
  expect(await call('POST', roles, { ...reader, rules })).toBe(201);
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'nodes' };
  const subjects = [{ kind: 'User', name: 'viewer', apiGroup: 'rbac.authorization.k8s.io' }];
  const binding = { ...reader, kind: 'ClusterRoleBinding', roleRef, subjects };
  expect(await call('POST', `${roles.replace(/s$/, '')}bindings`, binding)).toBe(201);
}

function read(token: string) {
  const file = path.join(folder, `${token}.kubeconfig`);
  const authority = path.join(folder, 'certs', 'apiserver.crt');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'real',
    clusters: [{ name: 'real', cluster: { server, 'certificate-authority': authority } }],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'user' } }],
  };
  writeFileSync(file, JSON.stringify(config));
  return makeClusterReader({ env: { KUBECONFIG: file } }).read({ signal: AbortSignal.timeout(60_000) });
}

describe.skipIf(!present)('the API server of Kubernetes (skipped without KUBE_APISERVER and etcd)', () => {
  beforeAll(async () => {
    const [client, peer, port] = [await findSteadyPort(), await findSteadyPort(), await findSteadyPort()];
    server = `https://127.0.0.1:${port}`;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(path.join(folder, 'account.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
    writeFileSync(
      path.join(folder, 'tokens.csv'),
      'admin-token,admin,1,system:masters\nviewer-token,viewer,2\nnobody-token,nobody,3\n',
    );
    const [clientUrl, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
    start(
      'etcd',
      [
        ['--data-dir', 'etcd'],
        ['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
        ['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
        ['--initial-cluster', `default=${peerUrl}`, '--unsafe-no-fsync'],
      ].flat(),
      'etcd.log',
    );
    start(
      program,
      [
        ['--etcd-servers', clientUrl, '--bind-address', '127.0.0.1', '--secure-port', String(port)],
        ['--advertise-address', '127.0.0.1', '--cert-dir', 'certs', '--service-cluster-ip-range', '10.0.0.0/24'],
        ['--service-account-issuer', 'https://kubernetes.default.svc', '--service-account-key-file', 'account.key'],
        ['--service-account-signing-key-file', 'account.key', '--disable-admission-plugins', 'ServiceAccount'],
        ['--token-auth-file', 'tokens.csv', '--authorization-mode', 'RBAC'],
      ].flat(),
      'api.log',
    );
    await ready();
    await fill();
  }, 300_000);

  afterAll(async () => {
    for (const process of started.toReversed()) {
      process.kill('SIGTERM');
      const ended = new Promise((resolve) => process.once('exit', resolve));
      const killed = setTimeout(() => process.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(killed);
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives every node in pages, and the slices, to whoever may list them', async () => {
    const found = await read('admin-token');
    expect(found.nodes).toHaveLength(nodeCount);
    expect(found.notes).toEqual([]);
    const items = [...found.nodes].map((node) => ({ ...node, kind: 'Node' }));
    const slices = found.slices.map((slice) => ({ ...slice, kind: 'ResourceSlice' }));
    const objects = kubernetesObjectsOf({ apiVersion: 'v1', kind: 'List', items: [...items, ...slices] });
    if (objects === null) throw new Error('no objects');
    const facts = nodeFactsOfKubernetes(objects, 0);
    expect(facts.ofLabels.every(({ devices }) => devices?.[0]?.certainty === 'device')).toBe(true);
    expect(facts.ofSlices[0]?.devices?.[0]).toMatchObject({ product: 'NVIDIA L4', driver: '570.124.6' });
  });

  it('says what it does not allow', async () => {
    const nodesOnly = await read('viewer-token');
    expect(nodesOnly.nodes).toHaveLength(nodeCount);
    expect(nodesOnly.notes[0]).toContain('cannot list resource "resourceslices"');
    await expect(read('nobody-token')).rejects.toMatchObject({ code: 'cluster-forbidden' });
    await expect(read('wrong-token')).rejects.toMatchObject({ code: 'cluster-unauthorized' });
  });
});
