import { PlimsollError } from '../../../core/units/errors.ts';
import type { ReplicaSetSpec } from '../../../ports/serving/platform.ts';
import type { ReplicaFileList } from '../../../ports/serving/replica-files.ts';
import type { PodTokens, ProvenPod } from './pod-tokens.ts';

/** @returns the set of a pod that is there and wanted; null where this control plane wants none of it. */
export type FindSetOfPod = (pod: ProvenPod) => Promise<ReplicaSetSpec | null>;

/**
 * The files that a pod may have: those of its set as the control plane wants it, not as the pod says.
 * @throws PlimsollError as `ReplicaFiles.list`.
 */
export async function listPodFiles(
  tokens: PodTokens,
  findSet: FindSetOfPod,
  token: string,
  signal: AbortSignal,
): Promise<ReplicaFileList> {
  const pod = await tokens.verify(token, signal);
  const spec = await findSet(pod);
  if (spec !== null) return { code: spec.workload.codeFiles, model: spec.workload.model.files };
  throw new PlimsollError({
    code: 'replica-unknown',
    category: 'unavailable',
    message: `the pod ${pod.name} is of no set that is wanted here now`,
    next: 'ask again in a few seconds; a control plane that just started does not know its sets yet',
  });
}
