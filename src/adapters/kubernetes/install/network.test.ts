import { describe, expect, it } from 'vitest';
import type { InstallationOptions } from '../../../ports/serving/installation.ts';
import {
  arrayOf,
  isObject,
  objectAt,
  textsOf,
  type JsonObject,
} from '../../../protocols/kubernetes-objects/json-object.ts';
import { selectorLabels } from '../manifests/labels.ts';
import { makeNetworkPolicies } from './network.ts';
import { componentLabels, controlPlanePort, gatewayPort, readyPort, scalerPort } from './object-names.ts';

const options: InstallationOptions = {
  name: 'first',
  namespace: 'inference',
  image: `registry.example/plimsoll@sha256:${'a'.repeat(64)}`,
  imagePullSecrets: [],
  replicaSecrets: [],
  gateways: 2,
  store: { kind: 'postgresql' },
  blobs: 's3://models/plimsoll',
  tlsSecret: 'server',
  gatewayTlsSecret: null,
  keda: true,
  kedaTlsSecret: null,
  replicaTlsSecret: null,
  identitiesSecret: null,
  serviceMonitor: true,
  accountTokens: true,
  admissionPolicy: true,
};
const owner = { service: 'tiny', environment: 'prod' };

interface Peer {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}
const inside = (labels: Readonly<Record<string, string>>): Peer => ({ namespace: 'inference', labels });
const peers = {
  'control plane': inside(componentLabels(options, 'control-plane')),
  // The kubelet of its node may always connect to a pod: no policy is about that.
  gateway: inside(componentLabels(options, 'gateway')),
  replica: inside(selectorLabels('first', owner, 'tiny-prod-1')),
  'replica of another installation': inside(selectorLabels('second', owner, 'tiny-prod-1')),
  'gateway of another installation': inside(componentLabels({ name: 'second' }, 'gateway')),
  'another pod of the namespace': inside({ app: 'other' }),
  'pod of another namespace': { namespace: 'other', labels: { app: 'other' } },
  'gateway labels in another namespace': { namespace: 'other', labels: componentLabels(options, 'gateway') },
  Prometheus: { namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'prometheus' } },
  // As KEDA's own manifests label it.
  'operator of KEDA': { namespace: 'keda', labels: { app: 'keda-operator' } },
  'DNS of the cluster': { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  // A namespace that no selector of a pod reaches.
  'address outside': { namespace: '', labels: {} },
} as const satisfies Record<string, Peer>;
type Name = keyof typeof peers;

/** The rules of networking.k8s.io/v1: a pod that no policy selects is open, and policies add up. */
function isAllowed(from: Peer, to: Peer, protocol: string, port: number, policies: readonly JsonObject[]): boolean {
  return (
    passes('Egress', 'egress', 'to', from, to, protocol, port, policies) &&
    passes('Ingress', 'ingress', 'from', to, from, protocol, port, policies)
  );
}

function passes(
  type: 'Ingress' | 'Egress',
  rules: 'ingress' | 'egress',
  side: 'from' | 'to',
  own: Peer,
  other: Peer,
  protocol: string,
  port: number,
  policies: readonly JsonObject[],
): boolean {
  const selecting = policies.filter(
    (policy) =>
      own.namespace === objectAt(policy, 'metadata')['namespace'] &&
      arrayOf(objectAt(policy, 'spec')['policyTypes']).includes(type) &&
      isSelected(own, objectAt(policy, 'spec', 'podSelector')),
  );
  if (selecting.length === 0) return true;
  return selecting.some((policy) =>
    arrayOf(objectAt(policy, 'spec')[rules])
      .filter(isObject)
      .some((rule) => {
        const ports = arrayOf(rule['ports']).filter(isObject);
        const sides = arrayOf(rule[side]).filter(isObject);
        const onPort =
          ports.length === 0 || ports.some((each) => each['protocol'] === protocol && each['port'] === port);
        return onPort && (sides.length === 0 || sides.some((each) => isPeer(other, each, own.namespace)));
      }),
  );
}

/** Without a selector of namespaces a peer is in the namespace of the policy; an empty one means every namespace. */
function isPeer(peer: Peer, rule: JsonObject, namespace: string): boolean {
  const { namespaceSelector, podSelector } = rule;
  if (namespaceSelector === undefined && peer.namespace !== namespace) return false;
  if (namespaceSelector !== undefined && (peer.namespace === '' || Object.keys(namespaceSelector as object).length > 0))
    return false;
  return podSelector === undefined || isSelected(peer, podSelector as JsonObject);
}

