import { digestOf, shortDigest } from '../../../core/units/digest.ts';
import type { ReplicaOwner } from '../../../ports/serving/platform.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import type { PodObject } from '../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { fieldManager, labelOf, replicaPort } from './labels.ts';
import type { ManifestOptions } from './placement.ts';

/** Longest name of a Service (RFC 1035 label). */
const nameMax = 63;
/** As the controller of Kubernetes fills its slices. */
const endpointsAtMost = 100;
const port = { name: 'http', protocol: 'TCP' };

/** `SERVICE-ENVIRONMENT`; one that is too long is cut and told apart by its digest. */
export function serviceName({ service, environment }: ReplicaOwner): string {
  const name = `${service}-${environment}`;
  if (name.length <= nameMax) return name;
  return `${name.slice(0, nameMax - 7).replace(/-+$/, '')}-${shortDigest(digestOf(name)).slice(0, 6)}`;
}

/** Labels of the Service of an owner and of its slices: an object without all of them is another's. */
export function serviceLabels(installation: string, owner: ReplicaOwner): Readonly<Record<string, string>> {
  return {
    [labelOf.managedBy]: fieldManager,
    [labelOf.installation]: installation,
    [labelOf.service]: owner.service,
    [labelOf.environment]: owner.environment,
    [labelOf.role]: 'service',
  };
}

/** Label selector of all Services and slices of an installation. */
export const selectorOfServices = (installation: string): string =>
  `${labelOf.installation}=${installation},${labelOf.role}=service`;

/** A Service without a selector: which pods it leads to is said by the slices alone. */
export function makeService(owner: ReplicaOwner, options: ManifestOptions): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(serviceName(owner), {}, owner, options),
    spec: { type: 'ClusterIP', ports: [{ ...port, port: 80, targetPort: replicaPort }] },
  };
}

/**
 * The slices that lead a Service to these pods: a hundred each, and of one family of addresses.
 * @param pods that answer; any order.
 */
export function makeEndpointSlices(
  owner: ReplicaOwner,
  pods: readonly PodObject[],
  options: ManifestOptions,
): readonly JsonObject[] {
  const name = serviceName(owner);
  const labels = {
    'kubernetes.io/service-name': name,
    'endpointslice.kubernetes.io/managed-by': `${fieldManager}.dev`,
  };
  const sorted = [...pods].sort((a, b) => (a.name < b.name ? -1 : 1));
  return ['IPv4', 'IPv6'].flatMap((addressType) => {
    const own = sorted.filter(({ address }) => address?.includes(':') === (addressType === 'IPv6'));
    return Array.from({ length: Math.ceil(own.length / endpointsAtMost) }, (_, index) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: metadataOf(`${name}-${addressType.toLowerCase()}-${index}`, labels, owner, options),
      addressType,
      ports: [{ ...port, port: replicaPort }],
      endpoints: own
        .slice(index * endpointsAtMost, (index + 1) * endpointsAtMost)
        .map((pod) => endpointOf(pod, options)),
    }));
  });
}

function endpointOf(pod: PodObject, { namespace }: ManifestOptions): JsonObject {
  return {
    addresses: [pod.address],
    conditions: { ready: true, serving: true, terminating: false },
    ...(pod.node === null ? {} : { nodeName: pod.node }),
    targetRef: { kind: 'Pod', namespace, name: pod.name, uid: pod.uid },
  };
}

function metadataOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  owner: ReplicaOwner,
  { installation, namespace, ownerReference }: ManifestOptions,
): JsonObject {
  return {
    name,
    namespace,
    labels: { ...serviceLabels(installation, owner), ...labels },
    ...ownedBy(ownerReference),
  };
}

/** The field of an object that is removed with its owner; empty without one. */
export function ownedBy(owner: ManifestOptions['ownerReference']): JsonObject {
  return owner === undefined ? {} : { ownerReferences: [{ ...owner, blockOwnerDeletion: false, controller: false }] };
}
