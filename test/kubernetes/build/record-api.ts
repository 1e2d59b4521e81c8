/**
 * Records what a version of Kubernetes serves and takes, for tests against it:
 *
 *   node test/kubernetes/build/record-api.ts FOLDER > src/testing/fakes/servers/kubernetes-1.30.json
 *
 * FOLDER is the Go module k8s.io/kubernetes of that version (`go mod download -json k8s.io/kubernetes@v1.30.14` names it). Its
 * `api/discovery` has the resources that are served by default with their verbs, `api/openapi-spec/swagger.json` the fields.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Kinds that Plimsoll writes. */
const kinds = [
  'admissionregistration.v1.ValidatingAdmissionPolicy',
  'admissionregistration.v1.ValidatingAdmissionPolicyBinding',
  'apps.v1.Deployment',
  'apps.v1.StatefulSet',
  'authorization.v1.SelfSubjectAccessReview',
  'core.v1.Pod',
  'core.v1.Service',
  'core.v1.ServiceAccount',
  'discovery.v1.EndpointSlice',
  'networking.v1.NetworkPolicy',
  'policy.v1.PodDisruptionBudget',
  'rbac.v1.ClusterRole',
  'rbac.v1.ClusterRoleBinding',
  'rbac.v1.Role',
  'rbac.v1.RoleBinding',
];

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

const folder = process.argv[2] ?? '';
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(folder, 'api', file), 'utf8'));
const { definitions } = read('openapi-spec/swagger.json') as { definitions: Readonly<Record<string, Schema>> };
const nameOf = (ref: string): string => ref.replace('#/definitions/', '');
const shortOf = (name: string): string => name.replace(/^io\.k8s\.(?:api|apimachinery\.pkg\.apis)\./, '');

/** The definition that a field holds, alone, in a list or in a map; null for text, numbers and what has no definition. */
function refOf({ $ref, items, additionalProperties: each }: Schema): string | null {
  if ($ref !== undefined) return definitions[nameOf($ref)]?.properties === undefined ? null : nameOf($ref);
  if (items !== undefined) return refOf(items);
  return typeof each === 'object' ? refOf(each) : null;
}

const fields: Record<string, Readonly<Record<string, string | null>>> = {};
const due = kinds.map((kind) => `io.k8s.api.${kind}`);
for (let name = due.pop(); name !== undefined; name = due.pop()) {
  if (fields[shortOf(name)] !== undefined) continue;
  const refs = Object.entries(definitions[name]?.properties ?? {}).map(
    ([field, schema]) => [field, refOf(schema)] as const,
  );
  fields[shortOf(name)] = Object.fromEntries(refs.map(([field, ref]) => [field, ref === null ? null : shortOf(ref)]));
  due.push(...refs.flatMap(([, ref]) => ref ?? []));
}

interface Group {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly { readonly version: string; readonly resources: readonly Resource[] }[];
}
interface Resource {
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly subresources?: readonly { readonly subresource: string; readonly verbs: readonly string[] }[];
}

const served: Record<string, Record<string, readonly string[]>> = {};
const core = read('discovery/api__v1.json') as { resources: readonly { name: string; verbs: readonly string[] }[] };
served['v1'] = Object.fromEntries(core.resources.map(({ name, verbs }) => [name, verbs]));
for (const { metadata, versions } of (read('discovery/aggregated_v2beta1.json') as { items: readonly Group[] }).items) {
  for (const { version, resources } of versions) {
    const own = (served[`${metadata.name}/${version}`] ??= {});
    for (const { resource, verbs, subresources = [] } of resources) {
      own[resource] = verbs;
      for (const sub of subresources) own[`${resource}/${sub.subresource}`] = sub.verbs;
    }
  }
}
const sorted = (record: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
process.stdout.write(
  `${JSON.stringify({ source: `k8s.io/kubernetes ${path.basename(folder).split('@')[1]}`, served: sorted(served), fields: sorted(fields) }, null, 1)}\n`,
);
