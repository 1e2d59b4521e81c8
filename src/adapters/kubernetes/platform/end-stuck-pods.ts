import type { PodObject } from '../../../protocols/kubernetes-objects/pods/pod-object.ts';
import type { ApiClient } from '../api/api-client.ts';
import { replicaIdOf } from './seen/observe-pod.ts';

/** The kubelet sends SIGTERM, and SIGKILL after so long: a process that was stopped by a signal hears that alone. */
const graceSeconds = 2;

/**
 * Deletes the pods of replicas that are stuck; their Deployment makes others. No liveness probe does this: a probe of the kubelet cannot
 * tell a busy server from one that stands still. A pod that is gone, or was made anew under its name, is left alone.
 */
export async function endStuckPods(
  client: ApiClient,
  namespace: string,
  pods: readonly PodObject[],
  stuck: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const pod of pods) {
    if (pod.isDeleted || !stuck.includes(replicaIdOf(pod))) continue;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: graceSeconds,
      preconditions: { uid: pod.uid },
    };
    await client.call({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}/pods/${pod.name}`, body, signal });
  }
}
