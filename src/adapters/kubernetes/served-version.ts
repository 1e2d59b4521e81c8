import { arrayOf, isObject, type JsonObject } from '../../protocols/kubernetes-objects/json-object.ts';

/** Newest first: all tell the same, and which are served depends on the version of the cluster. */
const readable = ['v1', 'v1beta2', 'v1beta1', 'v1alpha3'];

/** Versions of `resource.k8s.io` before `v1alpha3`, as Kubernetes 1.30 serves, tell of no single device. */
export const noReadableVersion =
  'the cluster serves no version of resource.k8s.io that tells of devices (1.31 and newer)';

/** The version of `resource.k8s.io` to read; undefined where the cluster serves none that is known. */
export function chooseServedVersion(group: unknown): string | undefined {
  const versions = arrayOf(isObject(group) ? (group as JsonObject)['versions'] : undefined);
  const served = new Set(versions.filter(isObject).map(({ version }) => version));
  return readable.find((version) => served.has(version));
}
