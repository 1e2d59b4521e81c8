import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { callApi } from './api.ts';
import { apiServer, fileOf, nodeAddress, ports, realNode, secondNode, type ClusterPlace } from './place.ts';
import { startProgram, waitFor } from './program.ts';

/** Token `NAME-token` of each user of the cluster; tests add users of their own by service account. */
const users: Readonly<Record<string, { readonly user: string; readonly groups: string }>> = {
  admin: { user: 'admin', groups: 'system:masters' },
  controllers: { user: 'system:kube-controller-manager', groups: '' },
  scheduler: { user: 'system:kube-scheduler', groups: '' },
  kubelet: { user: `system:node:${realNode}`, groups: 'system:nodes' },
  'kubelet-2': { user: `system:node:${secondNode}`, groups: 'system:nodes' },
  kwok: { user: 'kwok', groups: 'system:masters' },
};

/** Keys, tokens and kubeconfigs of a new cluster. */
export function writeCredentials(place: ClusterPlace): void {
  const certificates = path.dirname(fileOf.authority(place));
  for (const name of ['kubeconfigs', 'logs', 'processes', 'certificates'])
    mkdirSync(path.join(place.folder, name), { recursive: true });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(path.join(certificates, 'accounts.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
  writeFileSync(path.join(certificates, 'accounts.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  const lines = Object.entries(users).map(([name, { user, groups }]) => `${name}-token,${user},${name},"${groups}"\n`);
  writeFileSync(path.join(certificates, 'tokens.csv'), lines.join(''));
  for (const name of Object.keys(users)) writeKubeconfig(place, name, `${name}-token`);
}

export function writeKubeconfig(place: ClusterPlace, name: string, token: string): string {
  const file = fileOf.kubeconfig(place, name);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: apiServer, 'certificate-authority': fileOf.authority(place) } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** Store, API server, controllers and scheduler, until pods are accepted. */
export async function startControlPlane(place: ClusterPlace): Promise<void> {
  startEtcd(place);
  await waitFor(place, 'etcd', async () => (await fetch(`http://127.0.0.1:${ports.etcd}/health`)).ok);
  await startApiServer(place);
  startControllers(place);
  startScheduler(place);
  await waitFor(place, 'kube-controller-manager', () =>
    answersFor(place, '/api/v1/namespaces/default/serviceaccounts/default'),
  );
}

function startEtcd(place: ClusterPlace): void {
  const [client, peer] = [`http://127.0.0.1:${ports.etcd}`, `http://127.0.0.1:${ports.etcdPeer}`];
  startProgram(place, 'etcd', path.join(place.binaries, 'etcd'), [
    '--name=test',
    `--data-dir=${path.join(place.folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=test=${peer}`,
    '--unsafe-no-fsync',
  ]);
}

/** Also for a test that stopped it. */
export async function startApiServer(place: ClusterPlace): Promise<void> {
  const certificates = path.dirname(fileOf.authority(place));
  startProgram(place, 'kube-apiserver', path.join(place.binaries, 'kube-apiserver'), [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    '--bind-address=0.0.0.0',
    `--advertise-address=${nodeAddress}`,
    `--secure-port=${ports.api}`,
    `--cert-dir=${certificates}`,
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--token-auth-file=${path.join(certificates, 'tokens.csv')}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-signing-key-file=${path.join(certificates, 'accounts.key')}`,
    `--service-account-key-file=${path.join(certificates, 'accounts.pub')}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--profiling=false',
  ]);
  await waitFor(place, 'kube-apiserver', () => answersFor(place, '/readyz'));
}

async function answersFor(place: ClusterPlace, at: string): Promise<boolean> {
  return (await callApi(place, 'GET', at)).status === 200;
}

/**
 * Also for whoever stopped them.
 * @param graceSeconds without a heartbeat, after which a node is unreachable.
 */
export function startControllers(place: ClusterPlace, graceSeconds = 12): void {
  const kubeconfig = fileOf.kubeconfig(place, 'controllers');
  const certificates = path.dirname(fileOf.authority(place));
  startProgram(place, 'kube-controller-manager', path.join(place.binaries, 'kube-controller-manager'), [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.controllers}`,
    `--cert-dir=${path.join(place.folder, 'controllers')}`,
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${path.join(certificates, 'accounts.key')}`,
    `--root-ca-file=${fileOf.authority(place)}`,
    '--node-monitor-period=1s',
    `--node-monitor-grace-period=${graceSeconds}s`,
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ]);
}

function startScheduler(place: ClusterPlace): void {
  const kubeconfig = fileOf.kubeconfig(place, 'scheduler');
  startProgram(place, 'kube-scheduler', path.join(place.binaries, 'kube-scheduler'), [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.scheduler}`,
    `--cert-dir=${path.join(place.folder, 'scheduler')}`,
    '--leader-elect=false',
  ]);
}