/** @throws Error for what this test does not know, so that no rule is passed over. */
function isSelected({ labels }: Peer, selector: JsonObject): boolean {
  if (Object.keys(selector).some((key) => key !== 'matchLabels')) throw new Error(JSON.stringify(selector));
  return Object.entries(textsOf(selector['matchLabels'])).every(([name, value]) => labels[name] === value);
}

const policies = makeNetworkPolicies(options);
const replicaHttp = 8080;

describe('the network policies of an installation', () => {
  it.each<[Name, Name, number, string?]>([
    ['gateway', 'control plane', controlPlanePort],
    ['gateway', 'replica', replicaHttp],
    ['gateway', 'DNS of the cluster', 53, 'UDP'],
    ['gateway', 'DNS of the cluster', 53, 'TCP'],
    // The init container that fetches files.
    ['replica', 'control plane', controlPlanePort],
    ['replica', 'DNS of the cluster', 53, 'UDP'],
    // Golden sets, and who answers at an address.
    ['control plane', 'replica', replicaHttp],
    ['control plane', 'DNS of the cluster', 53, 'UDP'],
    // The API server, PostgreSQL and the bucket are addresses that nobody knows here.
    ['control plane', 'address outside', 443],
    ['control plane', 'address outside', 5432],
    ['another pod of the namespace', 'gateway', gatewayPort],
    ['pod of another namespace', 'gateway', gatewayPort],
    ['address outside', 'gateway', gatewayPort],
    ['Prometheus', 'control plane', controlPlanePort],
    ['Prometheus', 'gateway', gatewayPort],
    ['Prometheus', 'replica', replicaHttp],
    ['control plane', 'address outside', 6443],
    ['operator of KEDA', 'control plane', scalerPort],
  ])('let a %s connect to a %s on port %i', (from, to, port, protocol = 'TCP') => {
    expect(isAllowed(peers[from], peers[to], protocol, port, policies)).toBe(true);
  });

  it.each<[Name, Name, number]>([
    ['another pod of the namespace', 'control plane', controlPlanePort],
    ['pod of another namespace', 'control plane', controlPlanePort],
    ['gateway labels in another namespace', 'control plane', controlPlanePort],
    ['gateway of another installation', 'control plane', controlPlanePort],
    ['replica of another installation', 'control plane', controlPlanePort],
    ['address outside', 'control plane', controlPlanePort],
    ['gateway', 'control plane', readyPort],
    ['operator of KEDA', 'control plane', controlPlanePort],
    ['gateway', 'control plane', scalerPort],
    ['another pod of the namespace', 'control plane', scalerPort],
    ['pod of another namespace', 'control plane', scalerPort],
    ['another pod of the namespace', 'control plane', readyPort],
    ['another pod of the namespace', 'replica', replicaHttp],
    ['gateway of another installation', 'replica', replicaHttp],
    ['address outside', 'replica', replicaHttp],
    ['gateway', 'address outside', 443],
    ['replica', 'address outside', 443],
    ['replica', 'address outside', 80],
    ['replica', 'pod of another namespace', 443],
    ['replica', 'replica', replicaHttp],
    ['replica', 'control plane', readyPort],
    ['control plane', 'address outside', 80],
    ['control plane', 'pod of another namespace', 9090],
    ['gateway', 'replica of another installation', replicaHttp],
    ['gateway', 'another pod of the namespace', replicaHttp],
  ])('keep a %s from a %s on port %i', (from, to, port) => {
    expect(isAllowed(peers[from], peers[to], 'TCP', port, policies)).toBe(false);
  });

  it('keep Prometheus from the control plane and replicas where nobody asked for its monitors', () => {
    const without = makeNetworkPolicies({ ...options, serviceMonitor: false });
    expect(isAllowed(peers.Prometheus, peers['control plane'], 'TCP', controlPlanePort, without)).toBe(false);
    expect(isAllowed(peers.Prometheus, peers.replica, 'TCP', replicaHttp, without)).toBe(false);
  });

  it('keep the control plane from databases where its store is a volume', () => {
    const alone = makeNetworkPolicies({ ...options, store: { kind: 'sqlite', size: '1Gi', storageClass: null } });
    expect(isAllowed(peers['control plane'], peers['address outside'], 'TCP', 5432, alone)).toBe(false);
  });
});
