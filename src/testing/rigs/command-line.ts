import { makeBundleReceiver } from '../../control-plane/bundles/receive-bundle.ts';
import type { BundleReceiver } from '../../ports/artifacts/bundle-receiver.ts';
import { parseInPlace } from '../../schemas/parse-in-place.ts';
import { memoryUploads } from '../fakes/memory/memory-uploads.ts';
import { tmpdir } from 'node:os';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import type { CliContext, ProjectAndPools } from '../../cli/context.ts';
import { runProgram } from '../../cli/program.ts';
import { chooseEnvironment } from '../../core/contract/choose-environment.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ArtifactSignatures } from '../../ports/artifacts/artifact-signatures.ts';
import type { ArtifactRepository } from '../../ports/artifacts/artifact-repository.ts';
import type { AccessTokens } from '../../ports/access/access-tokens.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { FreshNode } from '../../ports/nodes/fresh-node.ts';
import type { PageCache } from '../../ports/nodes/page-cache.ts';
import type { ImageInspector } from '../../ports/artifacts/image-inspector.ts';
import type { ModelRegistry } from '../../ports/artifacts/model-registry.ts';
import type { PrepareAblation } from '../../ports/nodes/ablation.ts';
import type { NodeReadings } from '../../ports/nodes/node-readings.ts';
import type { LoadFacts } from '../../ports/nodes/load-facts.ts';
import type { NodeTrials } from '../../ports/nodes/node-trials.ts';
import type { PreflightRecord } from '../../ports/nodes/preflight-record.ts';
import type { NodeProbe } from '../../ports/nodes/node-probe.ts';
import type { Backups } from '../../ports/records/backup.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { Platform } from '../../ports/serving/platform.ts';
import type { ClusterReader } from '../../ports/nodes/cluster-reader.ts';
import type { Pools } from '../../ports/project/pools.ts';
import type { OpenAnchors } from '../../ports/records/anchors.ts';
import type { OpenSigstore } from '../../ports/trust/sigstore.ts';
import type { Project } from '../../ports/project/project.ts';
import type { ReplicaClient } from '../../ports/serving/replica-client.ts';
import type { FleetView } from '../../schemas/view/fleet-view.ts';
import type { Secrets } from '../../ports/access/secrets.ts';
import type { Store } from '../../ports/records/store.ts';
import type { PredictionIndex } from '../../ports/project/prediction-index.ts';
import type { UndoPorts } from '../../prove/diagnosis/undo-leftovers.ts';
import { fakeProcessIdentity } from '../fakes/fake-process-identity.ts';
import { memoryUndoJournal } from '../fakes/memory/memory-undo-journal.ts';
import { defaultResources, makeInstallation } from '../../adapters/kubernetes/install/installation.ts';
import { collectBlobs } from '../../control-plane/bundles/collect-blobs.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { memoryPredictionIndex } from '../fakes/memory/memory-prediction-index.ts';

export interface CommandLineWorld {
  readonly accessTokens?: AccessTokens;
  readonly pageLink?: string;
  /** Where the service was last released, where that is elsewhere. */
  readonly releasedTo?: string;
  readonly project?: Project;
  readonly store?: Store;
  readonly blobs?: Blobs;
  readonly operations?: Operations;
  readonly backups?: Backups;
  readonly bundleReceiver?: BundleReceiver;
  readonly platform?: Platform;
  readonly replicaClient?: ReplicaClient;
  readonly predictionIndex?: PredictionIndex;
  readonly imageInspector?: ImageInspector;
  readonly sigstore?: OpenSigstore;
  readonly artifactSignatures?: ArtifactSignatures;
  readonly anchors?: OpenAnchors;
  readonly nodeProbe?: NodeProbe;
  readonly nodeTrials?: NodeTrials;
  readonly preflightRecord?: PreflightRecord;
  readonly loadFacts?: LoadFacts;
  readonly nodeReadings?: NodeReadings;
  readonly prepareAblation?: PrepareAblation;
  readonly undoPorts?: UndoPorts;
  readonly pools?: Pools;
  readonly secrets?: Secrets;
  readonly clusterReader?: ClusterReader;
  readonly modelRegistry?: ModelRegistry;
  readonly artifactRepository?: ArtifactRepository;
  /** What is said on the way is added here. */
  readonly notes?: string[];
  readonly pageCache?: PageCache;
  readonly freshNode?: () => Promise<FreshNode>;
  /** Instead of one that stands still at `nowMs`. */
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly remotePlace?: CliContext['remotePlace'];
  readonly metricsSource?: CliContext['metricsSource'];
  readonly stdin?: () => Promise<string>;
  /** Other projects by the absolute path of their contract. */
  readonly projectAt?: (contractFile: string) => Promise<ProjectAndPools>;
  /** As the control plane that runs shows it; none runs unless given. */
  readonly fleet?: FleetView;
  /** Address of the control plane that runs; null says that none does. */
  readonly controlPlane?: string | null;
  readonly cwd?: string;
  readonly nowMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Answers to the questions of an interactive terminal, in order; an empty one takes what is offered. */
  readonly answers?: readonly string[];
}
export interface CommandLineResult {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** Questions that were asked. */
  readonly asked: readonly string[];
}

