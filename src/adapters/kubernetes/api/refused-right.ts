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

/** A rule that refuses an object whose writer has the right to write it. */
export interface RefusingRule {
  /** As people say it: `admission policy plimsoll-replicas`. */
  readonly rule: string;
  /** What the rule says of the object. */
  readonly reason: string;
  /** Shows the rule. */
  readonly command: string;
}

const rules: readonly (readonly [pattern: RegExp, kind: string, resource: string])[] = [
  [
    /ValidatingAdmissionPolicy '([^']+)'(?: with binding '[^']*')? denied request: (.*)/s,
    'admission policy',
    'validatingadmissionpolicy',
  ],
  [/admission webhook "([^"]+)" denied the request: (.*)/s, 'admission webhook', 'validatingwebhookconfigurations'],
  [/exceeded quota: ([^,\s]+), (.*)/s, 'quota', 'resourcequota'],
];

/** The rule that a 403 names; null for a missing right, and for a rule of another kind. */
export function readRefusingRule(message: string): RefusingRule | null {
  for (const [pattern, kind, resource] of rules) {
    const [, name, reason = ''] = pattern.exec(message) ?? [];
    // A webhook is not called by the name of its configuration.
    const shown = kind === 'admission webhook' ? resource : `${resource} ${name}`;
    if (name !== undefined) return { rule: `${kind} ${name}`, reason, command: `kubectl describe ${shown}` };
  }
  return null;
}
