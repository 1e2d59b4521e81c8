import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { digestOf } from '../../../core/units/digest.ts';
import type { InstallationOptions } from '../../../ports/serving/installation.ts';
import { arrayOf, objectAt, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { FakeClock } from '../../../testing/fakes/fake-clock.ts';
import { FakeCluster } from '../../../testing/fakes/servers/fake-cluster.ts';
import {
  closeAll,
  countOf,
  image,
  never,
  open,
  owner,
  pods,
  putPod,
  set,
  spec,
} from '../../../testing/fakes/servers/platform-on-fake-cluster.ts';
import { makeRecordedClient, unknownFieldsOf, type RecordedApi } from '../../../testing/fakes/servers/recorded-api.ts';
import { defaultResources, makeInstallation } from '../install/installation.ts';
import { containerName } from '../manifests/labels.ts';
import { placeWorkload } from '../manifests/place-workload.ts';
import { ClusterNodes } from '../nodes/cluster-nodes.ts';
import { requireRights } from './needed-rights.ts';
afterEach(closeAll);

const root = path.resolve(import.meta.dirname, '../../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const api = JSON.parse(read('src/testing/fakes/servers/kubernetes-1.30.json')) as RecordedApi;

const name = `${set}-7d4f-x`;
const asksForDevice = {
  nodeName: 'n1',
  containers: [{ name: containerName, resources: { limits: { 'nvidia.com/gpu': '1' } } }],
};

/** A platform with everything that a manifest can have, on an API server of the oldest version. */
function openOldest() {
  const cluster = new FakeCluster();
  const { client, refused } = makeRecordedClient(cluster.client(), api);
  const opened = open(
    cluster,
    {
      filesFrom: 'https://plimsoll.example:7070',
      filesAuthority: 'plimsoll-tls',
      ownerReference: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'plimsoll', uid: 'u-1' },
      secretGrants: () => [owner],
    },
    { client, placement: () => placeWorkload({ nodeSelector: { pool: 'gpu' } }, { devices: 1 }, 'nvidia.com/gpu') },
  );
  const { workload } = spec(1);
  const files = [{ path: 'server.py', digest: digestOf('server'), bytes: 6 }];
  const wanted = (replicas: number) =>
    spec(replicas, {
      workload: { ...workload, codeFiles: files, secrets: { TOKEN: 'secret/hub#token' }, devices: 1 },
    });
  return { cluster, client, refused, wanted, ...opened };
}

describe('on Kubernetes 1.30', () => {
  it('replicas are made, admitted, served, scaled and removed by what it serves and knows', async () => {
    const { cluster, refused, platform, pass, wanted, notices } = openOldest();
    await platform.apply(owner, [wanted(2)], never);
    putPod(cluster, name);
    cluster.put(pods, { ...cluster.get(`${pods}/${name}`), spec: asksForDevice });
    await pass(500);
    const [seen] = await platform.observe(owner, never);
    expect(seen).toMatchObject({ replicaId: name, state: 'ready' });
    await platform.setAdmitted(owner, { admitted: new Set([name]), live: new Set([name]) }, never);
    expect(arrayOf(objectAt(cluster.get(`${pods}/${name}`), 'status')['conditions'])).toContainEqual(
      expect.objectContaining({ type: 'plimsoll.dev/admitted', status: 'True' }),
    );
    const slices = cluster.calls.filter((call) => call.startsWith('POST') && call.includes('endpointslices'));
    expect(slices).toHaveLength(1);
    await platform.apply(owner, [wanted(1)], never);
    expect(countOf(cluster)).toBe(1);
    await platform.logs(name, 10, never);
    await platform.apply(owner, [], never);
    await pass(500);
    expect(countOf(cluster)).toBeUndefined();
    expect(refused).toEqual([]);
    expect(notices).toEqual([]);
  });

  it('the rights are asked for in its words', async () => {
    const { client, refused } = openOldest();
    // Nobody answers whether they are allowed: the fake has no rules.
    await expect(requireRights(client, 'inference', never)).rejects.toMatchObject({ code: 'cluster-forbidden' });
    expect(refused).toEqual([]);
  });

  it('devices of a pod with claims are unknown, since its claims tell of none; those of the replica are known', async () => {
    const { cluster, refused, platform, pass, wanted } = openOldest();
    await platform.apply(owner, [wanted(1)], never);
    putPod(cluster, name, { resourceClaimStatuses: [{ name: 'gpus', resourceClaimName: 'c-1' }] });
    const claims = [{ name: containerName, resources: { claims: [{ name: 'gpus' }] } }];
    cluster.put(pods, { ...cluster.get(`${pods}/${name}`), spec: { nodeName: 'n1', containers: claims } });
    await pass(500);
    const [seen] = await platform.observe(owner, never);
    expect(seen?.devices).toEqual({
      toldBy: null,
      devices: null,
      unknown: expect.stringContaining('serves no version of resource.k8s.io that tells of devices') as string,
    });
    expect(refused).toEqual([]);
  });

  it('nodes are read by their labels alone', async () => {
    const { cluster, client, refused } = openOldest();
    const labels = {
      'nvidia.com/gpu.product': 'NVIDIA-L4',
      'nvidia.com/gpu.count': '1',
      'nvidia.com/gpu.replicas': '1',
      'nvidia.com/mig.capable': 'false',
    };
    cluster.put('/api/v1/nodes', { metadata: { name: 'n1', labels }, status: { capacity: { 'nvidia.com/gpu': '1' } } });
    const nodes = new ClusterNodes({
      client,
      clock: new FakeClock(),
      namespace: 'inference',
      acceleratorTaint: 'nvidia.com/gpu',
      placement: {},
      replicaImage: undefined,
      ownPod: undefined,
      runtime: () => ({}),
    });
    expect(await nodes.nodes({ accelerator: 'nvidia', selector: {} }, never)).toMatchObject([
      { name: 'n1', source: 'node-labels', devices: [{ product: 'NVIDIA L4' }] },
    ]);
    expect(refused).toEqual([]);
  });

  it('an installation is of fields that it knows, and so are the Roles that are handed out', () => {
    const options: InstallationOptions = {
      name: 'first',
      namespace: 'inference',
      image,
      imagePullSecrets: [],
      replicaSecrets: [],
      gateways: 2,
      store: { kind: 'sqlite', size: '1Gi', storageClass: 'fast' },
      blobs: null,
      tlsSecret: 'tls',
      gatewayTlsSecret: 'gateways',
      keda: true,
      kedaTlsSecret: 'keda',
      replicaTlsSecret: 'replicas',
      identitiesSecret: 'identities',
      serviceMonitor: false,
      accountTokens: true,
      admissionPolicy: true,
    };
    const settings = {
      controlPlane: { start: { command: ['plimsoll'], env: { A: '1' } }, resources: defaultResources.controlPlane },
      gateway: { start: { command: ['plimsoll'], env: {} }, resources: defaultResources.gateway },
    };
    const two: InstallationOptions = { ...options, store: { kind: 'postgresql' }, blobs: 's3://a/b' };
    const objects = [options, two].flatMap((each) => makeInstallation(each, settings) as unknown as JsonObject[]);
    const role = parse(read('deploy/kubernetes/replicas-role.yaml')) as JsonObject;
    // A kind of KEDA, which brings it.
    const own = objects.filter(({ kind }) => kind !== 'TriggerAuthentication');
    expect([...own, role].flatMap((object) => unknownFieldsOf(api, object))).toEqual([]);
  });

  it('refuses what came later, so that this test can fail', async () => {
    const { client, refused } = openOldest();
    const pod = { image: 'a', restartPolicyRules: [], name: 'a' };
    const later = { resources: { limits: {} }, hostnameOverride: 'a', containers: [pod] };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: { template: { spec: later } },
    };
    const at = '/apis/apps/v1/namespaces/inference/deployments/a';
    const apply = { contentType: 'application/apply-patch+yaml', body: deployment, signal: never };
    expect((await client.call({ method: 'PATCH', path: at, ...apply })).status).toBe(422);
    const slices = '/apis/resource.k8s.io/v1/resourceslices';
    expect((await client.call({ method: 'GET', path: slices, signal: never })).status).toBe(404);
    expect(refused).toEqual([
      '.spec.template.spec.resources',
      '.spec.template.spec.hostnameOverride',
      '.spec.template.spec.containers.restartPolicyRules',
      'list resource.k8s.io/v1 resourceslices',
    ]);
  });
});
