import { makeApiClient, type ApiClient } from '../../../adapters/kubernetes/api/api-client.ts';
import { makeReviewToken } from '../../../adapters/kubernetes/access/review-token.ts';
import { loadKubeconfig, namespaceOf } from '../../../adapters/kubernetes/kubeconfig.ts';
import { ClusterNodes } from '../../../adapters/kubernetes/nodes/cluster-nodes.ts';
import { placeWorkload, taintOf } from '../../../adapters/kubernetes/manifests/place-workload.ts';
import type { OwnerReference } from '../../../adapters/kubernetes/manifests/placement.ts';
import { KubernetesPlatform } from '../../../adapters/kubernetes/platform/kubernetes-platform.ts';
import { requireRights } from '../../../adapters/kubernetes/platform/needed-rights.ts';
import { findOwner } from '../../../adapters/kubernetes/platform/find-owner.ts';
import { grantsNow } from '../../../adapters/processes/file-secrets.ts';
import { makeProbeOverTls } from '../../../adapters/replica-http/probe-replica.ts';
import { replicaTls } from '../tls/open-replica-tls.ts';
import { machineFacts } from '../../../adapters/system/node/machine.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { systemRandom } from '../../../adapters/system/random.ts';
import { asPlimsollError } from '../../../core/units/errors.ts';
import type { ReviewToken } from '../../../ports/access/token-review.ts';
import type { OwnCluster } from '../../../ports/nodes/own-nodes.ts';
import type { ClusterChoice } from './choose-platform.ts';

export interface ClusterLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** What a control plane has of its cluster. */
export interface OpenedCluster {
  readonly platform: KubernetesPlatform;
  readonly nodes: OwnCluster;
  /** Whose tokens of service accounts are, for this audience. */
  readonly accounts: { readonly audience: string; readonly review: ReviewToken };
}

/** Time for gateways that have not heard yet that a replica leaves; they hear within a second or two. */
const preStopSeconds = 5;

/**
 * Replicas in the cluster of the kubeconfig, or of the pod's service account. Every right that is missing is named at
 * once. An API server that is away is no reason not to start: gateways follow this control plane meanwhile.
 * @param stateFolder holds who was granted which Secret.
 * @throws PlimsollError as `loadKubeconfig`, `requireRights` and `findOwner`.
 */
export async function openClusterPlatform(
  choice: ClusterChoice,
  stateFolder: string,
  log: ClusterLog,
  signal: AbortSignal,
): Promise<OpenedCluster> {
  const config = loadKubeconfig({ env: process.env, context: choice.context });
  const namespace = choice.namespace ?? namespaceOf(config);
  const client = makeApiClient(config);
  await askForRights(client, namespace, log, signal);
  const { installation, replicaImage, urlForReplicas, caSecretForReplicas, ownerDeployment } = choice;
  const ownerReference: OwnerReference | undefined =
    ownerDeployment === undefined ? undefined : await findOwner(client, namespace, ownerDeployment, signal);
  log.info({ namespace, installation, server: config.getCurrentCluster()?.server }, 'replicas run on Kubernetes');
  const audience = choice.tokenAudience;
  const nodes = new ClusterNodes({
    client,
    clock: systemClock,
    namespace,
    acceleratorTaint: taintOf(choice.deviceResource),
    placement: choice.nodes,
    replicaImage,
    ownPod: process.env['HOSTNAME'],
    runtime: () => machineFacts().runtime,
  });
  const platform = new KubernetesPlatform({
    client,
    nodeFacts: (node) => nodes.find(node),
    probeOverTls: makeProbeOverTls(replicaTls()),
    clock: systemClock,
    random: systemRandom,
    placement: (_owner, { workload }) => placeWorkload(choice.nodes, workload, choice.deviceResource),
    manifest: {
      installation,
      namespace,
      imagePullSecrets: choice.imagePullSecrets,
      own: { image: replicaImage ?? null, command: ['plimsoll'] },
      ...(urlForReplicas === undefined ? {} : { filesFrom: urlForReplicas }),
      ...(caSecretForReplicas === undefined ? {} : { filesAuthority: caSecretForReplicas }),
      ...(ownerReference === undefined ? {} : { ownerReference }),
      preStopSeconds,
      secretGrants: (secret) => grantsNow(stateFolder, secret),
    },
  });
  return { platform, nodes, accounts: { audience, review: makeReviewToken(client, audience) } };
}

async function askForRights(client: ApiClient, namespace: string, log: ClusterLog, signal: AbortSignal): Promise<void> {
  try {
    await requireRights(client, namespace, signal);
  } catch (thrown) {
    const { category, message } = asPlimsollError(thrown);
    if (category !== 'unavailable' && category !== 'overloaded') throw thrown;
    log.warn({ namespace, message }, 'the API server did not say whether the control plane has its rights');
  }
}
