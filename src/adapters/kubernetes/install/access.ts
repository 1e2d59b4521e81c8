import type { InstallationOptions } from '../../../ports/serving/installation.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { neededRights, optionalRights } from '../platform/needed-rights.ts';
import { cliAccount, componentLabels, componentName, metadataOf, type Component } from './object-names.ts';

/** A service account for each component, and one for commands. Only that of the control plane may do anything. */
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
      rules: [...neededRights, ...optionalRights].map(({ group, resource, verbs }) => ({
        apiGroups: [group],
        resources: [resource],
        verbs,
      })),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: subjectsOf(options),
    },
    ...(options.accountTokens ? makeAccountAccess(options) : []),
  ];
}

const subjectsOf = (options: InstallationOptions): readonly JsonObject[] => [
  { kind: 'ServiceAccount', name: componentName(options, 'control-plane'), namespace: options.namespace },
];

/** A TokenReview is of no namespace. Whoever may make tokens of the account for commands may ask as that account. */
function makeAccountAccess(options: InstallationOptions): readonly JsonObject[] {
  const name = `${options.name}-${options.namespace}-token-reviews`;
  const metadata = { name, labels: componentLabels(options, 'control-plane') };
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: metadataOf(options, 'control-plane', cliAccount(options)),
      automountServiceAccountToken: false,
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata,
      rules: [{ apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: subjectsOf(options),
    },
  ];
}

const makeServiceAccount = (options: InstallationOptions, component: Component): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: metadataOf(options, component),
  automountServiceAccountToken: component === 'control-plane',
});
