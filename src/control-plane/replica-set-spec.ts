import type { PlannedSet } from '../core/rollout/rollout-state.ts';
import type { Release } from '../core/rollout/release.ts';
import type { ReplicaSetSpec, Workload } from '../ports/platform.ts';

/** What a platform is asked for, made of a planned set and of the first release with its pair. */
export function makeReplicaSetSpec(planned: PlannedSet, release: Release): ReplicaSetSpec {
  return {
    set: planned.set,
    pair: planned.pair,
    release: planned.release,
    replicas: planned.replicas,
    stopFirst: planned.stopFirst,
    workload: makeWorkload(release),
    drainTimeoutMs: planned.drainTimeoutMs,
    startTimeoutMs: planned.startTimeoutMs,
  };
}

export function makeWorkload(release: Pick<Release, 'code' | 'model'>): Workload {
  const { section, files } = release.code;
  const { name, version, digest } = release.model;
  return {
    ...(section.image === undefined ? {} : { image: section.image }),
    command: section.command ?? [],
    args: section.args,
    env: section.env,
    secrets: section.secrets,
    protocol: section.protocol,
    codeFiles: files,
    model: { name, version, digest, files: release.model.files },
    devices: 1,
  };
}
