import type { Workload } from '../../../ports/serving/platform.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';

/** A volume of a pod and where its replica finds it. */
export interface ShmParts {
  readonly volumes: readonly JsonObject[];
  readonly mounts: readonly JsonObject[];
}

/**
 * A volume in memory at /dev/shm where the workload names its size; else none, and the container runtime gives 64 MiB. What is written
 * there counts against the memory limit of the container. A file beyond `sizeLimit` is refused.
 * https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
 */
export function makeShmParts({ host }: Pick<Workload, 'host'>): ShmParts {
  if (host?.shmBytes === undefined) return { volumes: [], mounts: [] };
  const sizeLimit = String(Math.ceil(host.shmBytes));
  return {
    volumes: [{ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit } }],
    mounts: [{ name: 'shm', mountPath: '/dev/shm' }],
  };
}
