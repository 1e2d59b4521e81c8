import type { Blobs } from '../ports/artifacts/blobs.ts';
import type { Clock } from '../ports/process/clock.ts';
import type { ClusterReader } from '../ports/nodes/cluster-reader.ts';
import type { ModelRegistry, RemoteFiles } from '../ports/artifacts/model-registry.ts';
import type { RemoteReference } from './artifacts/remote-reference.ts';
import type { FreshNode } from '../ports/nodes/fresh-node.ts';
import type { PageCache } from '../ports/nodes/page-cache.ts';
import type { ImageInspector } from '../ports/artifacts/image-inspector.ts';
import type { LoadFacts } from '../ports/nodes/load-facts.ts';
import type { NodeProbe } from '../ports/nodes/node-probe.ts';
import type { NodeTrials } from '../ports/nodes/node-trials.ts';
import type { PreflightRecord } from '../ports/nodes/preflight-record.ts';
import type { NullReplica } from '../ports/serving/null-replica.ts';
import type { Operations } from '../ports/records/operations.ts';
import type { Platform } from '../ports/serving/platform.ts';
import type { Pools } from '../ports/project/pools.ts';
import type { PredictionIndex } from '../ports/project/prediction-index.ts';
import type { Project } from '../ports/project/project.ts';
import type { Random } from '../ports/process/random.ts';
import type { ReplicaClient } from '../ports/serving/replica-client.ts';
import type { Store } from '../ports/records/store.ts';
import type { Terminal } from '../ports/process/terminal.ts';
import type { WriteDurably } from '../ports/process/write-durably.ts';

/** What proving needs of the world. Each function names the few of these that it uses; whoever calls it brings them. */
export interface ProvingPorts {
  readonly version: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The operating system's user, recorded with every write. */
  readonly user: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly terminal: Terminal;
  readonly writeDurably: WriteDurably;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /**
   * Computes for seconds without giving way. Meanwhile SIGINT and SIGTERM end the process at once, because no handler would
   * be called before the end: only for what leaves nothing behind.
   */
  compute<T>(work: () => T): T;
  /** Nearest plimsoll.yaml at or above cwd, or `--contract FILE`. */
  project(): Promise<Project>;
  /** Environment asked for, or the contract's only one; several without a choice is an input error. */
  environment(): Promise<string>;
  store(): Promise<Store>;
  blobs(): Promise<Blobs>;
  platform(): Promise<Platform>;
  /** With so many connections to a replica at most; a few, unless given. */
  replicaClient(connections?: number): Promise<ReplicaClient>;
  /** Predictions of earlier evaluations, beside the blobs. */
  predictionIndex(): Promise<PredictionIndex>;
  /** The page cache of this machine, for starts whose reads are measured. */
  pageCache(): Promise<PageCache>;
  /** A new one each time; the caller removes it. */
  freshNode(): Promise<FreshNode>;
  /** The facts of this machine; needs no project. */
  nodeProbe(): Promise<NodeProbe>;
  /** What an active preflight tries on this machine; needs no project. */
  nodeTrials(): Promise<NodeTrials>;
  /** The last active preflight of this machine; needs no project. */
  preflightRecord(): Promise<PreflightRecord>;
  /** What this machine shows while it is under load; needs no project. */
  loadFacts(): Promise<LoadFacts>;
  /** A server that computes nothing, which the caller closes; null where none can be opened. */
  nullReplica(): Promise<NullReplica | null>;
  /** Clusters of the kubeconfig; needs no project. */
  clusterReader(): Promise<ClusterReader>;
  /** `pools/NAME.json` beside the contract. */
  pools(): Promise<Pools>;
  /** Reads what is inside container images; needs no project. */
  imageInspector(): Promise<ImageInspector>;
  /** A registry of models elsewhere; the caller closes it. Needs no project. */
  modelRegistry(reference: Exclude<RemoteReference, { kind: 's3' }>): Promise<ModelRegistry>;
  /** The files below an `s3://` address. */
  remotePlace(uri: string): Promise<RemoteFiles>;
  /** The running control plane by HTTP, or the same operations in process with its lease. */
  operations(): Promise<Operations>;
  /** The same, but Ctrl-C ends none of its requests: for what has to be brought back once it is begun. */
  patientOperations(): Promise<Operations>;
}
