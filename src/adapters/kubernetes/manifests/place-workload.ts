import type { Workload } from '../../../ports/serving/platform.ts';
import { objectAt } from '../../../protocols/kubernetes-objects/json-object.ts';
import type { Placement } from './placement.ts';

/**
 * A placement that asks for what one replica takes as well: parts of its node, and accelerators. Nodes with accelerators are often kept
 * free by a taint of the name of the resource, which such a pod may pass over. Memory is asked for and limited alike, cores are
 * asked for alone: a limit of cores slows a replica down where cores are idle.
 * @param resource as the device plugin of the cluster names it: `nvidia.com/gpu`, `nvidia.com/mig-3g.40gb`.
 */
export function placeWorkload(
  placement: Placement,
  { devices, host = {}, selector = {}, runtimeClass }: Pick<Workload, 'devices' | 'host' | 'selector' | 'runtimeClass'>,
  resource: string,
): Placement {
  const { resources = {}, tolerations = [] } = placement;
  const cpu = host.cpus === undefined ? {} : { cpu: `${Math.ceil(host.cpus * 1_000)}m` };
  const memory = host.memoryBytes === undefined ? {} : { memory: String(Math.ceil(host.memoryBytes)) };
  // Of an extended resource the request is equal to the limit.
  const device = devices === 0 ? {} : { [resource]: String(devices) };
  const requests = { ...objectAt(resources, 'requests'), ...cpu, ...memory };
  const limits = { ...objectAt(resources, 'limits'), ...memory, ...device };
  const key = taintOf(resource);
  const all = devices === 0 ? tolerations : [...tolerations, { key, operator: 'Exists', effect: 'NoSchedule' }];
  // The contract adds labels, and takes none of the control plane's back.
  const nodeSelector = { ...selector, ...placement.nodeSelector };
  const isAsked = (part: object): boolean => Object.keys(part).length > 0;
  return {
    ...placement,
    ...(isAsked(nodeSelector) ? { nodeSelector } : {}),
    ...(isAsked(requests) || isAsked(limits)
      ? { resources: { ...(isAsked(requests) ? { requests } : {}), ...(isAsked(limits) ? { limits } : {}) } }
      : {}),
    ...(all.length === 0 ? {} : { tolerations: all }),
    ...(runtimeClass === undefined || devices === 0 ? {} : { runtimeClassName: runtimeClass }),
  };
}

/** The taint of nodes with that resource. */
export const taintOf = (resource: string): string => (resource.startsWith('nvidia.com/') ? 'nvidia.com/gpu' : resource);
