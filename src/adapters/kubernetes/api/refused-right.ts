/** A right as a Role writes it. */
export interface RefusedRight {
  readonly verb: string;
  /** `deployments.apps`, `pods/status`. */
  readonly resource: string;
  readonly namespace: string | null;
}

const forbidden = /cannot (\w+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;

/**
 * The right that is missing, as a 403 of the API server names it. It may be another one than the method's: a server-side
 * apply that makes an object needs `create` too. Null for a refusal by a quota or a policy, which no right would help.
 */
export function readRefusedRight(message: string): RefusedRight | null {
  const [, verb, resource, group, namespace = null] = forbidden.exec(message) ?? [];
  if (verb === undefined || resource === undefined) return null;
  return { verb, resource: group === '' ? resource : `${resource}.${group}`, namespace };
}
