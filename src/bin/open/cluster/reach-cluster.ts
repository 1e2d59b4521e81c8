import type { Duplex } from 'node:stream';
import { makeApiClient } from '../../../adapters/kubernetes/api/api-client.ts';
import { forwardedPort } from '../../../adapters/kubernetes/install/object-names.ts';
import { loadKubeconfig, namespaceOf } from '../../../adapters/kubernetes/kubeconfig.ts';
import { findControlPlane } from '../../../adapters/kubernetes/reach/find-control-plane.ts';
import { openForwarded } from '../../../adapters/kubernetes/reach/open-forwarded.ts';
import { requestAccountToken } from '../../../adapters/kubernetes/reach/request-account-token.ts';
import type { ClusterAddress } from '../../../cli/cluster-address.ts';
import { PlimsollError } from '../../../core/units/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ReachedControlPlane {
  readonly url: string;
  readonly token: string;
  /** A connection to whichever pod of it leads now. */
  readonly connect: () => Promise<Duplex>;
  /** For people. */
  readonly shown: string;
}

const reached = new Map<string, Promise<ReachedControlPlane>>();
const open = new Set<Duplex>();

/**
 * The control plane of an installation in a cluster, by the kubeconfig of this user and with their rights.
 * @param given a token that somebody asked to use; else one of the installation's account for commands is asked for.
 * @throws PlimsollError as `loadKubeconfig`, `findControlPlane`, `openForwarded` and `requestAccountToken`.
 */
export function reachCluster(
  address: ClusterAddress,
  given: string | null,
  env: Environment,
  signal: AbortSignal,
): Promise<ReachedControlPlane> {
  const key = JSON.stringify(address);
  const known = reached.get(key) ?? reach(address, given, env, signal).catch(asOfUser);
  reached.set(key, known);
  return known;
}

/** Connections that are open would keep the process from its end. */
export function closeReached(): void {
  for (const stream of open) stream.destroy();
}

async function reach(
  { context, namespace: asked }: ClusterAddress,
  given: string | null,
  env: Environment,
  signal: AbortSignal,
): Promise<ReachedControlPlane> {
  const config = loadKubeconfig({ env, context: context ?? undefined });
  const namespace = asked ?? namespaceOf(config);
  const client = makeApiClient(config);
  const wanted = env['PLIMSOLL_INSTALLATION'] || null;
  const { installation } = await findControlPlane(client, namespace, wanted, signal);
  const audience = env['PLIMSOLL_TOKEN_AUDIENCE'] || 'plimsoll';
  return {
    url: `http://127.0.0.1:${forwardedPort}`,
    token: given ?? (await requestAccountToken(client, { namespace, installation }, audience, signal)),
    shown: `${installation} in the namespace ${namespace} of ${config.getCurrentContext()}`,
    async connect() {
      try {
        const { pod } = await findControlPlane(client, namespace, installation, signal);
        const stream = await openForwarded(config, { namespace, pod, port: forwardedPort });
        open.add(stream);
        return stream.once('close', () => open.delete(stream));
      } catch (thrown) {
        return asOfUser(thrown);
      }
    },
  };
}

const nextOf: Readonly<Record<string, string>> = {
  'kubeconfig-missing': 'set KUBECONFIG, or name the control plane by its address: --server URL',
  'cluster-context-unknown': 'kubectl config get-contexts, and name one of them: --context NAME',
  'cluster-unauthorized': 'log in to the cluster again, then try kubectl get pods',
};

/** The adapter speaks of a control plane and of nodes; here it is this user who has no right or no way. */
function asOfUser(thrown: unknown): never {
  if (!(thrown instanceof PlimsollError) || !/^(?:cluster|kubeconfig)-/.test(thrown.code)) throw thrown;
  const { code, category, details } = thrown;
  const { verb, resource, namespace } = details;
  const isRight = code === 'cluster-forbidden' && typeof resource === 'string';
  throw new PlimsollError({
    code,
    category,
    message: isRight
      ? `you may not ${String(verb)} ${resource} in the namespace ${String(namespace)} of this cluster (403)`
      : thrown.message,
    next: isRight
      ? 'ask for the verb, docs/kubernetes.md#commands-from-outside has all of them; or set PLIMSOLL_SERVER and PLIMSOLL_TOKEN_FILE'
      : (nextOf[code] ?? (code === 'kubeconfig-invalid' ? thrown.next : 'kubectl cluster-info')),
    details,
    cause: thrown,
  });
}
