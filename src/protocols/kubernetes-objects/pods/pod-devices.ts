import { arrayOf, isObject, objectAt, textOf, type JsonObject } from '../json-object.ts';
import { readKubernetesQuantity } from '../quantity.ts';

/** What a v1 Pod tells of the accelerators of one container. */
export interface PodDevices {
  /** Extended resources that the container asks for: `{ "nvidia.com/gpu": 1 }`. */
  readonly asked: Readonly<Record<string, number>>;
  /** ResourceClaims that it has devices of. */
  readonly claims: readonly PodClaim[];
  /** What the kubelet says that it was given. */
  readonly allocated: readonly { readonly resource: string; readonly id: string }[];
}

export interface PodClaim {
  readonly claim: string;
  /** Requests of the claim that are the container's; null for all of them. */
  readonly requests: readonly string[] | null;
}

const objects = (value: unknown): readonly JsonObject[] => arrayOf(value).filter(isObject);
const named = (list: unknown, name: string | null): JsonObject =>
  objects(list).find((one) => one['name'] === name) ?? {};

/**
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 *
 * | field | of |
 * |---|---|
 * | `resources.claims`, `status.resourceClaimStatuses` | claims that the pod names (DRA) |
 * | `status.extendedResourceClaimStatus` | the claim that the scheduler makes for an extended resource (1.34) |
 * | `allocatedResourcesStatus` | devices of a device plugin, by the ids that it gave them (1.31) |
 */
export function readPodDevices(pod: JsonObject, containerName: string): PodDevices {
  const status = objectAt(pod, 'status');
  const spec = objectAt(pod, 'spec');
  const resources = objectAt(named(spec['containers'], containerName), 'resources');
  const asked = Object.entries(objectAt(resources, 'limits')).flatMap(([name, value]) => {
    const count = name.includes('/') ? readKubernetesQuantity(value) : null;
    return count === null || count === 0 ? [] : [[name, count] as const];
  });
  return {
    asked: Object.fromEntries(asked),
    claims: [...namedClaims(spec, status, resources), ...extendedClaim(status, containerName)],
    allocated: allocatedTo(named(status['containerStatuses'], containerName)),
  };
}

function namedClaims(spec: JsonObject, status: JsonObject, resources: JsonObject): readonly PodClaim[] {
  return objects(resources['claims']).flatMap((one) => {
    const name = textOf(one['name']);
    const made = named(status['resourceClaimStatuses'], name);
    const claim = textOf(made['resourceClaimName']) ?? textOf(named(spec['resourceClaims'], name)['resourceClaimName']);
    const request = textOf(one['request']);
    return claim === null ? [] : [{ claim, requests: request === null ? null : [request] }];
  });
}

function extendedClaim(status: JsonObject, containerName: string): readonly PodClaim[] {
  const made = objectAt(status, 'extendedResourceClaimStatus');
  const claim = textOf(made['resourceClaimName']);
  const requests = objects(made['requestMappings']).flatMap((one) =>
    one['containerName'] === containerName ? (textOf(one['requestName']) ?? []) : [],
  );
  return claim === null || requests.length === 0 ? [] : [{ claim, requests }];
}

/** Those of claims are named `claim:NAME/REQUEST`, and told by the claim itself. */
function allocatedTo(container: JsonObject): PodDevices['allocated'] {
  return objects(container['allocatedResourcesStatus']).flatMap((one) => {
    const resource = textOf(one['name']) ?? '';
    if (resource.startsWith('claim:')) return [];
    return objects(one['resources']).flatMap((each) => {
      const id = textOf(each['resourceID']);
      return id === null ? [] : [{ resource, id }];
    });
  });
}
