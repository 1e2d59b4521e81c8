/** A right as a Role writes it. */
export interface NeededRight {
  readonly verb: string;
  /** `deployments.apps`, `pods/status`. */
  readonly resource: string;
  readonly namespace: string | null;
}

interface DescribedCall {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

const collection =
  /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;
const verbs: Readonly<Record<string, string>> = { POST: 'create', PATCH: 'patch', DELETE: 'delete', PUT: 'update' };

/**
 * The right that a call needs.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
 */
export function describeCall({ method, path, query = {} }: DescribedCall): NeededRight {
  const [, group, namespace = null, plural = path, name, part] = collection.exec(path) ?? [];
  const resource = `${plural}${part === undefined ? '' : `/${part}`}${group === undefined ? '' : `.${group}`}`;
  const reading = name !== undefined ? 'get' : query['watch'] === undefined ? 'list' : 'watch';
  return { verb: verbs[method] ?? reading, resource, namespace };
}
