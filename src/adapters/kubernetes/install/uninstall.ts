import {
  arrayOf,
  isObject,
  objectAt,
  textOf,
  type JsonObject,
} from '../../../protocols/kubernetes-objects/json-object.ts';
import type { InstalledObject, Uninstallation } from '../../../ports/serving/installation.ts';
import type { ApiClient } from '../api/api-client.ts';
import { labelOf } from '../manifests/labels.ts';
import { admissionSubjects } from './admission.ts';
import {
  componentName,
  environmentSecret,
  gatewayTokenSecret,
  metricsTokenSecret,
  tokensSecret,
} from './object-names.ts';

interface Named {
  readonly name: string;
  readonly namespace: string;
}

/** In the order of removal: first what would make the rest again, last what pods hold on to. */
const kinds: readonly (readonly [kind: string, api: string, resource: string])[] = [
  ['RoleBinding', '/apis/rbac.authorization.k8s.io/v1', 'rolebindings'],
  ['StatefulSet', '/apis/apps/v1', 'statefulsets'],
  ['Deployment', '/apis/apps/v1', 'deployments'],
  ['PodDisruptionBudget', '/apis/policy/v1', 'poddisruptionbudgets'],
  ['Service', '/api/v1', 'services'],
  ['EndpointSlice', '/apis/discovery.k8s.io/v1', 'endpointslices'],
  ['NetworkPolicy', '/apis/networking.k8s.io/v1', 'networkpolicies'],
  ['ServiceMonitor', '/apis/monitoring.coreos.com/v1', 'servicemonitors'],
  ['TriggerAuthentication', '/apis/keda.sh/v1alpha1', 'triggerauthentications'],
  ['Role', '/apis/rbac.authorization.k8s.io/v1', 'roles'],
  ['ServiceAccount', '/api/v1', 'serviceaccounts'],
  ['PersistentVolumeClaim', '/api/v1', 'persistentvolumeclaims'],
];
const nodesRole = 'plimsoll-nodes';
const waitEveryMs = 1_000;
const waitsAtMost = 120;

/**
 * What an installation is made of in a cluster: objects with its labels, the Secrets by the names that it gives them, and what is
 * of no namespace and serves it alone. Objects of another installation, also one of the same name elsewhere, are passed over.
 * @throws PlimsollError as `ApiClient.call`.
 */
export function makeUninstallation(
  client: ApiClient,
  installed: Named,
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
): Uninstallation {
  const find = (signal: AbortSignal): Promise<readonly InstalledObject[]> => findInstalled(client, installed, signal);
  return {
    find,
    async remove(objects, signal, waits) {
      for (const { path, uid } of objects) {
        const body = {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Background',
          preconditions: { uid },
        };
        await client.call({ method: 'DELETE', path, body, signal });
      }
      let left = await find(signal);
      for (let waited = 0; left.length > 0 && waited < waitsAtMost; waited += 1) {
        waits(left, waited * waitEveryMs, waitsAtMost * waitEveryMs);
        await sleep(waitEveryMs, signal);
        left = await find(signal);
      }
      return left;
    },
  };
}

async function findInstalled(
  client: ApiClient,
  installed: Named,
  signal: AbortSignal,
): Promise<readonly InstalledObject[]> {
  const { name, namespace } = installed;
  const list = async (path: string, labelSelector?: string): Promise<readonly JsonObject[]> => {
    const query = labelSelector === undefined ? {} : { labelSelector };
    const { status, body } = await client.call({ method: 'GET', path, query, signal });
    return status === 200 ? arrayOf(body['items']).filter(isObject) : [];
  };
  const selectors = [
    `app.kubernetes.io/name=plimsoll,app.kubernetes.io/instance=${name}`,
    `${labelOf.installation}=${name}`,
  ];
  const found: InstalledObject[] = [];
  for (const [kind, api, resource] of kinds) {
    const path = `${api}/namespaces/${namespace}/${resource}`;
    for (const selector of selectors)
      found.push(...(await list(path, selector)).map((each) => objectOf(kind, path, each)));
  }
  for (const secret of [tokensSecret, gatewayTokenSecret, metricsTokenSecret, environmentSecret]) {
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    const { status, body } = await client.call({ method: 'GET', path: `${path}/${secret(installed)}`, signal });
    if (status === 200) found.push(objectOf('Secret', path, body));
  }
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const bindings = await list(`${rbac}/clusterrolebindings`);
  const own = bindings.filter((binding) => isOfInstallation(binding, installed));
  found.push(...own.map((each) => objectOf('ClusterRoleBinding', `${rbac}/clusterrolebindings`, each)));
  const roles = new Set([
    `${name}-${namespace}-token-reviews`,
    ...own.map(roleOf).filter((role) => role === nodesRole),
  ]);
  for (const role of roles) {
    if (bindings.some((binding) => roleOf(binding) === role && !own.includes(binding))) continue;
    const { status, body } = await client.call({ method: 'GET', path: `${rbac}/clusterroles/${role}`, signal });
    if (status === 200) found.push(objectOf('ClusterRole', `${rbac}/clusterroles`, body));
  }
  const admission = '/apis/admissionregistration.k8s.io/v1';
  for (const kind of ['ValidatingAdmissionPolicyBinding', 'ValidatingAdmissionPolicy']) {
    const path = `${admission}/${kind.toLowerCase().replace(/y$/, 'ie')}s`;
    for (const subject of admissionSubjects) {
      const { status, body } = await client.call({
        method: 'GET',
        path: `${path}/${name}-${namespace}-${subject}`,
        signal,
      });
      if (status === 200) found.push(objectOf(kind, path, body));
    }
  }
  // An object without a name would be its whole collection.
  const named = found.filter(({ uid, name: own }) => uid !== '' && own !== '');
  return [...new Map(named.map((each) => [each.uid, each])).values()];
}

const roleOf = (binding: JsonObject): string => textOf(objectAt(binding, 'roleRef')['name']) ?? '';

/** Of its control plane alone. */
function isOfInstallation(binding: JsonObject, installed: Named): boolean {
  const subjects = arrayOf(binding['subjects']).filter(isObject);
  const account = componentName(installed, 'control-plane');
  return (
    subjects.length > 0 &&
    subjects.every(
      ({ kind, name, namespace }) => kind === 'ServiceAccount' && name === account && namespace === installed.namespace,
    )
  );
}

function objectOf(kind: string, collection: string, object: JsonObject): InstalledObject {
  const metadata = objectAt(object, 'metadata');
  const name = textOf(metadata['name']) ?? '';
  return { kind, name, uid: textOf(metadata['uid']) ?? '', path: `${collection}/${name}` };
}
