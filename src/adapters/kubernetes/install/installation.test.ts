import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Installation, InstallationOptions } from '../../../ports/serving/installation.ts';
import { arrayOf, objectAt, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { defaultResources, makeInstallation, type InstallationSettings } from './installation.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const settings: InstallationSettings = {
  controlPlane: {
    start: { command: ['plimsoll', 'control-plane'], env: { A: '1' } },
    resources: defaultResources.controlPlane,
  },
  gateway: { start: { command: ['plimsoll', 'gateway'], env: {} }, resources: defaultResources.gateway },
};
const options: InstallationOptions = {
  name: 'first',
  namespace: 'inference',
  image: `registry.example/plimsoll@sha256:${'a'.repeat(64)}`,
  imagePullSecrets: [],
  replicaSecrets: [],
  gateways: 3,
  store: { kind: 'sqlite', size: '10Gi', storageClass: null },
  blobs: null,
  tlsSecret: null,
  gatewayTlsSecret: null,
  keda: false,
  kedaTlsSecret: null,
  replicaTlsSecret: null,
  identitiesSecret: null,
  serviceMonitor: false,
  accountTokens: false,
  admissionPolicy: true,
};
const everything: InstallationOptions = {
  ...options,
  store: { kind: 'postgresql' },
  blobs: 's3://models/plimsoll',
  tlsSecret: 'server',
  gatewayTlsSecret: 'gateways',
  keda: true,
  kedaTlsSecret: 'keda',
  replicaTlsSecret: 'replicas',
  identitiesSecret: 'identities',
  serviceMonitor: true,
  accountTokens: true,
};
const make = (more: Partial<InstallationOptions> = {}): Installation =>
  makeInstallation({ ...options, ...more }, settings);
const find = (made: Installation, kind: string, name: string): JsonObject => {
  const found = made.find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found as unknown as JsonObject;
};
const podOf = (workload: JsonObject): JsonObject => objectAt(workload, 'spec', 'template', 'spec');
const containerOf = (workload: JsonObject): JsonObject =>
  objectAt({ first: arrayOf(podOf(workload)['containers'])[0] }, 'first');
const isWorkload = ({ kind }: Installation[number]): boolean => kind === 'Deployment' || kind === 'StatefulSet';

