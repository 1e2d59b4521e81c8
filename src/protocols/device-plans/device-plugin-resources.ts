import type { YamlValue } from '../yaml-text/yaml.ts';
import { configLabel, configStateLabel, makeProductLabel, nameMigResource, productLabel } from './device-names.ts';
import { listShares, type ServiceShare } from './list-claims.ts';
import { nameMigConfig } from './mig-parted-config.ts';
import type { PlacedPlan } from './place-plan.ts';

/** What the pods of one service say to get instances of one profile from NVIDIA's device plugin. */
export interface ShareResources extends ServiceShare {
  readonly podSpec: { readonly [key: string]: YamlValue };
}

/**
 * Returns the limits and the node affinity for each service and profile, under the mixed strategy of the device plugin.
 *
 * | label | asked for |
 * |---|---|
 * | `nvidia.com/gpu.product` | the products that the plan was made for: names of profiles are not unique across boards |
 * | `nvidia.com/mig.config` | configurations of the nodes that have such an instance for the service |
 * | `nvidia.com/mig.config.state` | `success`: a node that is being divided takes no pods |
 */
export function makeDevicePluginResources(plan: PlacedPlan): readonly ShareResources[] {
  return listShares(plan).map((share) => {
    const own = plan.nodes.filter((node) => share.nodes.includes(node.name));
    const matchExpressions = [
      { key: productLabel, values: own.map(({ product }) => makeProductLabel(product)) },
      { key: configLabel, values: own.map((node) => nameMigConfig(node, plan.board)) },
      { key: configStateLabel, values: ['success'] },
    ].map(({ key, values }) => ({ key, operator: 'In', values: [...new Set(values)].sort() }));
    const required = { nodeSelectorTerms: [{ matchExpressions }] };
    return {
      ...share,
      podSpec: {
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
        containers: [{ name: share.service, resources: { limits: { [nameMigResource(share.profile)]: 1 } } }],
      },
    };
  });
}
