import { expect, it } from 'vitest';
import { FakeCluster } from '../../../testing/fakes/servers/fake-cluster.ts';
import { makeUninstallation } from './uninstall.ts';

const { signal } = new AbortController();
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const place = { name: 'plimsoll', namespace: 'inference' };
const labels = { 'app.kubernetes.io/name': 'plimsoll', 'app.kubernetes.io/instance': 'plimsoll' };
const replica = { 'plimsoll.dev/installation': 'plimsoll', 'plimsoll.dev/role': 'replica' };
const account = (namespace: string) => ({ kind: 'ServiceAccount', name: 'plimsoll-control-plane', namespace });

function fill(cluster: FakeCluster): void {
  const put = (collection: string, name: string, own: object, more: object = {}): void =>
    void cluster.put(collection, { metadata: { name, labels: own }, ...more });
  const apps = '/apis/apps/v1/namespaces/inference';
  const core = '/api/v1/namespaces/inference';
  put(`${apps}/statefulsets`, 'plimsoll-control-plane', labels);
  put(`${apps}/deployments`, 'plimsoll-gateway', labels);
  put(`${apps}/deployments`, 'digits-live-aaaa', replica);
  put(`${core}/services`, 'digits-live', { ...replica, 'plimsoll.dev/role': 'service' });
  put(`${core}/persistentvolumeclaims`, 'state-plimsoll-control-plane-0', labels);
  for (const secret of ['tokens', 'gateway-token', 'metrics-token', 'environment'])
    put(`${core}/secrets`, `plimsoll-${secret}`, {});
  put(`${rbac}/namespaces/inference/rolebindings`, 'plimsoll-replicas', labels);
  put(`${rbac}/clusterroles`, 'plimsoll-inference-token-reviews', labels);
  put(`${rbac}/clusterroles`, 'plimsoll-nodes', {});
  const bind = (name: string, role: string, namespace: string): void =>
    put(`${rbac}/clusterrolebindings`, name, labels, { roleRef: { name: role }, subjects: [account(namespace)] });
  bind('plimsoll-inference-token-reviews', 'plimsoll-inference-token-reviews', 'inference');
  bind('plimsoll-nodes', 'plimsoll-nodes', 'inference');
  const admission = '/apis/admissionregistration.k8s.io/v1';
  for (const subject of ['replicas', 'pods'])
    for (const kind of ['policies', 'policybindings'])
      put(`${admission}/validatingadmission${kind}`, `plimsoll-inference-${subject}`, labels);
  // Of others.
  put(`${apps}/deployments`, 'theirs', { ...labels, 'app.kubernetes.io/instance': 'second' });
  put(`${core}/secrets`, 'theirs', {});
  bind('other-token-reviews', 'plimsoll-other-token-reviews', 'other');
}

it('leaves nothing of an installation, rights first and the volume before Secrets, and touches nothing of others', async () => {
  const cluster = new FakeCluster();
  fill(cluster);
  const uninstallation = makeUninstallation(cluster.client(), place, () => Promise.resolve());
  const found = await uninstallation.find(signal);
  expect(found.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'RoleBinding plimsoll-replicas',
    'StatefulSet plimsoll-control-plane',
    'Deployment plimsoll-gateway',
    'Deployment digits-live-aaaa',
    'Service digits-live',
    'PersistentVolumeClaim state-plimsoll-control-plane-0',
    'Secret plimsoll-tokens',
    'Secret plimsoll-gateway-token',
    'Secret plimsoll-metrics-token',
    'Secret plimsoll-environment',
    'ClusterRoleBinding plimsoll-inference-token-reviews',
    'ClusterRoleBinding plimsoll-nodes',
    'ClusterRole plimsoll-inference-token-reviews',
    'ClusterRole plimsoll-nodes',
    'ValidatingAdmissionPolicyBinding plimsoll-inference-replicas',
    'ValidatingAdmissionPolicyBinding plimsoll-inference-pods',
    'ValidatingAdmissionPolicy plimsoll-inference-replicas',
    'ValidatingAdmissionPolicy plimsoll-inference-pods',
  ]);
  expect(cluster.calls.every((call) => call.startsWith('GET'))).toBe(true);
  expect(await uninstallation.remove(found, signal, () => undefined)).toEqual([]);
  expect(await uninstallation.find(signal)).toEqual([]);
  expect(cluster.get('/apis/apps/v1/namespaces/inference/deployments/theirs')).toBeDefined();
  expect(cluster.get('/api/v1/namespaces/inference/secrets/theirs')).toBeDefined();
  expect(cluster.get(`${rbac}/clusterrolebindings/other-token-reviews`)).toBeDefined();
});

it('tells what it waits for, and returns what has not ended in time', async () => {
  const cluster = new FakeCluster();
  fill(cluster);
  const kept = {
    call: (request: Parameters<ReturnType<FakeCluster['client']>['call']>[0]) =>
      request.method === 'DELETE' ? Promise.resolve({ status: 200, body: {} }) : cluster.client().call(request),
  };
  const uninstallation = makeUninstallation(kept as never, place, () => Promise.resolve());
  const found = await uninstallation.find(signal);
  const told: string[] = [];
  const left = await uninstallation.remove(found, signal, (ending, lastedMs, atMostMs) =>
    told.push(`${ending.length} after ${lastedMs} of ${atMostMs}`),
  );
  expect(left).toEqual(found);
  expect([told[0], told.at(-1)]).toEqual(['18 after 0 of 120000', '18 after 119000 of 120000']);
});

it('leaves a ClusterRole that another installation is bound to', async () => {
  const cluster = new FakeCluster();
  fill(cluster);
  const other = { roleRef: { name: 'plimsoll-nodes' }, subjects: [account('other')] };
  cluster.put(`${rbac}/clusterrolebindings`, { metadata: { name: 'other-nodes' }, ...other });
  const found = await makeUninstallation(cluster.client(), place, () => Promise.resolve()).find(signal);
  expect(found.map(({ kind, name }) => `${kind} ${name}`)).not.toContain('ClusterRole plimsoll-nodes');
});
