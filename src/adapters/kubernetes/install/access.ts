import type { InstallationOptions } from '../../../ports/serving/installation.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { neededRights } from '../platform/needed-rights.ts';
import { componentName, metadataOf, type Component } from './object-names.ts';

/** A service account for each component. Only that of the control plane may do anything. */
export function makeAccess(options: InstallationOptions): readonly JsonObject[] {
  const name = `${options.name}-replicas`;
  const metadata = metadataOf(options, 'control-plane', name);
  return [
    makeServiceAccount(options, 'control-plane'),
    makeServiceAccount(options, 'gateway'),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: neededRights.map(({ group, resource, verbs }) => ({ apiGroups: [group], resources: [resource], verbs })),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [
        { kind: 'ServiceAccount', name: componentName(options, 'control-plane'), namespace: options.namespace },
      ],
    },
  ];
}

const makeServiceAccount = (options: InstallationOptions, component: Component): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: metadataOf(options, component),
  automountServiceAccountToken: component === 'control-plane',
});
