import { makeProcTimes } from '../adapters/processes/process-table/proc-times.ts';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeBoundedParser } from '../adapters/bounded-parser/bounded-parser.ts';
import type { ExternalScalerServer } from '../adapters/keda/external-scaler-server.ts';
import { openFileJournal } from '../adapters/files/journal.ts';
import { controlPlaneFile } from '../adapters/http-control/run-files.ts';
import { writeDurably } from '../adapters/files/write-durably.ts';
import { replicaAgent } from '../adapters/replica-http/bounded-request.ts';
import { makeIdentityReader } from '../adapters/replica-http/read-identity.ts';
import { readOrdersToken } from '../adapters/processes/replica/orders-token.ts';
import { openReplicaSleeper } from '../adapters/replica-http/replica-sleeper.ts';
import { LocalInspector } from '../adapters/processes/inspect/local-inspector.ts';
import { makeFileSecrets } from '../adapters/processes/file-secrets.ts';
import { makeProcessIdentity } from '../adapters/processes/process-table/process-identity.ts';
import { makeBusyShare } from '../adapters/system/load/busy-share.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { controlPlaneOptions } from '../cli/program-options.ts';
import { actingPolicy } from '../core/scaling/acting/acting-policies.ts';
import { ControlPlane, type ControlPlaneParts } from '../control-plane/control-plane.ts';
import { BlobProofs } from '../control-plane/bundles/blob-proofs.ts';
import { makeBundleReceiver } from '../control-plane/bundles/receive-bundle.ts';
import { picturePools } from '../control-plane/judging/pool-pictures.ts';
import { readShownProof, type ReadProof } from '../control-plane/judging/release-proof.ts';
import { makeNotifyTargets } from '../control-plane/monitoring/notify-targets.ts';
import { ServiceAccounts } from '../control-plane/ledger/accounts/service-accounts.ts';
import { readPoolBooks } from '../control-plane/ledger/prices/read-pool-books.ts';
import { makeCostSource } from '../control-plane/watches/cost-source.ts';
import { makeHardwareSource } from '../control-plane/watches/hardware-source.ts';
import { childEnvironment } from '../core/access/child-environment.ts';
import { makeFeatureSource } from './sources/feature-source.ts';
import { cacheServices } from '../control-plane/judging/fleet-share.ts';
import { makeLiveJudgements } from '../control-plane/watches/live-judgements.ts';
import { makeLearnedSource } from '../control-plane/watches/learned-source.ts';
import { makeMixSource } from '../control-plane/watches/mix/mix-source.ts';
import { makeStartSource } from '../control-plane/watches/start-source.ts';
import { grantFirstSecrets } from '../control-plane/grant-first-secrets.ts';
import { makeServer } from '../control-plane/http/server.ts';
import type { HttpParts, Server } from '../control-plane/http/http-parts.ts';
import type { ServiceScope } from '../control-plane/service/service-scope.ts';
import { controlPlaneHttp } from '../control-plane/http/control-plane-http.ts';
import type { Protocol } from '../core/contract/contract.ts';
import { undoLeftovers } from '../prove/diagnosis/undo-leftovers.ts';
import type { BundleReceiver } from '../ports/artifacts/bundle-receiver.ts';
import type { ReplicaClient } from '../ports/serving/replica-client.ts';
import { findPlace } from './open/place/find-place.ts';
import { ownerOnly } from '../ports/process/write-durably.ts';
import type { ControlPlaneIdentity } from '../schemas/http/http-control-plane.ts';
import { readSettings, type Settings } from './control-plane-settings.ts';
import { choosePlatform } from './open/cluster/choose-platform.ts';
import type { OpenedCluster } from './open/cluster/open-cluster.ts';
import { openCheckedConfinement } from './open/local/open-confinement.ts';
import { openAccess } from './open/open-access.ts';
import { openDoors, PublicConnections, type Doors } from './open/open-doors.ts';
import { replicaTls } from './open/tls/open-replica-tls.ts';
import { openDiagnoses } from './open/diagnosis/open-diagnoses.ts';
import { openExternalScaler } from './open/open-external-scaler.ts';
import { openAnchoring } from './open/trust/open-anchoring.ts';
import { openCountersign } from './open/trust/open-countersign.ts';
import { openJudging } from './open/open-judging.ts';
import { makeLog } from './open/log/make-log.ts';
import { openModelPlaces } from './open/artifacts/open-model-places.ts';
import { openMetricsSource } from './open/open-metrics-source.ts';
import { openNodeProbe } from './open/open-node-probe.ts';
import { openCluster, openLocalPlatform, openStandingOf, type Standing } from './open/open-platform.ts';
import { makeReplicaFiles } from './sources/replica-files.ts';
import { startContractOf } from './sources/start-contract.ts';
import { openUndo } from './open/diagnosis/open-undo.ts';
import { tellUnpriced } from './sources/tell-unpriced.ts';
import { openReadiness, type Readiness } from './open/open-readiness.ts';
import { openReplicaClient } from './open/open-replica-client.ts';
import { openAlertSender } from './open/open-alert-sender.ts';
import { openBlobs, openStore, openUploads } from './open/open-state.ts';
import { shownPlace, storePlace } from './open/place/store-place.ts';
import { warnOfPlainText } from './open/log/warn-of-plain-text.ts';
import { compileCacheEnvironment } from './own-command.ts';
import { plimsollVersion } from './version.ts';