/** Runs one command line against fakes: the real parser, the real command, nothing of this machine. */
export async function runCommandLine(
  argv: readonly string[],
  world: CommandLineWorld = {},
): Promise<CommandLineResult> {
  const written = { out: '', err: '' };
  const asked: string[] = [];
  const exit = await runProgram(
    argv,
    { out: (text) => void (written.out += text), err: (text) => void (written.err += text) },
    '0.0.0',
    (options) => contextOf(world, options.environment, asked),
  );
  return { exit, ...written, asked };
}

const stdinPieceBytes = 5;
const nothingIsShown: LoadFacts = {
  read: async () => ({
    ownProcessorMs: 0,
    residentBytes: null,
    clockMhz: null,
    processor: null,
    waitedMs: { cpu: null, memory: null, io: null },
  }),
};

/** What a command is given in tests, for one that is run by itself. */
export function contextOf(world: CommandLineWorld, environment?: string, asked: string[] = []): CliContext {
  const absent = (what: string) => () => Promise.reject(new Error(`this test has no ${what}`));
  const project = world.project === undefined ? absent('project') : () => Promise.resolve(world.project as Project);
  const answers = [...(world.answers ?? [])];
  return {
    version: '0.0.0',
    cwd: world.cwd ?? tmpdir(),
    env: world.env ?? {},
    user: 'tests',
    clock: world.clock ?? new FakeClock(world.nowMs ?? 2_000_000),
    random: { next: () => 0.5, hex: (bytes) => '0'.repeat(bytes * 2) },
    terminal: {
      colour: false,
      interactive: world.answers !== undefined,
      columns: 100,
      note: (text) => void world.notes?.push(text),
      print: () => undefined,
      ask: async (question, fallback) => {
        asked.push(question);
        const answer = answers.shift();
        if (answer === undefined) throw new Error(`the test has no answer to ${question}`);
        return answer === '' ? (fallback ?? '') : answer;
      },
      readStdin: world.stdin ?? (async () => ''),
      async *stdinChunks() {
        const bytes = new TextEncoder().encode((await world.stdin?.()) ?? '');
        // In pieces, as pipes come.
        for (let at = 0; at < bytes.length; at += stdinPieceBytes) yield bytes.subarray(at, at + stdinPieceBytes);
      },
    },
    writeDurably,
    signal: world.signal ?? new AbortController().signal,
    compute: (work) => work(),
    project,
    environment: async () => chooseEnvironment((await (await project()).contract()).contract, environment),
    store: async () => {
      if (world.store !== undefined) return world.store;
      throw new PlimsollError({ code: 'store-locked', category: 'unavailable', message: 'the store is out of reach' });
    },
    bundleReceiver: async () => world.bundleReceiver ?? makeTestReceiver(world.blobs),
    ownArtifacts: async () =>
      world.store === undefined || world.blobs === undefined ? null : { store: world.store, blobs: world.blobs },
    blobs: world.blobs === undefined ? absent('blobs') : async () => world.blobs as Blobs,
    platform: world.platform === undefined ? absent('platform') : async () => world.platform as Platform,
    replicaClient:
      world.replicaClient === undefined ? absent('replica client') : async () => world.replicaClient as ReplicaClient,
    predictionIndex: async () => world.predictionIndex ?? memoryPredictionIndex(),
    pageCache: world.pageCache === undefined ? absent('page cache') : async () => world.pageCache as PageCache,
    linearSolver: async () => (await import('../../adapters/highs/highs-solver.ts')).loadHighsSolver(),
    freshNode: world.freshNode ?? absent('fresh node'),
    nodeTrials: world.nodeTrials === undefined ? absent('trials') : async () => world.nodeTrials as NodeTrials,
    preflightRecord:
      world.preflightRecord === undefined
        ? absent('record of preflights')
        : async () => world.preflightRecord as PreflightRecord,
    nodeProbe: world.nodeProbe === undefined ? absent('probe') : async () => world.nodeProbe as NodeProbe,
    loadFacts: async () => world.loadFacts ?? nothingIsShown,
    nodeReadings:
      world.nodeReadings === undefined ? absent('node readings') : async () => world.nodeReadings as NodeReadings,
    prepareAblation: async () => world.prepareAblation ?? (async () => ({ refused: 'this test runs no experiment' })),
    undoPorts: async () => world.undoPorts ?? nothingToUndo(),
    nullReplica: async () => null,
    clusterReader:
      world.clusterReader === undefined ? absent('cluster reader') : async () => world.clusterReader as ClusterReader,
    secrets: world.secrets === undefined ? absent('secrets') : async () => world.secrets as Secrets,
    pools: world.pools === undefined ? absent('pools') : async () => world.pools as Pools,
    projectAt: world.projectAt ?? absent('other projects'),
    imageInspector:
      world.imageInspector === undefined
        ? absent('image inspector')
        : async () => world.imageInspector as ImageInspector,
    modelRegistry:
      world.modelRegistry === undefined ? absent('model registry') : async () => world.modelRegistry as ModelRegistry,
    artifactRepository:
      world.artifactRepository === undefined
        ? absent('artifact repository')
        : async () => world.artifactRepository as ArtifactRepository,
    artifactSignatures:
      world.artifactSignatures === undefined
        ? absent('signatures')
        : async () => world.artifactSignatures as ArtifactSignatures,
    remotePlace: world.remotePlace ?? absent('place elsewhere'),
    metricsSource: world.metricsSource ?? absent('metrics source'),
    writablePlace: absent('place elsewhere'),
    operations: world.operations === undefined ? absent('operations') : async () => world.operations as Operations,
    patientOperations:
      world.operations === undefined ? absent('operations') : async () => world.operations as Operations,
    releasedTo: async () => world.releasedTo ?? null,
    noteReleased: async () => undefined,
    storeLocation: async () => 'store.sqlite of the test',
    accessTokens: world.accessTokens === undefined ? absent('tokens') : async () => world.accessTokens as AccessTokens,
    pageLink: async () => world.pageLink ?? null,
    openPage: async () => null,
    hasContract: async () => true,
    uninstallation: () => Promise.reject(new Error('no cluster')),
    installation: async (options) => {
      const start = { command: ['plimsoll'], env: {} };
      return makeInstallation(options, {
        controlPlane: { start, resources: defaultResources.controlPlane },
        gateway: { start, resources: defaultResources.gateway },
      });
    },
    fleet: async () => world.fleet ?? null,
    fleetOperations: async () => null,
    controlPlane: world.controlPlane === undefined ? absent('control plane') : async () => world.controlPlane ?? null,
    collectBlobs: async (request) =>
      collectBlobs({
        ...{ store: world.store as Store, blobs: world.blobs as Blobs, lock: [], ...request },
        predictionIndex: world.predictionIndex ?? memoryPredictionIndex(),
        clock: world.clock ?? new FakeClock(world.nowMs ?? 2_000_000),
        ...{ holder: 'tests', isDead: () => false, signal: world.signal ?? new AbortController().signal },
      }),
    backups: world.backups === undefined ? absent('backups') : async () => world.backups as Backups,
    anchors: world.anchors === undefined ? absent('anchors') : async () => world.anchors as OpenAnchors,
    sigstore: async () => world.sigstore,
    runProgram: absent('programs'),
  };
}

/** Into the blobs of the test, as a control plane beside it would. */
function makeTestReceiver(blobs: Blobs | undefined): BundleReceiver {
  if (blobs === undefined) throw new Error('this test has no blobs');
  return makeBundleReceiver({ blobs, uploads: memoryUploads(blobs), parser: parseInPlace, clock: new FakeClock() });
}

const nothingToUndo = (): UndoPorts => ({
  journal: memoryUndoJournal(),
  identity: fakeProcessIdentity('this command'),
  restore: () => Promise.resolve({ kind: 'restored', how: 'it is as before' }),
});
