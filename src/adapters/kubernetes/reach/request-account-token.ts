import { PlimsollError } from '../../../core/units/errors.ts';
import { objectAt, textOf } from '../../../protocols/kubernetes-objects/json-object.ts';
import type { ApiClient } from '../api/api-client.ts';
import { cliAccount } from '../install/object-names.ts';

/** Longer than a release takes to come in. */
const lifetimeSeconds = 3_600;

/**
 * A token of the installation's service account for commands, as `kubectl create token` asks for it.
 * @throws PlimsollError `account-missing` (not-found), and as `ApiClient.call`.
 */
export async function requestAccountToken(
  client: ApiClient,
  { namespace, installation }: { readonly namespace: string; readonly installation: string },
  audience: string,
  signal: AbortSignal,
): Promise<string> {
  const account = cliAccount({ name: installation });
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const spec = { audiences: [audience], expirationSeconds: lifetimeSeconds };
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const reply = await client.call({ method: 'POST', path, body, signal });
  const token = textOf(objectAt(reply.body, 'status')['token']);
  if (token !== null) return token;
  const said = reply.status === 404 ? '' : `: ${textOf(reply.body['message']) ?? `status ${reply.status}`}`;
  throw new PlimsollError({
    code: 'account-missing',
    category: 'not-found',
    message: `there is no token of the service account ${account} in the namespace ${namespace} to ask with${said}`,
    next: 'set PLIMSOLL_TOKEN_FILE; or install with --service-account-tokens, which makes that account',
  });
}
