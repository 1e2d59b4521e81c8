import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import type { ExternalScalerServer } from '../adapters/keda/external-scaler-server.ts';
import { openFileJournal } from '../adapters/files/journal.ts';
import { controlPlaneFile } from '../adapters/http-control/discover.ts';
import { writeDurably } from '../adapters/processes/durable-file.ts';
import { makeProcessIdentity } from '../adapters/processes/process-identity.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { controlPlaneOptions } from '../cli/program-options.ts';
import { answerReadiness } from '../core/readiness/answers.ts';
import { actingPolicy } from '../core/scaling/acting/acting-policies.ts';
import { asPlimsollError, PlimsollError } from '../core/units/errors.ts';
import { ControlPlane, type ControlPlaneParts } from '../control-plane/control-plane.ts';
import { makeServer } from '../control-plane/http/server.ts';
import type { HttpParts, Server } from '../control-plane/http/http-parts.ts';
import type { Token } from '../control-plane/http/token-file.ts';
import type { Project } from '../ports/project.ts';
import type { ControlPlaneIdentity } from '../schemas/http-control-plane.ts';
import { openHardwareSource, poolsOf } from './hardware-source.ts';
import { openStartSource } from './start-source.ts';
import { isLoopback, listenText, parseListenAddress, urlOf, type ListenAddress } from './listen-address.ts';
import { openMetricsSource } from './open-metrics-source.ts';
import { openNodeProbe } from './open-node-probe.ts';
import { openLocalPlatform } from './open-platform.ts';
import { scalingFactsOf } from './scaling-facts.ts';
import { startContractOf } from './start-contract.ts';
import { chosenEnvironment, openProject, recordsOf } from './open-project.ts';
import { openReplicaClient } from './open-replica-client.ts';
import { openBlobs, openStore } from './open-state.ts';
import { shownPlace, storePlace } from './store-place.ts';
import { readTokens } from './read-tokens.ts';
import { plimsollVersion } from './version.ts';

interface Settings {
  readonly listen: ListenAddress;
  /** Where KEDA asks; null for nowhere. */
  readonly scalerListen: string | null;
  readonly tokens: readonly Token[] | null;
  readonly dashboardFolder: string | null;
}

/** Runs the control plane until the signal; resolves with its exit status, 3 when it lost its lease. */
export async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: controlPlaneOptions });
  const settings = await readSettings(values);
  const log = pino(
    { base: { program: 'control-plane' }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  );
  const project = await openProject(values, process.cwd(), (_file, ...scope) => recordsOf(store, ...scope));
  const environment = await chosenEnvironment(values, project);
  const { contract } = await project.contract();
  const identity = makeProcessIdentity();
  const metricsSource = await openMetricsSource({ clock: systemClock, env: process.env });
  const store = await openStore(project.stateFolder);
  const platform = openLocalPlatform(project.stateFolder, startContractOf(project, environment, systemClock));
  const probe = openNodeProbe();
  const onThisMachine = contract.environments[environment]?.platform !== 'kubernetes';
  try {
    return await serve(
      {
        service: contract.service,
        environment,
        plimsollVersion,
        store,
        blobs: await openBlobs(project.stateFolder),
        journal: await openFileJournal(path.join(project.stateFolder, 'journal')),
        platform,
        replicaClient: openReplicaClient(contract.code.protocol),
        clock: systemClock,
        judgements: judgementsOf(project, environment, log),
        policy: actingPolicy,
        metricsSource,
        hardware: onThisMachine ? openHardwareSource(project, environment, probe) : null,
        starts: openStartSource(project, environment),
        identity: identity.self(),
        isDead: (holder) => identity.isDead(holder),
        log,
      },
      settings,
      () => poolsOf(project, probe, systemClock.nowMs()),
      controlPlaneFile(project.stateFolder),
      signal,
    );
  } finally {
    await metricsSource.close();
    await platform.close();
    await store.close();
  }
}

async function readSettings(values: {
  readonly listen: string;
  readonly 'scaler-listen'?: string;
  readonly 'token-file'?: string;
  readonly dashboard?: string;
}): Promise<Settings> {
  const listen = parseListenAddress(values.listen, '--listen');
  const tokens = await readTokens(listen, values['token-file']);
  const asked = values['scaler-listen'];
  const scalerListen = asked === undefined ? null : listenText(parseListenAddress(asked, '--scaler-listen'));
  return { listen, scalerListen, tokens, dashboardFolder: values.dashboard ?? builtPage() };
}

/** The page beside the bundle, else the one that was built in the clone. */
function builtPage(): string | null {
  const folders = ['../dashboard', '../../dashboard/dist'].map((folder) => path.join(import.meta.dirname, folder));
  return folders.find((folder) => existsSync(path.join(folder, 'index.html'))) ?? null;
}

function judgementsOf(
  project: Project,
  environment: string,
  log: ControlPlaneParts['log'],
): ControlPlaneParts['judgements'] {
  const told = new Set<string>();
  const unpriced = (thrown: unknown): void => {
    const { message } = asPlimsollError(thrown);
    if (told.has(message)) return;
    told.add(message);
    log.warn({ err: thrown }, 'the prices could not be read; an accelerator-second counts as 1');
  };
  return {
    owner: async () => (await project.contract()).contract.owner ?? null,
    evidence: (nowMs) => project.evidenceStates(environment, nowMs),
    readiness: async (nowMs) =>
      answerReadiness((await project.contract()).contract, await project.evidenceStates(environment, nowMs)),
    scaling: (nowMs) => scalingFactsOf(project, environment, nowMs, unpriced),
  };
}

