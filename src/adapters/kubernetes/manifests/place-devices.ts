import { objectAt } from '../../../protocols/kubernetes-objects/json-object.ts';
import type { Placement } from './placement.ts';

/**
 * A placement that asks for accelerators as well. Nodes with them are often kept free by a taint of the name of the
 * resource, which such a pod may pass over.
 * @param devices of one replica; 0 for none.
 * @param resource as the device plugin of the cluster names it: `nvidia.com/gpu`, `nvidia.com/mig-3g.40gb`.
 */
export function placeDevices(placement: Placement, devices: number, resource: string): Placement {
  if (devices === 0) return placement;
  const { resources = {}, tolerations = [] } = placement;
  return {
    ...placement,
    // Of an extended resource the request is equal to the limit.
    resources: { ...resources, limits: { ...objectAt(resources, 'limits'), [resource]: String(devices) } },
    tolerations: [...tolerations, { key: taintOf(resource), operator: 'Exists', effect: 'NoSchedule' }],
  };
}

/** The taint of nodes with that resource. */
export const taintOf = (resource: string): string => (resource.startsWith('nvidia.com/') ? 'nvidia.com/gpu' : resource);
