import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accountStart, describeStart } from '../core/coldstart/start-account.ts';
import type { PhaseUse } from '../core/coldstart/phase-use.ts';
import type { MeasuredPhase } from '../core/rollout/replica.ts';
import { PlimsollError } from '../core/units/errors.ts';
import type { Clock } from '../ports/process/clock.ts';
import type { InferenceEngine } from '../ports/serving/inference-engine.ts';
import type { FetchedModel, ModelSource } from '../ports/artifacts/model-source.ts';
import type { ModelServerSettings } from '../schemas/replica/model-server-settings.ts';
import type { ReplicaLine } from '../schemas/replica/replica-line.ts';
import { App, type AppParts } from './http/app.ts';
import { Batcher } from './batching/batcher.ts';
import { BodyReader } from './http/body-reader.ts';
import { drain } from './drain.ts';
import { createHttpServer, type MakeServer } from './http/http-server.ts';
import { ModelServerMetrics } from './metrics.ts';
import { Repository } from './repository.ts';
import type { ServedModel } from './served-model.ts';
import { isBatchable } from './signature.ts';

export interface ModelServerParts {
  readonly engine: InferenceEngine;
  readonly source: ModelSource;
  /** `monotonicMs` counts from the start of the process. */
  readonly clock: Clock;
  readonly version: string;
  /** As `AppParts.identity`. */
  readonly identity?: string;
  /** Makes a server over TLS; left out for plain HTTP. */
  readonly makeServer?: MakeServer;
  /** As `AppParts.ordersToken`. */
  readonly ordersToken?: string;
  /** For the platform: one JSON object a line on stdout. */
  readonly tell: (line: ReplicaLine) => void;
  /** For people: stderr. */
  readonly log: (line: string) => void;
  /** Of what was a spare: when it was taken, on `clock`. Its start counts from there, and has no `process-start`. */
  readonly takenAtMs?: number;
  /** What this process has used since it began, for phases of its start. Never rejects. Left out: nothing tells it. */
  readonly readUse?: () => Promise<Pick<PhaseUse, 'diskBytes' | 'threadMs'>>;
  /** As `AppParts.readContainer`. */
  readonly readContainer?: AppParts['readContainer'];
  /** Before anything is loaded. @throws PlimsollError `hardware-refused`, `hardware-unknown`: nothing is. */
  readonly checkNode?: (signal: AbortSignal) => Promise<void>;
}

/** Bodies of all requests together, in multiples of the largest allowed one. */
const bodiesAtOnce = 8;

/**
 * The whole life of a model server: listens, loads, serves until `signal` aborts, drains.
 * @returns true when everything accepted was answered within the drain's bound.
 * @throws PlimsollError when it cannot listen or the model cannot be loaded.
 */
export async function serveModels(
  settings: ModelServerSettings,
  parts: ModelServerParts,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock, tell, log } = parts;
  await parts.checkNode?.(signal);
  const phases: MeasuredPhase[] = [];
  const beganMs = parts.takenAtMs ?? 0;
  const processStart: MeasuredPhase = { phases: ['process-start'], startMs: 0, durationMs: clock.monotonicMs() };
  const metrics: ModelServerMetrics = new ModelServerMetrics(() => repository.served());
  const start = new StartReport(tell, beganMs, (phase) => {
    phases.push(phase);
    metrics.phase(phase);
  });
  const repository = new Repository(parts.source, (name, version, loadSignal) =>
    loadServed(settings, parts, metrics, start, { name, version, signal: loadSignal }),
  );
  if (parts.takenAtMs === undefined) start.add(processStart);
  const bodies = new BodyReader({
    maxBodyBytes: settings.maxBodyBytes,
    maxTotalBytes: settings.maxBodyBytes * bodiesAtOnce,
  });
  const app = new App({
    repository,
    bodies,
    metrics,
    clock,
    deadlineMs: settings.deadlineMs,
    version: parts.version,
    log,
    identity: parts.identity ?? '',
    ordersToken: parts.ordersToken ?? null,
    readContainer: parts.readContainer ?? null,
  });
  const server = createHttpServer(settings, (request, response) => app.handle(request, response), parts.makeServer);
  const port = await listen(server, settings.host, settings.port);
  tell({ plimsoll: 'listening', port });
  log(`listening on ${parts.makeServer === undefined ? 'http' : 'https'}://${urlHost(settings.host)}:${port}`);
  try {
    const { name, version } = settings.model;
    const served = await repository.load(name, version, signal);
    app.phase = 'serving';
    start.end();
    const readyAfterMs = clock.monotonicMs() - beganMs;
    tell({ plimsoll: 'ready', afterMs: readyAfterMs });
    log(`model ${name} version ${served.version}: ${describeStart(accountStart(phases, readyAfterMs))}`);
    await aborted(signal);
  } catch (thrown) {
    if (!signal.aborted) {
      server.close();
      server.closeAllConnections();
      throw thrown;
    }
  }
  return drain({ app, server, repository, metrics, clock, tell, log, drainTimeoutMs: settings.drainTimeoutMs });
}

