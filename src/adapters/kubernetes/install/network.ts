import type { InstallationOptions } from '../../../ports/serving/installation.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { labelOf, replicaPort } from '../manifests/labels.ts';
import { componentLabels, controlPlanePort, gatewayPort, metadataOf, scalerPort } from './object-names.ts';

const tcp = (port: number): JsonObject => ({ protocol: 'TCP', port });
const dns = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];
/** HTTPS, and the API server behind its Service: policies are judged by the port of the address that it leads to. */
const outsidePorts = [443, 6_443, 8_443];
const postgresqlPort = 5_432;
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
 * | replicas | gateways, control plane, Prometheus where it is asked for |
 *
 * Gateways connect to the control plane, to replicas and to DNS alone; replicas to the control plane and to DNS. The control plane
 * reaches databases, registries, buckets and the API server, whose addresses are not known here: by their usual ports alone.
 * Policies of others add to these.
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
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [gateways, replicas, ...(options.serviceMonitor ? [prometheus] : [])],
          ports: [tcp(controlPlanePort)],
        },
        ...(options.keda ? [{ from: [kedaOperator], ports: [tcp(scalerPort)] }] : []),
      ],
      egress: [
        { to: [replicas], ports: [tcp(replicaPort)] },
        { ports: dns },
        { ports: [...outsidePorts, ...(options.store.kind === 'postgresql' ? [postgresqlPort] : [])].map(tcp) },
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
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [gateways, controlPlane, ...(options.serviceMonitor ? [prometheus] : [])],
          ports: [tcp(replicaPort)],
        },
      ],
      egress: [{ to: [controlPlane], ports: [tcp(controlPlanePort)] }, { ports: dns }],
    }),
  ];
}