/** What a control plane has only where replicas run in a cluster. */
interface OfCluster extends Pick<HttpParts, 'replicaFiles'> {
  readonly accounts?: OpenedCluster['accounts'];
}

/** Runs the control plane until the signal; resolves with its exit status, 3 when it lost its lease. */
export async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: controlPlaneOptions });
  const log = makeLog();
  const parser = makeBoundedParser({ clock: systemClock, environment: compileCacheEnvironment() });
  const choice = choosePlatform(values, process.env);
  const place = await findPlace(values, parser);
  const settings = await readSettings(values, place.stateFolder);
  const isLocal = choice.name === 'local';
  const confinement = await openCheckedConfinement(place.stateFolder, values['replica-user'], isLocal);
  const cluster = await openCluster(choice, place.stateFolder, log, signal);
  const standing = await openStandingOf(choice, log);
  const identity = makeProcessIdentity();
  const undoPorts = openUndo(place.stateFolder);
  const metricsSource = await openMetricsSource({ clock: systemClock, env: process.env });
  const store = await openStore(place.stateFolder);
  // In a cluster a state folder may be new while the records are old: nothing is granted there by itself.
  const granted = isLocal ? await grantFirstSecrets(makeFileSecrets(place.stateFolder, writeDurably), store) : null;
  if (granted !== null) log.info(granted, 'the secrets that releases of this service name were granted to it');
  const blobs = await openBlobs(place.stateFolder);
  const probe = openNodeProbe();
  const sender = openAlertSender(place.stateFolder);
  const fetching = openModelPlaces({ env: process.env, clock: systemClock });
  const judging = await openJudging({
    ...{ blobs, parser, probe, fetching, clock: systemClock, env: process.env },
    cluster: cluster?.nodes,
  });
  const { shelf } = judging;
  const proofs = new BlobProofs();
  const startContract = startContractOf({
    store,
    shelf,
    blobs,
    clock: systemClock,
    folder: path.join(place.stateFolder, 'run', 'contracts'),
    writeDurably,
  });
  const platform = cluster?.platform ?? openLocalPlatform(place.stateFolder, startContract, blobs, confinement);
  const unpriced = tellUnpriced(log);
  const live = await openDiagnoses(isLocal ? probe : null, process.env);
  const services = cacheServices(store, systemClock);
  const accounts = new ServiceAccounts({
    store,
    clock: systemClock,
    books: async () => (await readPoolBooks({ store, bundles: judging })).books,
  });
  const features = makeFeatureSource({
    blobs,
    folder: path.join(place.stateFolder, 'run', 'features'),
    writeDurably,
    env: childEnvironment('replica', process.env),
  });
  const clients = new Map<Protocol, ReplicaClient>();
  const anchoring = new AbortController();
  const anchored = openAnchoring(process.env, store, log, anchoring.signal);
  // Last: what listens would keep a program that cannot go on from ending.
  const readiness = await openReadiness(settings.readyListen, signal);
  try {
    return await serve(
      {
        services: place.services,
        plimsollVersion,
        store,
        blobs,
        journal: await openFileJournal(path.join(place.stateFolder, 'journal')),
        platform,
        replicaClientFor(protocol) {
          const client = clients.get(protocol) ?? openReplicaClient(protocol);
          clients.set(protocol, client);
          return client;
        },
        ...(isLocal
          ? { inspector: new LocalInspector(place.stateFolder, probe, systemClock) }
          : { identityOf: makeIdentityReader(replicaAgent(undefined, replicaTls())) }),
        probesEngines: true,
        sleeper: openReplicaSleeper({
          agent: replicaAgent(undefined, replicaTls()),
          ...(isLocal ? { tokenOf: (replicaId: string) => readOrdersToken(place.stateFolder, replicaId) } : {}),
        }),
        clock: systemClock,
        openService({ service, environment }) {
          const proof: ReadProof = () => readShownProof(shelf, store, service, environment);
          return {
            judgements: makeLiveJudgements({ judging, store, clock: systemClock, proof, accounts, services, unpriced }),
            hardware: makeHardwareSource(proof, probe, cluster?.nodes),
            starts: makeStartSource(proof),
            evidence: makeLearnedSource(proof),
            mixes: makeMixSource(proof),
            costs: makeCostSource(proof, accounts, systemClock),
            alerts: { sender, targets: makeNotifyTargets(proof) },
            pools: async () => picturePools(judging, await proof(), systemClock.nowMs()),
          };
        },
        bundles: judging,
        proofs,
        countersign: await openCountersign(place.stateFolder),
        policy: actingPolicy,
        metricsSource,
        ...(isLocal ? { processorTimes: makeProcTimes() } : {}),
        diagnoses: live.diagnoses,
        // Programs of a release run as this user only where its replicas do, and never beside the control plane of a cluster.
        ...(isLocal && confinement === null ? { features } : {}),
        ...(isLocal ? { undoLeftovers: () => undoLeftovers(undoPorts) } : {}),
        identity: identity.self(),
        isDead: (holder) => identity.isDead(holder),
        busyShare: makeBusyShare(),
        log,
      },
      settings,
      makeBundleReceiver({
        blobs,
        uploads: await openUploads(place.stateFolder, blobs),
        parser,
        clock: systemClock,
        holdings: { store, proofs },
      }),
      cluster === null
        ? {}
        : {
            accounts: cluster.accounts,
            replicaFiles: makeReplicaFiles((...asked) => cluster.platform.listFiles(...asked), blobs),
          },
      { standing, readiness },
      signal,
    );
  } finally {
    anchoring.abort();
    await anchored;
    await parser.close();
    await features.close();
    await metricsSource.close();
    await live.close();
    await sender.close();
    await platform.close();
    await store.close();
    await readiness.close();
  }
}

