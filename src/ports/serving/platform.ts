import type { HostShare, Protocol, Sharing } from '../../core/contract/contract.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { PlatformNotice } from './platform-notice.ts';
import type { SpareKeeping } from './spares.ts';

/**
 * Where replicas run. Declarative, so that it fits a Deployment as it stands: say which sets should exist with how many
 * replicas, and look at what is there. Restarts with backoff and draining before a stop are the platform's own work;
 * admission, routing and releases are not its business.
 *
 * | member | local | Kubernetes |
 * |---|---|---|
 * | owner | field of every record | labels `plimsoll.dev/service`, `plimsoll.dev/environment` |
 * | set | slots, each kept filled with a process | a Deployment of that name; its pod template never changes |
 * | `apply` | starts and drains processes | creates, scales and deletes Deployments of the owner's labels |
 * | `stopFirst` | stopped in that order | annotation `controller.kubernetes.io/pod-deletion-cost` |
 * | `asleep` | not ready is no failure of these | nothing: no probe ends a pod that was started |
 * | `stuck` | SIGTERM, then SIGKILL; started again in its place | its pod is deleted |
 * | `drainTimeoutMs` | SIGTERM, then SIGKILL | `terminationGracePeriodSeconds` |
 * | `startTimeoutMs` | SIGKILL, counts as a failed start | startup probe: `periodSeconds` * `failureThreshold` |
 * | `command`, `args`, `env` | spawned with the variables of schemas/replica-environment | container command and variables |
 * | `devices`, `sharing` | parts of declared devices, held in the records | resource limits; how its nodes hand devices out |
 * | `secrets` | files of the state folder, where granted | `secretKeyRef` |
 * | model and code files | laid out in the replica's folder | image, and a volume filled by an init container |
 * | `observe` | records held against /proc, health by protocol | pods of the labels, their conditions |
 * | replica id | set and random suffix | pod name (a container that restarts in its pod adds its count) |
 * | failed, reason, restarts | exit status, backoff | `CrashLoopBackOff`, `lastState.terminated`, `restartCount` |
 * | draining | SIGTERM was sent | `deletionTimestamp` is set |
 * | endpoint | loopback address and port | pod IP and container port |
 * | phases `schedule`, `image-pull` | not there | pod conditions and events |
 * | `setAdmitted` | - | readiness gate; a Service with EndpointSlices of the live release |
 * | adoption | by process identity | nothing to do: the API server holds the state |
 * | `spares` | processes that wait for a model, taken by services that they fit | - |
 */
export interface Platform {
  readonly name: 'local' | 'kubernetes';
  /** Whose rights replicas have; left out where nobody knows. */
  readonly rights?: ReplicaRights;
  /**
   * Makes the sets of this owner what is asked and returns at once; progress shows in `observe`. Sets that are not named
   * are drained and removed, but for those in `untouched`: they stay as they are, because nobody knows yet what they are.
   * Idempotent. Calling it again with the same argument changes nothing.
   */
  apply(
    owner: ReplicaOwner,
    sets: readonly ReplicaSetSpec[],
    signal: AbortSignal,
    untouched?: readonly string[],
  ): Promise<void>;
  /**
   * Says which replicas of this owner were admitted, for what else in the place asks for it. Idempotent. Left out where
   * nothing but a gateway sends requests to replicas.
   */
  setAdmitted?(owner: ReplicaOwner, replicas: AdmittedReplicas, signal: AbortSignal): Promise<void>;
  /** Everything of this owner that runs, starts, drains or failed, including what an earlier control plane started. */
  observe(owner: ReplicaOwner, signal: AbortSignal): Promise<readonly ObservedReplica[]>;
  /** The last lines of a replica's output, oldest first. */
  logs(replicaId: string, lines: number, signal: AbortSignal): Promise<readonly string[]>;
  /** Notices of this owner since the last call, oldest first; left out by a platform that has none. */
  takeNotices?(owner: ReplicaOwner): readonly PlatformNotice[];
  /**
   * Calls `changed` a moment after something of an owner changed, for one listener at most. Left out by a platform that has
   * to be looked at to know.
   */
  tellChanges?(changed: (owner: ReplicaOwner) => void): void;
  /** Spares that replicas of several services can be made of; left out by a platform that keeps none. */
  readonly spares?: SpareKeeping;
  /** Stops watching. What runs goes on running. */
  close(): Promise<void>;
}

export interface ReplicaRights {
  /** In words for people: `user 70000 to 70999, one for each service`. */
  readonly runAs: string;
  /** Whether they can read what the control plane keeps, as its own user can. */
  readonly areOwn: boolean;
}

export interface ReplicaOwner {
  readonly service: string;
  readonly environment: string;
}

/** Replica ids. */
export interface AdmittedReplicas {
  readonly admitted: ReadonlySet<string>;
  /** Those that answer for the live release; null while nothing is live. */
  readonly live: ReadonlySet<string> | null;
}

export interface ReplicaSetSpec {
  /** Unique in the owner: `${service}-${environment}-${pair12}`; made by `core/rollout/names.ts`. */
  readonly set: string;
  readonly pair: Digest;
  readonly release: number;
  readonly replicas: number;
  /** Another one sets the number, an autoscaler or a person: `replicas` is what it is now, and is not kept. */
  readonly isCountedByAnother?: boolean;
  /** Replica ids to stop first when there are more than `replicas`. */
  readonly stopFirst: readonly string[];
  /** Replica ids that sleep or are told to: one of them that is not ready has not failed. Absent: none. */
  readonly asleep?: readonly string[];
  /** Replica ids that are stuck: each is ended, by SIGKILL where it does not end at once, and its place filled anew. Absent: none. */
  readonly stuck?: readonly string[];
  readonly workload: Workload;
  readonly drainTimeoutMs: number;
  readonly startTimeoutMs: number;
  /** Golden set that shows which model a replica serves; absent where the release has none. */
  readonly golden?: Digest;
}

/** What one replica runs. */
export interface Workload {
  readonly image?: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly protocol: Protocol;
  /** Files of the code, laid out under the working folder of the replica. */
  readonly codeFiles: readonly ArtifactFile[];
  readonly model: {
    readonly name: string;
    readonly version: number;
    readonly digest: Digest;
    readonly files: readonly ArtifactFile[];
  };
  readonly devices: number;
  /** Ways of sharing a device that it tolerates; left out for exclusive devices alone. Kubernetes goes by its nodes. */
  readonly sharing?: readonly Sharing[];
  /** What it needs of each device; left out where the contract does not say it. */
  readonly deviceMemoryBytes?: number;
  /** Of its node; not looked at by a platform of one machine. */
  readonly host?: HostShare;
  /** Labels that its node must have. */
  readonly selector?: Readonly<Record<string, string>>;
  /** RuntimeClass of its pods; not looked at by a platform of one machine. */
  readonly runtimeClass?: string;
}
