import type { FleetView } from '../schemas/view/fleet-view.ts';
import type { Blobs } from '../ports/artifacts/blobs.ts';
import type { BundleReceiver } from '../ports/artifacts/bundle-receiver.ts';
import type { Operations } from '../ports/records/operations.ts';
import type { Store } from '../ports/records/store.ts';
import type { AccessTokens } from '../ports/access/access-tokens.ts';
import type { ArtifactSignatures } from '../ports/artifacts/artifact-signatures.ts';
import type { ArtifactRepository } from '../ports/artifacts/artifact-repository.ts';
import type { EngineName } from '../core/scaling/engine-metrics/metric-rule.ts';
import type { MetricsSource } from '../ports/serving/metrics-source.ts';
import type { Experiment } from '../core/diagnosis/cause.ts';
import type { Ablation, PrepareAblation } from '../ports/nodes/ablation.ts';
import type { NodeReadings } from '../ports/nodes/node-readings.ts';
import type { LinearSolver } from '../core/packing/linear-program.ts';
import type { Installation, InstallationOptions, Uninstallation } from '../ports/serving/installation.ts';
import type { WritablePlace } from '../ports/artifacts/writable-place.ts';
import type { RemoteReference } from '../prove/artifacts/remote-reference.ts';
import type { ImageInspector } from '../ports/artifacts/image-inspector.ts';
import type { Pools } from '../ports/project/pools.ts';
import type { Project } from '../ports/project/project.ts';
import type { Backups } from '../ports/records/backup.ts';
import type { CollectedBlobs } from '../ports/records/collected-blobs.ts';
import type { Secrets } from '../ports/access/secrets.ts';
import type { OpenAnchors } from '../ports/records/anchors.ts';
import type { OpenSigstore } from '../ports/trust/sigstore.ts';
import type { UndoPorts } from '../prove/diagnosis/undo-leftovers.ts';
import type { ProvingPorts } from '../prove/ports.ts';

/** What a command may use. Everything heavy is opened on first use and closed by the composition root. */
export interface CliContext extends ProvingPorts {
  /** Secrets of the state folder and their grants. */
  secrets(): Promise<Secrets>;
  /** Another project by its contract, for commands that look at several. */
  projectAt(contractFile: string): Promise<ProjectAndPools>;
  /** Reads what is inside container images; needs no project. */
  imageInspector(choices?: ImageInspectorChoices): Promise<ImageInspector>;
  /** An OCI repository that takes pushes; the caller closes it. */
  artifactRepository(reference: Extract<RemoteReference, { kind: 'oci' }>): Promise<ArtifactRepository>;
  /** Reads who signed images and models; needs no project. */
  artifactSignatures(): Promise<ArtifactSignatures>;
  /** An `s3://` address that files are pushed to; the caller closes it. */
  writablePlace(uri: string): Promise<WritablePlace>;
  /** Metrics of replicas, by their own endpoints or by a Prometheus server; the caller closes it. Needs no project. */
  metricsSource(choices: MetricsChoices): Promise<MetricsSource>;
  /** Takes the bundle of a release: the control plane that runs, else the blobs of the state folder. */
  bundleReceiver(): Promise<BundleReceiver>;
  /** The registry and the blobs of this machine; null where a control plane elsewhere is asked and none are here. */
  ownArtifacts(): Promise<{ readonly store: Store; readonly blobs: Blobs } | null>;
  /** Address of the control plane that runs for this project and environment; null when none does. */
  controlPlane(): Promise<string | null>;
  /** The control plane elsewhere that a service was last released to from this folder; null where none was. */
  releasedTo(service: string, environment: string): Promise<string | null>;
  /** Keeps that, where a control plane elsewhere was asked. */
  noteReleased(service: string, environment: string): Promise<void>;
  /** Whether there is a contract here, or one was named. */
  hasContract(): Promise<boolean>;
  /** All services of the control plane that answers; null where none does. */
  fleet(): Promise<FleetView | null>;
  /** What may be asked of the control plane that answers, whichever service it is about; null where none does. */
  fleetOperations(): Promise<Operations | null>;
  /** The tokens that a control plane of this state folder takes, or those of a file. Needs a project only without one. */
  accessTokens(file?: string): Promise<AccessTokens>;
  /** A link that signs one browser in to the page of the running control plane; null when none runs. */
  pageLink(): Promise<string | null>;
  /** Opens a link to the page in a browser; the reason when that failed. */
  openPage(link: string): Promise<string | null>;
  /** Where the records are, for people: of the control plane that runs, else of this command. Without a password. */
  storeLocation(): Promise<string>;
  /** Removes blobs that no record names; where the store and the blobs are. */
  collectBlobs(request: { readonly graceMs: number; readonly dryRun: boolean }): Promise<CollectedBlobs>;
  /** Of the store and the blobs of this command. */
  backups(): Promise<Backups>;
  /** Solves linear and integer programs, in this thread; needs no project. */
  linearSolver(): Promise<LinearSolver>;
  /** Objects that run Plimsoll itself in a cluster; needs no project and no cluster. */
  installation(options: InstallationOptions): Promise<Installation>;
  /** Of one installation, by the kubeconfig of this user; needs no project. */
  uninstallation(place: {
    readonly name: string;
    readonly namespace: string;
    readonly context: string | undefined;
  }): Promise<Uninstallation>;
  /** Counters of this machine, for a diagnosis; accelerators by driver and, where a Prometheus server is named, by DCGM. */
  nodeReadings(): Promise<NodeReadings>;
  /** Prepares experiments on a process of this machine. */
  prepareAblation(request: AblationRequest): Promise<PrepareAblation>;
  /** What experiments of this state folder have to bring back on this machine. */
  undoPorts(): Promise<UndoPorts>;
  /** Places for anchors of the history that are no files. Needs no project. */
  anchors(): Promise<OpenAnchors>;
  /** Trust roots of Sigstore that PLIMSOLL_SIGSTORE_ROOT names; undefined without it. Needs no project. */
  sigstore(): Promise<OpenSigstore | undefined>;
  /** Runs one of Plimsoll's own programs and resolves with its exit status. */
  runProgram(program: Program, args: readonly string[]): Promise<number>;
}

export type Program = 'gateway' | 'control-plane' | 'model-server' | 'supervisor' | 'file-fetcher';

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
  /** Metrics to keep of what replicas tell themselves; those of all known engines by default. */
  readonly names?: readonly string[];
}

export interface AblationRequest {
  readonly pid: number;
  /** UUIDs of its accelerators, whose NUMA node its cores should be of; null where they are not known. */
  readonly devices: readonly string[] | null;
  /** Experiments of the requests, which whoever sends them brings. */
  readonly others: Partial<Readonly<Record<Experiment, Ablation>>>;
}

export interface ImageInspectorChoices {
  /** False reads every layer again, and keeps nothing. */
  readonly cache?: boolean;
  /** Allows http to registries of other machines. */
  readonly plainHttp?: boolean;
}