async function serve(
  parts: ControlPlaneParts,
  settings: Settings,
  bundles: BundleReceiver,
  files: OfCluster,
  { standing, readiness }: { readonly standing: Standing; readonly readiness: Readiness },
  signal: AbortSignal,
): Promise<number> {
  const runFile = controlPlaneFile(settings.stateFolder);
  const waiting = new AbortController();
  // Kubernetes may call it ready once its Service leads elsewhere. That is no reason to wait with the lease.
  const standingBy = standing.standBy(AbortSignal.any([signal, waiting.signal])).then(
    () => (readiness.isReady = true),
    () => false,
  );
  const controlPlane = await ControlPlane.take(parts, signal).catch((thrown: unknown) => {
    if (signal.aborted) return null;
    throw thrown;
  });
  waiting.abort();
  await standingBy;
  if (controlPlane === null) return 0;
  readiness.turnAgeMs = () =>
    controlPlane.turnedAtMs === null ? null : parts.clock.monotonicMs() - controlPlane.turnedAtMs;
  const stopping = new AbortController();
  const ending = AbortSignal.any([signal, stopping.signal]);
  // Reconciling begins at once: what runs is adopted and kept also while the address is not free yet.
  const running = controlPlane.run(ending);
  let listening: Listening | null = null;
  let scaler: ExternalScalerServer | null = null;
  let leading: Promise<void> | null = null;
  try {
    listening = await listen(parts, controlPlane, settings, { bundles, ...files }, runFile, ending);
    readiness.isReady = true;
    leading = standing.lead(() => controlPlane.holdsLease(), ending);
    scaler = await openExternalScaler(controlPlane.services, settings.scaler, parts.log);
    const outcome = await running;
    if (outcome === 'lease-lost') parts.log.error('the lease was lost: nothing more is written; another one holds it');
    return outcome === 'stopped' ? 0 : 3;
  } finally {
    stopping.abort();
    await running;
    await leading;
    await controlPlane.close(signal.aborted ? 'asked to' : 'it could not go on');
    await scaler?.close();
    await listening?.doors.close();
    await listening?.server.close();
    await forgetRunFile(runFile, parts.identity);
  }
}

