import { existsSync } from 'node:fs';
import { isClusterAddress } from '../cli/cluster-address.ts';
import type { CliContext } from '../cli/context.ts';
import type { GlobalOptions } from '../cli/program.ts';
import { looksTemporary } from '../core/rollout/names.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { systemRandom } from '../adapters/system/random.ts';
import { ownUserName } from '../adapters/processes/confinement/own-user.ts';
import { processTerminal } from '../adapters/system/terminal.ts';
import type { Store } from '../ports/records/store.ts';
import { hearInterruption } from './interruption.ts';
import { chosenEnvironment, openProject, recordsOf } from './open/open-project.ts';
import { runOwnProgram } from './programs.ts';
import { plimsollVersion } from './version.ts';

/**
 * Composes what a command may use; every heavy part is imported and opened on first use.
 * @param opened is given what keeps a process alive until it is closed: connections to a database, or into a cluster.
 */
export function makeCliContext(
  options: GlobalOptions,
  opened: (store: Pick<Store, 'close'>) => void = () => undefined,
): CliContext {
  if (options.server !== undefined) process.env['PLIMSOLL_SERVER'] = options.server;
  if (isClusterAddress(process.env['PLIMSOLL_SERVER'])) {
    opened({ close: async () => (await import('./open/cluster/reach-cluster.ts')).closeReached() });
  }
  const isElsewhere = (): boolean => (process.env['PLIMSOLL_SERVER'] ?? '') !== '';
  const interruption = hearInterruption(process);
  const project = once(() =>
    openProject(options, process.cwd(), async (place, ...scope) => {
      const { readRecorded } = await import('./open/read-recorded.ts');
      return (await readRecorded(place, ...scope)) ?? recordsOf(await context.store(), ...scope);
    }),
  );
  /** Beside the contract; where there is none, below the folder of the command: a snapshot needs none. */
  const folderOfPools = async (): Promise<string> => {
    try {
      return (await project()).folder;
    } catch (thrown) {
      if (thrown instanceof PlimsollError && thrown.code === 'contract-missing' && options.contract === undefined) {
        return process.cwd();
      }
      throw thrown;
    }
  };
  const store = once(async () => {
    const [{ openStore }, { refuseSecondStore }, { stateFolder }] = await Promise.all([
      import('./open/open-state.ts'),
      import('./open/place/second-store.ts'),
      project(),
    ]);
    await refuseSecondStore(stateFolder);
    const own = await openStore(stateFolder);
    opened(own);
    return own;
  });
  const context: CliContext = {
    version: plimsollVersion,
    cwd: process.cwd(),
    env: process.env,
    user: ownUserName(),
    clock: systemClock,
    random: systemRandom,
    terminal: processTerminal,
    writeDurably: async (...written) => (await import('../adapters/files/write-durably.ts')).writeDurably(...written),
    ...interruption,
    project,
    environment: once(async () => chosenEnvironment(options, await project())),
    store,
    blobs: once(async () => {
      const [{ openBlobs }, { stateFolder }] = await Promise.all([import('./open/open-state.ts'), project()]);
      return openBlobs(stateFolder);
    }),
    platform: once(async () => {
      const [{ openLocalPlatform }, { openConfinement }, { stopAbandoned }, { stateFolder, contract }] =
        await Promise.all([
          import('./open/open-platform.ts'),
          import('./open/local/open-confinement.ts'),
          import('./up/stop-replicas.ts'),
          project(),
        ]);
      const platform = openLocalPlatform(stateFolder, undefined, await context.blobs(), openConfinement(stateFolder));
      const { environments } = (await contract()).contract;
      const isOver = (name: string): boolean => looksTemporary(name) && !Object.hasOwn(environments, name);
      const count = await stopAbandoned(platform, isOver, systemClock, interruption.signal, processTerminal.note);
      if (count > 0) processTerminal.note(`stopped ${count} left behind by a command that was killed`);
      return platform;
    }),
    replicaClient: async (connections) => {
      const { contract } = await (await project()).contract();
      return (await import('./open/open-replica-client.ts')).openReplicaClient(contract.code.protocol, connections);
    },
    predictionIndex: once(async () => {
      const [{ makeFilePredictionIndex }, { stateFolder }] = await Promise.all([
        import('../adapters/files/prediction-index.ts'),
        project(),
      ]);
      return makeFilePredictionIndex(`${stateFolder}/predictions`);
    }),
    pageCache: once(async () => (await import('../adapters/system/page-cache.ts')).makePageCache()),
    freshNode: async () => {
      const [{ openFreshNode }, { stateFolder }] = await Promise.all([import('./open/open-fresh-node.ts'), project()]);
      return openFreshNode(stateFolder);
    },
    nodeProbe: once(async () => (await import('./open/open-node-probe.ts')).openNodeProbe()),
    nodeTrials: once(async () => (await import('./open/open-preflight.ts')).openNodeTrials()),
    preflightRecord: once(async () => (await import('./open/open-preflight.ts')).openPreflightRecord()),
    loadFacts: once(async () => (await import('../adapters/system/load/load-facts.ts')).makeLoadFacts()),
    nullReplica: async () => (await import('../adapters/replica-http/null-replica.ts')).openNullReplica(),
    clusterReader: once(async () =>
      (await import('../adapters/kubernetes/cluster-reader.ts')).makeClusterReader({ env: process.env }),
    ),
    secrets: once(async () => {
      const [{ makeFileSecrets }, { writeDurably }, { stateFolder }] = await Promise.all([
        import('../adapters/processes/file-secrets.ts'),
        import('../adapters/files/write-durably.ts'),
        project(),
      ]);
      return makeFileSecrets(stateFolder, writeDurably);
    }),
    pools: once(async () => {
      const { makeFilePools } = await import('../adapters/files/project/pools.ts');
      return makeFilePools(await folderOfPools());
    }),
    projectAt: async (contract) => {
      const other = await openProject({ contract }, process.cwd(), async (place, ...scope) => {
        const { readRecorded } = await import('./open/read-recorded.ts');
        return (await readRecorded(place, ...scope)) ?? { waivers: [], invalidations: [] };
      });
      const { makeFilePools } = await import('../adapters/files/project/pools.ts');
      return { project: other, pools: makeFilePools(other.folder) };
    },
    imageInspector: async (choices) =>
      (await import('./open/artifacts/open-image-inspector.ts')).openImageInspector(context, choices),
    metricsSource: async (choices) =>
      (await import('./open/open-metrics-source.ts')).openMetricsSource(context, choices),
    modelRegistry: async (reference) =>
      (await import('./open/artifacts/open-model-registry.ts')).openModelRegistry(context, reference),
    artifactRepository: async ({ name }) =>
      (await import('./open/artifacts/open-model-registry.ts')).openArtifactRepository(context, name),
    artifactSignatures: once(async () =>
      (await import('./open/artifacts/open-artifact-signatures.ts')).openArtifactSignatures(context),
    ),
    remotePlace: async (uri) => (await import('./open/artifacts/open-model-registry.ts')).openRemotePlace(context, uri),
    writablePlace: async (uri) =>
      (await import('./open/artifacts/open-model-registry.ts')).openWritablePlace(context, uri),
    operations: once(async () => (await import('./open/open-operations.ts')).openOperations(context)),
    patientOperations: once(async () =>
      (await import('./open/open-operations.ts')).openOperations({ ...context, signal: new AbortController().signal }),
    ),
    bundleReceiver: once(async () =>
      (await import('./open/artifacts/open-bundle-receiver.ts')).openBundleReceiver(context),
    ),
    ownArtifacts: async () => {
      const [{ storePlace }, { stateFolder }] = await Promise.all([import('./open/place/store-place.ts'), project()]);
      const place = storePlace(stateFolder);
      if (isElsewhere() && place.kind === 'sqlite' && !existsSync(place.file)) return null;
      return { store: await context.store(), blobs: await context.blobs() };
    },
    storeLocation: async () => {
      const [{ runningControlPlane }, { shownPlace, storePlace }, { stateFolder }] = await Promise.all([
        import('./open/open-operations.ts'),
        import('./open/place/store-place.ts'),
        project(),
      ]);
      return (await runningControlPlane(context))?.store ?? shownPlace(storePlace(stateFolder));
    },
    accessTokens: async (file) => {
      const [{ makeFileAccessTokens }, { tokensFile }] = await Promise.all([
        import('../adapters/files/access-tokens.ts'),
        import('../adapters/http-control/run-files.ts'),
      ]);
      return makeFileAccessTokens(file ?? tokensFile((await project()).stateFolder));
    },
    pageLink: async () => {
      const [{ runningControlPlane }, { makePageLink }] = await Promise.all([
        import('./open/open-operations.ts'),
        import('./page-link.ts'),
      ]);
      const running = await runningControlPlane(context);
      return running === null ? null : makePageLink({ ...running, signal: interruption.signal }, running.pageUrl);
    },
    openPage: async (link) => (await import('./page-link.ts')).openPage((await project()).stateFolder, link),
    controlPlane: async () =>
      (await (await import('./open/open-operations.ts')).runningControlPlane(context))?.shown ?? null,
    releasedTo: async (service, environment) => {
      if (isElsewhere()) return null;
      const { readReleasedTo } = await import('./open/place/released-to.ts');
      return readReleasedTo((await project()).stateFolder, service, environment);
    },
    noteReleased: async (service, environment) => {
      const server = process.env['PLIMSOLL_SERVER'] ?? '';
      if (server === '') return;
      const { writeReleasedTo } = await import('./open/place/released-to.ts');
      await writeReleasedTo((await project()).stateFolder, service, environment, server);
    },
    hasContract: async () => {
      if (options.contract !== undefined) return true;
      return (await import('./open/place/find-contract.ts')).nearestContract(process.cwd()) !== null;
    },
    fleetOperations: async () =>
      (await import('./open/place/read-fleet.ts')).openFleetOperations(context, options.state),
    fleet: async () => (await import('./open/place/read-fleet.ts')).readFleet(context, options.state),
    collectBlobs: async (request) =>
      (await import('./open/artifacts/open-collection.ts')).collectHere(context, request),
    backups: async () => (await import('./open/artifacts/open-backups.ts')).openBackups({ ...context, store }),
    linearSolver: once(async () => (await import('../adapters/highs/highs-solver.ts')).loadHighsSolver()),
    installation: async (options) => (await import('./open/cluster/open-installation.ts')).openInstallation(options),
    uninstallation: async (place) =>
      (await import('./open/cluster/open-uninstallation.ts')).openUninstallation(place, process.env),
    nodeReadings: once(async () => {
      const [{ openNodeReadings }, probe] = await Promise.all([
        import('./open/diagnosis/open-node-readings.ts'),
        context.nodeProbe(),
      ]);
      return openNodeReadings(probe, process.env, (choices) => context.metricsSource(choices));
    }),
    prepareAblation: async ({ pid, devices, others }) => {
      const [{ openPrepareAblation }, probe] = await Promise.all([
        import('./open/diagnosis/open-prepare-ablation.ts'),
        context.nodeProbe(),
      ]);
      return openPrepareAblation(probe, { pid, devices, others }, interruption.signal);
    },
    undoPorts: once(async () => {
      const [{ openUndo }, { stateFolder }] = await Promise.all([import('./open/diagnosis/open-undo.ts'), project()]);
      return openUndo(stateFolder);
    }),
    anchors: once(async () => (await import('./open/trust/open-anchoring.ts')).openAnchors(process.env)),
    sigstore: once(async () =>
      (await import('./open/trust/open-sigstore.ts')).openSigstore(process.env, process.cwd()),
    ),
    runProgram: (program, args) => runOwnProgram(program, args, interruption.signal),
  };
  return context;
}

/** Opened on first use, and the same one from then on. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => (opened ??= open());
}
