import { PlimsollError } from '../../../core/units/errors.ts';
import { objectAt } from '../../../protocols/kubernetes-objects/json-object.ts';
import type { ApiClient } from '../api/api-client.ts';

interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
}

/** As `deploy/kubernetes/replicas-role.yaml` grants them; a test holds the two against each other. */
export const neededRights: readonly Right[] = [
  { group: 'apps', resource: 'deployments', verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { group: '', resource: 'pods', verbs: ['list', 'watch', 'patch', 'delete'] },
  { group: '', resource: 'pods/status', verbs: ['patch'] },
  { group: '', resource: 'pods/log', verbs: ['get'] },
  { group: '', resource: 'services', verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  {
    group: 'discovery.k8s.io',
    resource: 'endpointslices',
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
  },
  { group: '', resource: 'events', verbs: ['list', 'watch'] },
];

/** Of the same Role. Without them it is unknown which devices a pod has and which template made it, and no budget is made. */
export const optionalRights: readonly Right[] = [
  { group: 'resource.k8s.io', resource: 'resourceclaims', verbs: ['get'] },
  { group: 'apps', resource: 'replicasets', verbs: ['get'] },
  { group: 'policy', resource: 'poddisruptionbudgets', verbs: ['create'] },
];

/** Of the whole cluster, as `deploy/kubernetes/nodes-cluster-role.yaml` grants them: what is known of nodes. */
export const nodeRights: readonly Right[] = [
  { group: '', resource: 'nodes', verbs: ['list'] },
  { group: 'resource.k8s.io', resource: 'resourceslices', verbs: ['list'] },
];

/**
 * Asks the API server for each right that the platform needs, and changes nothing.
 * @throws PlimsollError `cluster-forbidden` (unauthorized), which names every missing verb.
 */
export async function requireRights(client: ApiClient, namespace: string, signal: AbortSignal): Promise<void> {
  const missing: string[] = [];
  for (const { group, resource, verbs } of neededRights) {
    for (const verb of verbs) {
      if (!(await isAllowed(client, namespace, group, resource, verb, signal))) {
        missing.push(`${verb} ${resource}${group === '' ? '' : `.${group}`}`);
      }
    }
  }
  if (missing.length === 0) return;
  throw new PlimsollError({
    code: 'cluster-forbidden',
    category: 'unauthorized',
    message: `the control plane may not ${missing.join(', ')} in the namespace ${namespace}`,
    next: 'bind the Role of deploy/kubernetes/replicas-role.yaml to its service account',
    details: { namespace, missing },
  });
}

/** Everybody may ask this about themselves. */
async function isAllowed(
  client: ApiClient,
  namespace: string,
  group: string,
  resource: string,
  verb: string,
  signal: AbortSignal,
): Promise<boolean> {
  const [name = '', subresource] = resource.split('/');
  const attributes = { namespace, group, resource: name, verb, ...(subresource === undefined ? {} : { subresource }) };
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: attributes },
  };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const reply = await client.call({ method: 'POST', path, body, signal });
  return objectAt(reply.body, 'status')['allowed'] === true;
}
