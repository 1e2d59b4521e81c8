import { PlimsollError } from '../../../core/units/errors.ts';
import { nearest } from '../../../core/units/nearest.ts';
import {
  arrayOf,
  isObject,
  objectAt,
  textOf,
  type JsonObject,
} from '../../../protocols/kubernetes-objects/json-object.ts';
import type { ApiClient } from '../api/api-client.ts';

export interface ControlPlanePod {
  /** Name of the installation. */
  readonly installation: string;
  /** The one with the lease. */
  readonly pod: string;
}

const selector = 'app.kubernetes.io/name=plimsoll,app.kubernetes.io/component=control-plane';

/**
 * The pod of the control plane in a namespace: the ready one, since one that stands by is not ready.
 * @param installation null where there has to be only one.
 * @throws PlimsollError `installation-missing` (not-found), `installation-unnamed` (input), `control-plane-not-ready`
 * (unavailable), and as `ApiClient.call`.
 */
export async function findControlPlane(
  client: ApiClient,
  namespace: string,
  installation: string | null,
  signal: AbortSignal,
): Promise<ControlPlanePod> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const { body } = await client.call({ method: 'GET', path, query: { labelSelector: selector, limit: '100' }, signal });
  const pods = arrayOf(body['items']).filter(isObject).filter(isLeft);
  const names = [...new Set(pods.map(installationOf))].filter((name) => name !== '').sort();
  const [only] = names;
  if (only === undefined) throw missing(namespace);
  const chosen = installation ?? only;
  if (!names.includes(chosen) || (installation === null && names.length > 1))
    throw unnamed(namespace, installation, names);
  const own = pods.filter((pod) => installationOf(pod) === chosen);
  const pod = textOf(objectAt(own.find(isReady), 'metadata')['name']);
  if (pod === null) throw notReady(namespace, chosen, own.length);
  return { installation: chosen, pod };
}

const isLeft = (pod: JsonObject): boolean => objectAt(pod, 'metadata')['deletionTimestamp'] === undefined;
const installationOf = (pod: JsonObject): string =>
  textOf(objectAt(pod, 'metadata', 'labels')['app.kubernetes.io/instance']) ?? '';
const isReady = (pod: JsonObject): boolean =>
  arrayOf(objectAt(pod, 'status')['conditions'])
    .filter(isObject)
    .some(({ type, status }) => type === 'Ready' && status === 'True');

function missing(namespace: string): PlimsollError {
  return new PlimsollError({
    code: 'installation-missing',
    category: 'not-found',
    message: `no control plane of Plimsoll runs in the namespace ${namespace}`,
    next: `kubectl get pods --all-namespaces -l ${selector}`,
  });
}

function unnamed(namespace: string, chosen: string | null, names: readonly string[]): PlimsollError {
  const named = chosen === null ? '' : `, and none is ${chosen}`;
  return new PlimsollError({
    code: 'installation-unnamed',
    category: 'input',
    message: `in the namespace ${namespace} there is ${names.join(', ')}${named}`,
    next: `name one of them: export PLIMSOLL_INSTALLATION=${nearest(chosen ?? '', names) ?? names[0]}`,
  });
}

function notReady(namespace: string, installation: string, count: number): PlimsollError {
  return new PlimsollError({
    code: 'control-plane-not-ready',
    category: 'unavailable',
    message: `none of ${count} control planes of ${installation} in the namespace ${namespace} is ready`,
    next: `kubectl get pods -n ${namespace} -l ${selector}`,
  });
}
