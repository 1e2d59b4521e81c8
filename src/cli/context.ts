import type { AccessTokens } from '../ports/access-tokens.ts';
import type { ArtifactRepository } from '../ports/artifacts/artifact-repository.ts';
import type { Blobs } from '../ports/artifacts/blobs.ts';
import type { Clock } from '../ports/process/clock.ts';
import type { ClusterReader } from '../ports/nodes/cluster-reader.ts';
import type { EngineName } from '../core/scaling/engine-metrics/metric-rule.ts';
import type { MetricsSource } from '../ports/serving/metrics-source.ts';
import type { ModelRegistry, RemoteFiles } from '../ports/artifacts/model-registry.ts';
import type { WritablePlace } from '../ports/artifacts/writable-place.ts';
import type { RemoteReference } from '../prove/artifacts/remote-reference.ts';
import type { FreshNode } from '../ports/nodes/fresh-node.ts';
import type { PageCache } from '../ports/nodes/page-cache.ts';
import type { ImageInspector } from '../ports/artifacts/image-inspector.ts';
import type { NodeProbe } from '../ports/nodes/node-probe.ts';
import type { Operations } from '../ports/records/operations.ts';
import type { Platform } from '../ports/serving/platform.ts';
import type { Pools } from '../ports/project/pools.ts';
import type { PredictionIndex } from '../ports/project/prediction-index.ts';
import type { Project } from '../ports/project/project.ts';
import type { Random } from '../ports/process/random.ts';
import type { ReplicaClient } from '../ports/serving/replica-client.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Store } from '../ports/records/store.ts';
import type { Terminal } from '../ports/process/terminal.ts';

/** What a command may use. Everything heavy is opened on first use and closed by the composition root. */
export interface CliContext {
  readonly version: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The operating system's user, recorded with every write. */
  readonly user: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly terminal: Terminal;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
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
  /** Clusters of the kubeconfig; needs no project. */
  clusterReader(): Promise<ClusterReader>;
  /** Secrets of the state folder and their grants. */
  secrets(): Promise<Secrets>;
  /** `pools/NAME.json` beside the contract. */
  pools(): Promise<Pools>;
  /** Another project by its contract, for commands that look at several. */
  projectAt(contractFile: string): Promise<ProjectAndPools>;
  /** Reads what is inside container images; needs no project. */
  imageInspector(choices?: ImageInspectorChoices): Promise<ImageInspector>;
  /** A registry of models elsewhere; the caller closes it. Needs no project. */
  modelRegistry(reference: Exclude<RemoteReference, { kind: 's3' }>): Promise<ModelRegistry>;
  /** An OCI repository that takes pushes; the caller closes it. */
  artifactRepository(reference: Extract<RemoteReference, { kind: 'oci' }>): Promise<ArtifactRepository>;
  /** The files below an `s3://` address. */
  remotePlace(uri: string): Promise<RemoteFiles>;
  /** An `s3://` address that files are pushed to; the caller closes it. */
  writablePlace(uri: string): Promise<WritablePlace>;
  /** Metrics of replicas, by their own endpoints or by a Prometheus server; the caller closes it. Needs no project. */
  metricsSource(choices: MetricsChoices): Promise<MetricsSource>;
  /** The running control plane by HTTP, or the same operations in process with its lease. */
  operations(): Promise<Operations>;
  /** The same, but Ctrl-C ends none of its requests: for what has to be brought back once it is begun. */
  patientOperations(): Promise<Operations>;
  /** Address of the control plane that runs for this project and environment; null when none does. */
  controlPlane(): Promise<string | null>;
  /** The tokens that a control plane of this state folder takes, or those of a file. Needs a project only without one. */
  accessTokens(file?: string): Promise<AccessTokens>;
  /** A link that signs one browser in to the page of the running control plane; null when none runs. */
  pageLink(): Promise<string | null>;
  /** Opens a link to the page in a browser; the reason when that failed. */
  openPage(link: string): Promise<string | null>;
  /** Where the records are, for people: of the control plane that runs, else of this command. Without a password. */
  storeLocation(): Promise<string>;
  /** Runs one of Plimsoll's own programs and resolves with its exit status. */
  runProgram(program: Program, args: readonly string[]): Promise<number>;
}

export type Program = 'gateway' | 'control-plane' | 'model-server' | 'supervisor';

export interface ProjectAndPools {
  readonly project: Project;
  readonly pools: Pools;
}

export interface MetricsChoices {
  /** A server to ask; null or absent takes that of PLIMSOLL_PROMETHEUS_URL, and without it the replicas are asked. */
  readonly prometheus?: string | null;
  /** Labels that choose series of the server. */
  readonly selector?: string | null;
  readonly engine?: EngineName | null;
  /** All that the selector chooses, instead of the replicas' own series. */
  readonly wholeSelector?: boolean;
}

export interface ImageInspectorChoices {
  /** False reads every layer again, and keeps nothing. */
  readonly cache?: boolean;
  /** Allows http to registries of other machines. */
  readonly plainHttp?: boolean;
}
