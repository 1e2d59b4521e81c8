import { PlimsollError } from '../../../core/units/errors.ts';
import { objectAt, textOf } from '../../../protocols/kubernetes-objects/json-object.ts';
import type { ApiClient } from '../api/api-client.ts';
import type { OwnerReference } from '../manifests/placement.ts';

/**
 * The Deployment with whose removal Kubernetes removes everything that the platform made.
 * @throws PlimsollError `owner-missing` (input), and as `ApiClient.call`.
 */
export async function findOwner(
  client: ApiClient,
  namespace: string,
  deployment: string,
  signal: AbortSignal,
): Promise<OwnerReference> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`;
  const { status, body } = await client.call({ method: 'GET', path, signal });
  const uid = textOf(objectAt(body, 'metadata')['uid']);
  if (status !== 200 || uid === null) throw ownerMissing(namespace, deployment);
  return { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment, uid };
}

function ownerMissing(namespace: string, deployment: string): PlimsollError {
  return new PlimsollError({
    code: 'owner-missing',
    category: 'input',
    message: `there is no Deployment ${deployment} in the namespace ${namespace}, and --owner names it`,
    next: `kubectl get deployments --namespace ${namespace}; leave --owner out where nothing owns the replicas`,
  });
}