/** Passes on the phases of the start, and nothing of what is loaded later. */
class StartReport {
  readonly #tell: (line: ReplicaLine) => void;
  readonly #keep: (phase: MeasuredPhase) => void;
  readonly #beganMs: number;
  #ended = false;

  /** @param beganMs when the start began, from the start of the process */
  constructor(tell: (line: ReplicaLine) => void, beganMs: number, keep: (phase: MeasuredPhase) => void) {
    this.#tell = tell;
    this.#beganMs = beganMs;
    this.#keep = keep;
  }

  add(measured: MeasuredPhase): void {
    if (this.#ended) return;
    const phase = { ...measured, startMs: Math.max(0, measured.startMs - this.#beganMs) };
    this.#keep(phase);
    this.#tell({ plimsoll: 'phase', ...phase, phases: [...phase.phases] });
  }

  end(): void {
    this.#ended = true;
  }
}

async function loadServed(
  settings: ModelServerSettings,
  parts: ModelServerParts,
  metrics: ModelServerMetrics,
  start: StartReport,
  wanted: { readonly name: string; readonly version: number; readonly signal: AbortSignal },
): Promise<ServedModel> {
  const { clock, engine, source, log } = parts;
  const { name, version, signal } = wanted;
  const readUse = parts.readUse ?? (async () => ({}));
  const began = await readUse();
  const fetchStartMs = clock.monotonicMs();
  const fetched = await source.fetch(name, version, signal);
  const durationMs = clock.monotonicMs() - fetchStartMs;
  const afterFetch = await readUse();
  start.add({
    ...{ phases: ['weights-fetch'], startMs: fetchStartMs, durationMs },
    used: { fileBytes: fetched.sizeBytes, ...growthOf(began, afterFetch) },
  });
  log(describeFetched(name, version, fetched));
  const loaded = await engine.load({ ...fetched.content, threads: settings.threads, warmUp: true, signal });
  const ofLoad = growthOf(afterFetch, await readUse());
  await fetched.requireUnchanged().catch(async (thrown: unknown) => {
    await loaded.unload();
    throw thrown;
  });
  for (const phase of loaded.phases) start.add(withReads(phase, fetched, ofLoad.diskBytes));
  const signature = { inputs: loaded.inputs, outputs: loaded.outputs };
  const batchable = isBatchable(signature);
  const observer = metrics.observerOf(name, String(version));
  const batcher = new Batcher(loaded, settings, { clock, observer, batching: batchable });
  return { name, version: String(version), digest: fetched.digest, signature, batchable, batcher, loaded };
}

/** What was used between two looks. A number that went back, or that one of them lacks, is left out. */
function growthOf(before: PhaseUse, after: PhaseUse): PhaseUse {
  const grown = (['diskBytes', 'threadMs'] as const).flatMap((name) => {
    const [from, to] = [before[name], after[name]];
    return from === undefined || to === undefined || to < from ? [] : [[name, to - from] as const];
  });
  return Object.fromEntries(grown);
}

/** The phase that reads the weights: the engine opens the files that were fetched, in a thread of its own. */
function withReads(
  phase: MeasuredPhase,
  { content, sizeBytes }: Pick<FetchedModel, 'content' | 'sizeBytes'>,
  diskBytes: number | undefined,
): MeasuredPhase {
  if (!phase.phases.includes('weights-load') || !('modelFile' in content)) return phase;
  return { ...phase, used: { fileBytes: sizeBytes, ...(diskBytes === undefined ? {} : { diskBytes }) } };
}

function describeFetched(name: string, version: number, fetched: FetchedModel): string {
  const checked = fetched.verified ? 'as pinned' : 'not pinned';
  return `model ${name} version ${version}: ${fetched.file}, ${fetched.sizeBytes} bytes, ${fetched.digest} (${checked})`;
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(cannotListen(host, port, error));
    });
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

function cannotListen(host: string, port: number, error: NodeJS.ErrnoException): PlimsollError {
  const taken = error.code === 'EADDRINUSE';
  return new PlimsollError({
    code: taken ? 'port-taken' : 'cannot-listen',
    category: taken ? 'conflict' : 'input',
    message: taken
      ? `port ${port} of ${host} is taken by another program`
      : `cannot listen on ${host}:${port} (${error.code ?? error.message})`,
    next: taken ? 'choose another with --port, or 0 for any free one' : 'check --host and --port',
    cause: error,
  });
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}
