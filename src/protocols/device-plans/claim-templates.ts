import { draClassNames, draDriver } from '../../core/hardware/selectors/dra-selector.ts';
import type { YamlValue } from '../yaml-text/yaml.ts';
import { nameClaimTemplate } from './device-names.ts';
import { listShares, type ServiceShare } from './list-claims.ts';
import type { PlacedPlan } from './place-plan.ts';

/** A ResourceClaimTemplate for the replicas of one service in instances of one profile. */
export interface ShareTemplate extends ServiceShare {
  readonly template: { readonly [key: string]: YamlValue };
  /** What a pod specification says beside it: the claim, and the container that uses the claim. */
  readonly podSpec: { readonly [key: string]: YamlValue };
}

/** The name of the request, and of the claim in the pod. */
const requestName = 'mig';

/**
 * Returns one ResourceClaimTemplate (`resource.k8s.io/v1`) for each service and profile. Each pod with the template gets one
 * instance of the profile on one of the plan's products.
 *
 * A service with two profiles has two templates, and its replicas are two sets: a list of alternatives in one claim
 * would give every replica the first of them.
 * Source of class and attributes: https://github.com/kubernetes-sigs/dra-driver-nvidia-gpu (read 2026-11).
 * @param namespace of the service's pods; left out when null
 */
export function makeResourceClaimTemplates(
  plan: PlacedPlan,
  namespace: string | null = null,
): readonly ShareTemplate[] {
  return listShares(plan).map((share) => {
    const name = nameClaimTemplate(share.service, share.profile);
    const products = plan.nodes.filter((node) => share.nodes.includes(node.name)).map(({ product }) => product);
    const exactly = {
      deviceClassName: draClassNames.mig,
      selectors: [{ cel: { expression: makeProfileExpression(share.profile, products) } }],
      allocationMode: 'ExactCount',
      count: 1,
    };
    return {
      ...share,
      template: {
        apiVersion: 'resource.k8s.io/v1',
        kind: 'ResourceClaimTemplate',
        metadata: { name, ...(namespace === null ? {} : { namespace }) },
        spec: { spec: { devices: { requests: [{ name: requestName, exactly }] } } },
      },
      podSpec: {
        resourceClaims: [{ name: requestName, resourceClaimTemplateName: name }],
        containers: [{ name: share.service, resources: { claims: [{ name: requestName }] } }],
      },
    };
  });
}

/** Returns a CEL expression that is true for instances of a profile on these products. */
function makeProfileExpression(profile: string, products: readonly string[]): string {
  const attribute = (name: string): string => `device.attributes["${draDriver}"].${name}`;
  const names = [...new Set(products)].sort().map((product) => JSON.stringify(product));
  const ofProduct =
    names.length === 1
      ? `${attribute('productName')} == ${names[0] ?? ''}`
      : `${attribute('productName')} in [${names.join(', ')}]`;
  // The driver first: devices of other drivers do not have these attributes, and `false && error` is false.
  return [
    `device.driver == "${draDriver}"`,
    `${attribute('type')} == "mig"`,
    `${attribute('profile')} == ${JSON.stringify(profile)}`,
    ofProduct,
  ].join(' &&\n');
}
