import { expect, it } from 'vitest';
import { describeCall } from './describe-call.ts';

const deployments = '/apis/apps/v1/namespaces/n/deployments';

it.each<[string, string, Readonly<Record<string, string>>, string]>([
  ['GET', deployments, {}, 'list deployments.apps in n'],
  ['GET', deployments, { watch: 'true' }, 'watch deployments.apps in n'],
  ['GET', `${deployments}/a`, {}, 'get deployments.apps in n'],
  ['PATCH', `${deployments}/a`, {}, 'patch deployments.apps in n'],
  ['DELETE', `${deployments}/a`, {}, 'delete deployments.apps in n'],
  ['GET', '/api/v1/namespaces/n/pods/p/log', {}, 'get pods/log in n'],
  ['PATCH', '/api/v1/namespaces/n/pods/p/status', {}, 'patch pods/status in n'],
  ['GET', '/api/v1/nodes', {}, 'list nodes in null'],
  [
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    {},
    'create selfsubjectaccessreviews.authorization.k8s.io in null',
  ],
])('%s %s %j needs the right to %s', (method, path, query, right) => {
  const { verb, resource, namespace } = describeCall({ method, path, query });
  expect(`${verb} ${resource} in ${namespace}`).toBe(right);
});
