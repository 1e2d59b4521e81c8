import type { FileFinding, NodeEvent } from '../../core/monitoring/triage/observations.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';

/** A replica that is to be looked at from outside, with the files that it was given. */
export interface InspectedReplica {
  readonly replicaId: string;
  readonly files: readonly ArtifactFile[];
}

/** What was seen of a replica without asking it: nothing here is what it says of itself. */
export interface ReplicaFinding {
  readonly replicaId: string;
  /** Of the devices of its machine; null where they are not known, or of several classes. */
  readonly deviceClass: string | null;
  /** Of the programs and libraries that its process has loaded, of kernel and driver; null where they cannot be read. */
  readonly fingerprint: string | null;
  /** Of the files of the model that it was given. */
  readonly files: FileFinding['verdict'];
}

/** Looks at the processes and machines that replicas run on. What it cannot see it tells as null or unknown; it never rejects. */
export interface ReplicaInspector {
  inspect(replicas: readonly InspectedReplica[], signal: AbortSignal): Promise<readonly ReplicaFinding[]>;
  /** The fingerprint of one replica alone, quickly: its admission waits for it. */
  runtimeOf(replicaId: string, signal: AbortSignal): Promise<string | null>;
  /** What the kernels of the nodes logged since then that bears on values, oldest first. */
  nodeEvents(sinceMs: number, signal: AbortSignal): Promise<readonly NodeEvent[]>;
}
