import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { demandApi } from '../cluster/api.ts';
import { fileOf, realNode, type ClusterPlace } from '../cluster/place.ts';
import { run, type Pod, type Ran } from './installation-world.ts';

/** A namespace of the cluster that Plimsoll is installed into. */
export interface InstalledPlace {
  readonly cluster: ClusterPlace;
  readonly namespace: string;
  /** Of files of the test. */
  readonly folder: string;
}

/** Where pods must be `restricted`, and a volume that waits for the claim of the control plane. @returns where it lies. */
export async function makeInstalledNamespace({ cluster, namespace }: InstalledPlace): Promise<string> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const metadata = { name: namespace, labels };
  await demandApi(cluster, 'POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  const at = path.join(cluster.folder, `state-of-${namespace}`);
  mkdirSync(at);
  const values = [realNode];
  await demandApi(cluster, 'POST', '/api/v1/persistentvolumes', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeOf(namespace) },
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
  return at;
}

const volumeOf = (namespace: string): string => `state-of-${namespace}`;

export async function removeInstalledNamespace({ cluster, namespace }: InstalledPlace): Promise<void> {
  await demandApi(cluster, 'DELETE', `/api/v1/namespaces/${namespace}`);
  await demandApi(cluster, 'DELETE', `/api/v1/persistentvolumes/${volumeOf(namespace)}`);
}

/** As the comments of the manifests say. @param accounts service accounts that may operate. @returns tokens of an administrator and of gateways. */
export async function makeSecrets(
  place: InstalledPlace,
  program: string,
  name = 'plimsoll',
  accounts: readonly string[] = [],
): Promise<{ readonly admin: string; readonly gateway: string }> {
  const file = path.join(place.folder, `${name}.tokens`);
  const add = async (who: string, role: string): Promise<string> => {
    const { status, stdout, stderr } = await runProgram(program, ['token', 'add', who, '--role', role, '--file', file]);
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  const [gateway, admin] = [await add('gateway', 'gateway'), await add('admin', 'operate')];
  for (const account of accounts) await add(`system:serviceaccount:${place.namespace}:${account}`, 'operate');
  await putSecret(place, `${name}-tokens`, { tokens: readFileSync(file, 'utf8') });
  await putSecret(place, `${name}-gateway-token`, { token: gateway });
  return { admin, gateway };
}

export async function putSecret(
  { cluster, namespace }: InstalledPlace,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Promise<void> {
  await demandApi(cluster, 'POST', `/api/v1/namespaces/${namespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    stringData,
  });
}

export const runProgram = (program: string, args: readonly string[], input = ''): Promise<Ran> =>
  run(process.execPath, [program, ...args], input, { PLIMSOLL_SERVER: '', PLIMSOLL_PLAIN_HTTP: '1' });

export const runKubectl = (cluster: ClusterPlace, args: readonly string[], input = ''): Promise<Ran> =>
  run(path.join(cluster.binaries, 'kubectl'), args, input, { KUBECONFIG: fileOf.kubeconfig(cluster, 'admin') });

/** Pods of a component, but for those that are told to end. */
export async function podsOf(
  { cluster, namespace }: InstalledPlace,
  component: string,
  instance = 'plimsoll',
): Promise<readonly Pod[]> {
  const selector = `app.kubernetes.io/component=${component},app.kubernetes.io/instance=${instance}`;
  const at = `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`;
  const { items } = await demandApi(cluster, 'GET', at);
  return (items as readonly Pod[]).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}