async function serve(
  parts: ControlPlaneParts,
  settings: Settings,
  pools: HttpParts['pools'],
  runFile: string,
  signal: AbortSignal,
): Promise<number> {
  const controlPlane = await ControlPlane.take(parts, signal).catch((thrown: unknown) => {
    if (signal.aborted) return null;
    throw thrown;
  });
  if (controlPlane === null) return 0;
  const stopping = new AbortController();
  const ending = AbortSignal.any([signal, stopping.signal]);
  // Reconciling begins at once: what runs is adopted and kept also while the address is not free yet.
  const running = controlPlane.run(ending);
  let server: Server | null = null;
  let scaler: ExternalScalerServer | null = null;
  try {
    server = await listen(parts, controlPlane, settings, pools, runFile, ending);
    scaler = await openExternalScaler(parts, controlPlane, settings.scalerListen);
    const outcome = await running;
    if (outcome === 'lease-lost') parts.log.error('the lease was lost: nothing more is written; another one holds it');
    return outcome === 'stopped' ? 0 : 3;
  } finally {
    stopping.abort();
    await running;
    await controlPlane.close(signal.aborted ? 'asked to' : 'it could not go on');
    await scaler?.close();
    await server?.close();
    await forgetRunFile(runFile, parts.identity);
  }
}

/** Loaded only where it is asked for: gRPC takes a while to load. */
async function openExternalScaler(
  parts: ControlPlaneParts,
  controlPlane: ControlPlane,
  address: string | null,
): Promise<ExternalScalerServer | null> {
  if (address === null) return null;
  const { startExternalScaler } = await import('../adapters/keda/external-scaler-server.ts');
  const scaler = await startExternalScaler(address, {
    scale: ({ scalerMetadata: { service, environment } }) =>
      controlPlane.publishedScale({
        ...(service === undefined ? {} : { service }),
        ...(environment === undefined ? {} : { environment }),
      }),
  });
  parts.log.info({ address: scaler.address }, 'the external scaler of KEDA is listening');
  return scaler;
}

async function listen(
  parts: ControlPlaneParts,
  controlPlane: ControlPlane,
  { listen, tokens, dashboardFolder }: Settings,
  pools: HttpParts['pools'],
  runFile: string,
  signal: AbortSignal,
): Promise<Server> {
  let address = urlOf(listen);
  const store = await shownPlace(storePlace(path.dirname(path.dirname(runFile))));
  const identity = (): ControlPlaneIdentity => ({
    service: parts.service,
    environment: parts.environment,
    address,
    pid: process.pid,
    identity: parts.identity,
    plimsollVersion,
    store,
  });
  const server = await makeServer(
    {
      service: parts.service,
      environment: parts.environment,
      plimsollVersion,
      access: { tokens, user: userInfo().username },
      onLoopback: isLoopback(listen.host),
      dashboardFolder: dashboardFolder === null ? null : path.resolve(dashboardFolder),
      store: parts.store,
      pageStreams: controlPlane.pageStreams,
      routingStreams: controlPlane.routingStreams,
      operationsFor: (by) => controlPlane.operationsFor(by),
      identity,
      health: () => controlPlane.health(),
      metrics: () => controlPlane.metrics.text(),
      routing: () => controlPlane.routing(),
      latestSignals: (count) => controlPlane.latestSignals(count),
      pools,
      gatewayReported: (report) => controlPlane.gatewayReported(report),
      labelled: (request) => controlPlane.labelled(request),
      publishedScale: (asked) => controlPlane.publishedScale(asked),
      tryIt: (body, closed) => controlPlane.tryIt(body, closed),
    },
    parts.log,
  );
  address = await listenWithin(server, listen, 5_000, signal);
  await writeDurably(runFile, `${JSON.stringify(identity())}\n`);
  parts.log.info({ address }, 'listening');
  return server;
}

/** The address may still be held for a moment by the one that came before. */
async function listenWithin(
  server: Server,
  address: ListenAddress,
  patienceMs: number,
  signal: AbortSignal,
): Promise<string> {
  const giveUpMs = systemClock.monotonicMs() + patienceMs;
  for (;;) {
    try {
      await server.listen(address);
      const bound = server.server.address();
      return urlOf({
        host: address.host,
        port: typeof bound === 'object' && bound !== null ? bound.port : address.port,
      });
    } catch (thrown) {
      const taken = thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE';
      if (!taken) throw thrown;
      if (systemClock.monotonicMs() >= giveUpMs) throw portTaken(address, thrown);
      await systemClock.sleep(100, signal);
    }
  }
}

function portTaken(address: ListenAddress, cause: unknown): PlimsollError {
  return new PlimsollError({
    code: 'port-taken',
    category: 'unavailable',
    message: `the address ${listenText(address)} is taken`,
    next: `plimsoll control-plane --listen ${listenText({ ...address, port: 0 })} takes a free port`,
    cause,
  });
}

async function forgetRunFile(file: string, identity: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.includes(JSON.stringify(identity))) await rm(file, { force: true });
}
