import type { InstallationOptions } from '../../../ports/serving/installation.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { labelOf, replicaPort } from '../manifests/labels.ts';
import { componentLabels, controlPlanePort, gatewayPort, metadataOf, scalerPort } from './object-names.ts';

const tcp = (port: number): JsonObject => ({ protocol: 'TCP', port });
const dns = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];
/** Pods of Prometheus, in whatever namespace they are. */
const prometheus: JsonObject = {
  namespaceSelector: {},
  podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
};

/** The pods of KEDA that ask, in whatever namespace they are; its other pods ask this one. */
const kedaOperator: JsonObject = {
  namespaceSelector: {},
  podSelector: { matchLabels: { app: 'keda-operator' } },
};

/**
 * Who may connect to whom:
 *
 * | to | from |
 * |---|---|
 * | control plane | gateways, replicas, Prometheus where it is asked for |
 * | its port of KEDA, where it is asked for | KEDA's operator |
 * | gateways | everybody |
 * | replicas | gateways, control plane |
 *
 * Gateways connect to the control plane, to replicas and to DNS alone. The control plane reaches databases, registries and
 * the API server, whose addresses are not known here. Policies of others add to these.
 */
export function makeNetworkPolicies(options: InstallationOptions): readonly JsonObject[] {
  const [controlPlane, gateways, replicas] = [
    { podSelector: { matchLabels: componentLabels(options, 'control-plane') } },
    { podSelector: { matchLabels: componentLabels(options, 'gateway') } },
    { podSelector: { matchLabels: { [labelOf.installation]: options.name, [labelOf.role]: 'replica' } } },
  ];
  const make = (metadata: JsonObject, spec: JsonObject): JsonObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec,
  });
  return [
    make(metadataOf(options, 'control-plane'), {
      ...controlPlane,
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [gateways, replicas, ...(options.serviceMonitor ? [prometheus] : [])],
          ports: [tcp(controlPlanePort)],
        },
        ...(options.keda ? [{ from: [kedaOperator], ports: [tcp(scalerPort)] }] : []),
      ],
    }),
    make(metadataOf(options, 'gateway'), {
      ...gateways,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [tcp(gatewayPort)] }],
      egress: [
        { to: [controlPlane], ports: [tcp(controlPlanePort)] },
        { to: [replicas], ports: [tcp(replicaPort)] },
        { ports: dns },
      ],
    }),
    make(metadataOf(options, 'control-plane', `${options.name}-replicas`), {
      ...replicas,
      policyTypes: ['Ingress'],
      ingress: [{ from: [gateways, controlPlane], ports: [tcp(replicaPort)] }],
    }),
  ];
}
