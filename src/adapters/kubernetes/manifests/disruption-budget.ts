import type { ReplicaOwner } from '../../../ports/serving/platform.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { fieldManager, labelOf, selectorLabels } from './labels.ts';
import type { ManifestOptions } from './placement.ts';

/**
 * The disruption budget of a set: whoever drains a node ends one replica of it at a time. One that is not Ready may always be
 * ended, so that a replica that never starts holds up no drain. It goes with its Deployment, and its name is of that one alone.
 */
export function makeReplicaBudget(
  owner: ReplicaOwner,
  set: string,
  deploymentUid: string,
  { installation, namespace }: Pick<ManifestOptions, 'installation' | 'namespace'>,
): JsonObject {
  const selector = selectorLabels(installation, owner, set);
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {
      name: `${set}-${deploymentUid.slice(0, 8)}`,
      namespace,
      labels: { ...selector, [labelOf.managedBy]: fieldManager },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: set,
          uid: deploymentUid,
          controller: false,
          blockOwnerDeletion: false,
        },
      ],
    },
    spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: selector } },
  };
}