interface Listening {
  readonly server: Server;
  readonly doors: Doors;
}

async function listen(
  parts: ControlPlaneParts,
  controlPlane: ControlPlane,
  { listen, local, tls, access, stateFolder, dashboardFolder }: Settings,
  { accounts, ...artifacts }: OfCluster & Pick<HttpParts, 'bundles'>,
  runFile: string,
  signal: AbortSignal,
): Promise<Listening> {
  let [address, pageUrl] = ['', ''];
  const store = await shownPlace(storePlace(stateFolder));
  const identity = (): ControlPlaneIdentity => ({
    ...firstOf(controlPlane),
    services: controlPlane.services.all().map(({ scope }) => scope),
    address,
    pageUrl,
    pid: process.pid,
    identity: parts.identity,
    plimsollVersion,
    store,
  });
  const connections = new PublicConnections();
  const server = await makeServer(
    {
      ...controlPlaneHttp(controlPlane),
      plimsollVersion,
      access: await openAccess(stateFolder, access, parts.log, accounts),
      isLocal: (request) => connections.isLocal(request),
      ...(tls?.clientCa === undefined ? {} : { gatewayCertificates: connections.certificates }),
      dashboardFolder: dashboardFolder === null ? null : path.resolve(dashboardFolder),
      store: parts.store,
      ...artifacts,
      identity,
    },
    parts.log,
  );
  await warnOfPlainText(parts.log, listen, tls !== null, storePlace(stateFolder));
  const doors = await openDoors(server, { listen, local, tls }, connections, parts.log, signal);
  [address, pageUrl] = [doors.localUrl, doors.publicUrl];
  const how = { doing: 'writing where the control plane listens', mode: ownerOnly };
  await writeDurably(runFile, `${JSON.stringify(identity())}\n`, how);
  parts.log.info({ address, pageUrl }, 'listening');
  return { server, doors };
}

/** Older programs know one service of a control plane. */
function firstOf(controlPlane: ControlPlane): ServiceScope {
  return controlPlane.services.all()[0]?.scope ?? { service: '', environment: '' };
}

async function forgetRunFile(file: string, identity: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.includes(JSON.stringify(identity))) await rm(file, { force: true });
}
