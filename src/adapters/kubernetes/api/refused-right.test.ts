import { expect, it } from 'vitest';
import { readRefusedRight, readRefusingRule } from './refused-right.ts';

const user = 'User "system:serviceaccount:n:plimsoll"';

it.each<[string, string]>([
  [
    `deployments.apps "d" is forbidden: ${user} cannot create resource "deployments" in API group "apps" in the namespace "n"`,
    'create deployments.apps n',
  ],
  [`pods is forbidden: ${user} cannot list resource "pods" in API group "" in the namespace "n"`, 'list pods n'],
  [
    `pods "p" is forbidden: ${user} cannot get resource "pods/log" in API group "" in the namespace "n"`,
    'get pods/log n',
  ],
  [`nodes is forbidden: ${user} cannot list resource "nodes" in API group "" at the cluster scope`, 'list nodes null'],
])('%s', (message, right) => {
  const { verb, resource, namespace } = readRefusedRight(message) ?? {};
  expect(`${verb} ${resource} ${namespace}`).toBe(right);
});

it('is none in what a quota says', () => {
  expect(
    readRefusedRight('pods "p" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1'),
  ).toBeNull();
});

it.each<[string, string, string]>([
  [
    `deployments.apps "d" is forbidden: ValidatingAdmissionPolicy 'plimsoll-replicas' with binding 'plimsoll-replicas' denied request: replicas run as the account default alone`,
    'admission policy plimsoll-replicas: replicas run as the account default alone',
    'kubectl describe validatingadmissionpolicy plimsoll-replicas',
  ],
  [
    'admission webhook "pods.example.com" denied the request: image not signed',
    'admission webhook pods.example.com: image not signed',
    'kubectl describe validatingwebhookconfigurations',
  ],
  [
    'pods "p" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1',
    'quota small: requested: pods=1, used: pods=1, limited: pods=1',
    'kubectl describe resourcequota small',
  ],
])('the rule of %s', (message, rule, command) => {
  const read = readRefusingRule(message);
  expect([`${read?.rule}: ${read?.reason}`, read?.command]).toEqual([rule, command]);
});

it('no rule is in a refused right', () => {
  expect(readRefusingRule(`nodes is forbidden: ${user} cannot list resource "nodes" in API group ""`)).toBeNull();
});