describe('an installation', () => {
  it.each([
    ['sqlite', options],
    ['postgresql', everything],
  ])('with %s is this one', async (name, chosen) => {
    await expect(`${JSON.stringify(makeInstallation(chosen, settings), null, 2)}\n`).toMatchFileSnapshot(
      path.join(import.meta.dirname, `fixtures/${name}.golden`),
    );
  });

  it('may verify tokens of service accounts where it was asked for, and nothing else of the whole cluster', () => {
    const made = make({ accountTokens: true, admissionPolicy: false });
    const wide = made.filter(({ metadata }) => metadata.namespace === undefined);
    expect(wide.map(({ kind }) => kind)).toEqual(['ClusterRole', 'ClusterRoleBinding']);
    expect(find(made, 'ClusterRole', 'first-inference-token-reviews')['rules']).toEqual([
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
    ]);
    expect(find(made, 'ClusterRoleBinding', 'first-inference-token-reviews')['subjects']).toEqual([
      { kind: 'ServiceAccount', name: 'first-control-plane', namespace: 'inference' },
    ]);
    expect(find(made, 'ServiceAccount', 'first-cli')['automountServiceAccountToken']).toBe(false);
    expect(make({ admissionPolicy: false }).every(({ metadata }) => metadata.namespace === 'inference')).toBe(true);
  });

  it('grants the rules of the Role that is handed out, and these to the control plane alone', () => {
    const role = parse(readFileSync(path.join(root, 'deploy/kubernetes/replicas-role.yaml'), 'utf8')) as JsonObject;
    const made = make();
    expect(find(made, 'Role', 'first-replicas')['rules']).toEqual(role['rules']);
    expect(find(made, 'RoleBinding', 'first-replicas')['subjects']).toEqual([
      { kind: 'ServiceAccount', name: 'first-control-plane', namespace: 'inference' },
    ]);
    expect(made.filter(({ kind }) => /Role/.test(kind))).toHaveLength(2);
    expect(podOf(find(made, 'Deployment', 'first-gateway'))['automountServiceAccountToken']).toBe(false);
  });

  it.each([options, everything])('is in one namespace, with names of its own', (chosen) => {
    const made = makeInstallation(chosen, settings);
    const namespaced = made.filter(({ kind }) => !/^(?:Cluster|ValidatingAdmission)/.test(kind));
    expect(new Set(namespaced.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['inference']));
    expect(made.every(({ metadata }) => metadata.name.startsWith('first-'))).toBe(true);
    expect(new Set(made.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).size).toBe(made.length);
  });

  it.each([options, everything])(
    'has pods as `restricted` asks, that Services, budgets and policies select',
    (chosen) => {
      const made = makeInstallation(chosen, settings);
      const workloads = made.filter(isWorkload) as unknown as readonly JsonObject[];
      expect(workloads).toHaveLength(2);
      for (const workload of workloads) {
        expect(objectAt(podOf(workload), 'securityContext')).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
        expect(containerOf(workload)['securityContext']).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        const labels = objectAt(workload, 'spec', 'template', 'metadata')['labels'];
        const name = objectAt(workload, 'metadata')['name'] as string;
        expect(objectAt(workload, 'spec', 'selector')['matchLabels']).toEqual(labels);
        const isOneOfTwo = chosen === everything && name === 'first-control-plane';
        const lease = isOneOfTwo ? { 'plimsoll.dev/lease': 'held' } : {};
        expect(objectAt(find(made, 'Service', name), 'spec')['selector']).toEqual({ ...(labels as object), ...lease });
        expect(objectAt(find(made, 'NetworkPolicy', name), 'spec', 'podSelector')['matchLabels']).toEqual(labels);
      }
      expect(objectAt(find(made, 'PodDisruptionBudget', 'first-gateway'), 'spec', 'selector')).toEqual({
        matchLabels: objectAt(find(made, 'Deployment', 'first-gateway'), 'spec', 'template', 'metadata')['labels'],
      });
    },
  );

  it('with SQLite is one control plane that keeps its volume, with a database two', () => {
    expect(objectAt(find(make(), 'StatefulSet', 'first-control-plane'), 'spec')['replicas']).toBe(1);
    const two = find(make({ store: { kind: 'postgresql' }, blobs: 's3://a' }), 'Deployment', 'first-control-plane');
    expect(objectAt(two, 'spec')['replicas']).toBe(2);
    expect(JSON.stringify(containerOf(two)['env'])).toContain('DATABASE_URL');
  });

  it('gives the gateways the authority of the control plane, and never its key', () => {
    const gateway = JSON.stringify(find(make({ tlsSecret: 'server' }), 'Deployment', 'first-gateway'));
    expect(gateway).toContain('https://first-control-plane.inference.svc:7070');
    expect(gateway).not.toMatch(/tls\.key|plain-http/);
  });

  it('gives gateways a certificate to show, and the control plane its authority alone', () => {
    const made = make({ tlsSecret: 'server', gatewayTlsSecret: 'gateways' });
    const gateway = JSON.stringify(find(made, 'Deployment', 'first-gateway'));
    expect(gateway).toContain('"--tls-cert","/etc/plimsoll/gateway-tls/tls.crt"');
    const controlPlane = JSON.stringify(find(made, 'StatefulSet', 'first-control-plane'));
    expect(controlPlane).toContain('"--tls-client-ca","/etc/plimsoll/gateway-tls/ca.crt"');
    expect(controlPlane).toContain(
      '"secretName":"gateways","defaultMode":288,"items":[{"key":"ca.crt","path":"ca.crt"}]',
    );
  });

  it('gives KEDA a port, whom to trust and what to show, and the control plane the authority of KEDA alone', () => {
    const made = make({ tlsSecret: 'server', keda: true, kedaTlsSecret: 'keda' });
    const controlPlane = JSON.stringify(find(made, 'StatefulSet', 'first-control-plane'));
    expect(controlPlane).toContain(
      '"--scaler-listen","0.0.0.0:6000","--scaler-client-ca","/etc/plimsoll/keda-tls/ca.crt"',
    );
    expect(controlPlane).toContain('"secretName":"keda","defaultMode":288,"items":[{"key":"ca.crt","path":"ca.crt"}]');
    expect(objectAt(find(made, 'Service', 'first-control-plane'), 'spec')['ports']).toContainEqual({
      ...{ name: 'scaler', port: 6000, targetPort: 'scaler', protocol: 'TCP' },
    });
    expect(objectAt(find(made, 'TriggerAuthentication', 'first-keda'), 'spec')['secretTargetRef']).toEqual([
      { parameter: 'caCert', name: 'server', key: 'ca.crt' },
      { parameter: 'tlsClientCert', name: 'keda', key: 'tls.crt' },
      { parameter: 'tlsClientKey', name: 'keda', key: 'tls.key' },
    ]);
  });

  it('opens no port for KEDA where nobody asked, and shows nothing over plain text', () => {
    const closed = JSON.stringify(make({ tlsSecret: 'server', kedaTlsSecret: 'keda' }));
    expect(closed).not.toMatch(/scaler|keda/i);
    const plain = make({ keda: true, kedaTlsSecret: 'keda' });
    expect(JSON.stringify(plain)).toContain('"--scaler-listen"');
    expect(JSON.stringify(plain)).not.toMatch(/scaler-client-ca|TriggerAuthentication/);
  });

  it('gives the control plane the identities file with the keys beside it, and nobody else', () => {
    const made = make({ identitiesSecret: 'providers' });
    const controlPlane = find(made, 'StatefulSet', 'first-control-plane');
    const { args, volumeMounts } = containerOf(controlPlane);
    expect(JSON.stringify(args)).toContain('"--identities","/etc/plimsoll/identities/identities.yaml"');
    expect(volumeMounts).toContainEqual({ name: 'identities', mountPath: '/etc/plimsoll/identities', readOnly: true });
    expect(podOf(controlPlane)['volumes']).toContainEqual({
      name: 'identities',
      secret: { secretName: 'providers', defaultMode: 0o440 },
    });
    expect(JSON.stringify(made.filter((each) => each.metadata.name !== 'first-control-plane'))).not.toContain(
      'providers',
    );
    expect(JSON.stringify(make())).not.toContain('identities');
  });

  it('gives gateways and the control plane what they show replicas', () => {
    const made = make({ replicaTlsSecret: 'replicas' });
    for (const workload of [
      find(made, 'Deployment', 'first-gateway'),
      find(made, 'StatefulSet', 'first-control-plane'),
    ]) {
      const text = JSON.stringify(workload);
      expect(text).toContain('{"name":"PLIMSOLL_REPLICA_KEY_FILE","value":"/etc/plimsoll/replica-tls/tls.key"}');
      expect(text).toContain('"mountPath":"/etc/plimsoll/replica-tls"');
      expect(text).toContain('"secretName":"replicas"');
    }
    expect(JSON.stringify(make())).not.toMatch(/replica-tls|PLIMSOLL_REPLICA_CA/);
  });

  it('asks for no certificate without https', () => {
    expect(JSON.stringify(make({ gatewayTlsSecret: 'gateways' }))).not.toMatch(/gateway-tls/);
  });
});
