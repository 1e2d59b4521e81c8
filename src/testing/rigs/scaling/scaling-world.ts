import { localOperator } from '../../../core/access/requester.ts';
import { testJudging } from '../test-judging.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { makeFileBlobs } from '../../../adapters/files/blobs.ts';
import { makeProvingConnector } from '../../../adapters/http-control/proving-connector.ts';
import { writeDurably } from '../../../adapters/files/write-durably.ts';
import { LocalPlatform } from '../../../adapters/processes/local-platform.ts';
import { makeProcessIdentity } from '../../../adapters/processes/process-table/process-identity.ts';
import { makeProcessTable } from '../../../adapters/processes/process-table/this-machine.ts';
import { makeOpenInferenceClient } from '../../../adapters/replica-http/open-inference-client.ts';
import { readOrdersToken } from '../../../adapters/processes/replica/orders-token.ts';
import { openReplicaSleeper } from '../../../adapters/replica-http/replica-sleeper.ts';
import { makeScrapeSource } from '../../../adapters/prometheus/scrape-source.ts';
import { openSqliteStore } from '../../../adapters/sql/sqlite/sqlite-store.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { systemRandom } from '../../../adapters/system/random.ts';
import { controlPlaneHttp } from '../../../control-plane/http/control-plane-http.ts';
import type { ServiceControl } from '../../../control-plane/service/service-control.ts';
import { ControlPlane, type ControlPlaneParts } from '../../../control-plane/control-plane.ts';
import type { Server } from '../../../control-plane/http/http-parts.ts';
import type { ScalingFacts } from '../../../core/scaling/acting/scaling-facts.ts';
import type { GoldenSet } from '../../../core/monitoring/golden.ts';
import type { ReleasedModel } from '../../../core/rollout/release.ts';
import type { Policy } from '../../../core/scaling/policy.ts';
import { runGateway } from '../../../gateway/run-gateway.ts';
import { gatewayDefaults, type GatewaySettings } from '../../../gateway/settings.ts';
import type { Blobs } from '../../../ports/artifacts/blobs.ts';
import type { Operations } from '../../../ports/records/operations.ts';
import type { ReplicaSleeper } from '../../../ports/serving/replica-sleeper.ts';
import type { OwnCluster } from '../../../ports/nodes/own-nodes.ts';
import type { Judging } from '../../../control-plane/judging/judging.ts';
import type { Platform } from '../../../ports/serving/platform.ts';
import type { Store } from '../../../ports/records/store.ts';
import { openTestServer, testGatewayToken } from '../control-plane-server.ts';
import { memoryJournal } from '../../fakes/memory/memory-journal.ts';
import { aReleaseRequest, type BundleOver } from '../../builders/release-fixture.ts';
import { ownWords } from '../own-program.ts';
import { scaledBetween } from './scaling-rig.ts';
import { testEnvironment, testService } from '../../builders/rollout-builders.ts';

interface WorldOptions {
  readonly policy: Policy;
  readonly facts: ScalingFacts;
  readonly gateway?: Partial<GatewaySettings>;
  /** Stands between the control plane and what puts replicas to sleep. */
  readonly sleeper?: (real: ReplicaSleeper) => ReplicaSleeper;
  /** Where replicas are pods: opens the platform, once for each control plane. By default they are processes of this machine. */
  readonly openCluster?: () => ClosedPlatform;
}

type ClosedPlatform = Platform & { close(): Promise<void> };

/** What is released: the one file of a model, and what the model answers. */
export interface WorldRelease {
  /** By default the built-in server. */
  readonly command?: readonly string[];
  readonly model: ReleasedModel;
  readonly bytes: Uint8Array;
  readonly golden: GoldenSet;
  readonly replicas: { readonly min: number; readonly max: number };
  /** As the contract writes it. */
  readonly sleep?: { readonly replicas: number; readonly wake: string };
}

/**
 * A real control plane, gateway, store and platform with real model servers, where the caller says what is measured and which
 * policy is asked. Control plane and gateway run in this process, so that the control plane can be ended without a word.
 */
export class ScalingWorld {
  readonly stateFolder: string;
  readonly policy: Policy;
  readonly facts: ScalingFacts;
  readonly #gatewaySettings: Partial<GatewaySettings>;
  readonly #sleeperOf: (real: ReplicaSleeper) => ReplicaSleeper;
  readonly #openCluster: (() => ClosedPlatform) | undefined;
  readonly store: Store;
  readonly blobs: Blobs;
  gatewayUrl = '';
  controlPlane!: ControlPlane;
  #platform!: ClosedPlatform;
  #server!: Server;
  #port = 0;
  #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #gateway: { readonly stop: AbortController; readonly ended: Promise<void> } | null = null;
  readonly #metricsSource = makeScrapeSource({ clock: systemClock });
  readonly #dead = new Set<string>();
  #started = 0;

  private constructor(
    stateFolder: string,
    store: Store,
    { policy, facts, gateway = {}, sleeper, openCluster }: WorldOptions,
  ) {
    this.stateFolder = stateFolder;
    this.store = store;
    this.policy = policy;
    this.facts = facts;
    this.#gatewaySettings = gateway;
    this.#sleeperOf = sleeper ?? ((real) => real);
    this.#openCluster = openCluster;
    this.blobs = makeFileBlobs({
      folder: path.join(stateFolder, 'blobs'),
      identity: makeProcessIdentity(),
      clock: systemClock,
      random: systemRandom,
    });
  }

  static async open(options: WorldOptions): Promise<ScalingWorld> {
    const stateFolder = await mkdtemp(path.join(tmpdir(), 'plimsoll-scaling-'));
    const store = await openSqliteStore({ file: path.join(stateFolder, 'store.sqlite'), clock: systemClock });
    const world = new ScalingWorld(stateFolder, store, options);
    await world.startControlPlane(0);
    await world.#startGateway();
    return world;
  }

  get service(): ServiceControl {
    return this.controlPlane.services.find({});
  }

  get operations(): Operations {
    return this.controlPlane.operationsFor('tests', localOperator);
  }

  async startControlPlane(port: number): Promise<void> {
    this.#started += 1;
    this.#stop = new AbortController();
    this.#platform = this.#openCluster?.() ?? this.#openLocal();
    this.controlPlane = await ControlPlane.take(this.#parts(), this.#stop.signal);
    const { controlPlane } = this;
    this.#server = await openTestServer({
      store: this.store,
      ...controlPlaneHttp(controlPlane),
    });
    this.#port = Number(new URL(await this.#server.listen({ host: '127.0.0.1', port })).port);
    this.#running = controlPlane.run(this.#stop.signal);
  }

  /** As a kill: nothing is recorded, nothing released; another one takes over at the same address. */
  async replaceControlPlane(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#dead.add(this.#identity);
    this.service.pageStreams.close();
    this.service.routingStreams.close();
    await this.#server.close();
    await this.#platform.close();
    await this.startControlPlane(this.#port);
  }

  async release({
    command = ['plimsoll', 'serve-model'],
    model,
    bytes,
    golden,
    replicas,
    sleep,
  }: WorldRelease): Promise<void> {
    await this.blobs.put(bytes);
    const over = { model, goldenSet: golden };
    await this.releaseAs(model.version, { replicas, sleep }, { contract: { code: { command } }, ...over });
  }

  /** @param over adds to the contract, and to what is waived. */
  async releaseAs(
    version: number,
    { replicas, sleep }: Pick<WorldRelease, 'replicas'> & { readonly sleep?: WorldRelease['sleep'] | undefined },
    over: BundleOver,
  ): Promise<void> {
    const { contract, waivers } = scaledBetween(replicas.min, replicas.max);
    const scaling = { ...contract.scaling, ...(sleep === undefined ? {} : { sleep }) };
    const sections = { ...contract, scaling, rollout: { keepPrevious: '0s' }, ...over.contract };
    await this.operations.release(
      await aReleaseRequest(this.blobs, version, {
        ...over,
        contract: sections,
        waivers: [...waivers, ...(over.waivers ?? [])],
      }),
    );
  }

  /** Replicas that requests go to now. */
  routed(): readonly string[] {
    const splits = this.service.routing()?.splits ?? [];
    return splits.flatMap((split) => split.replicas.map(({ replicaId }) => replicaId));
  }

  /** Model servers of this world that run. */
  processes(): number {
    return makeProcessTable().marked({ PLIMSOLL_HOME: this.stateFolder }).length;
  }

  async until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 90_000): Promise<void> {
    const giveUpMs = performance.now() + timeoutMs;
    while (!(await holds())) {
      if (performance.now() > giveUpMs) {
        const events = await this.store.events({ service: testService, last: 15 });
        throw new Error(`${what} did not come about:\n${events.map(({ summary }) => summary).join('\n')}`);
      }
      await delay(20);
    }
  }

  async close(): Promise<void> {
    this.#gateway?.stop.abort();
    await this.#gateway?.ended;
    this.#stop.abort();
    await this.#running;
    await this.controlPlane.close('the test is over');
    await this.#server.close();
    await this.#platform.close();
    await this.#metricsSource.close();
    await this.store.close();
    for (const { pid } of makeProcessTable().marked({ PLIMSOLL_HOME: this.stateFolder })) process.kill(pid, 'SIGKILL');
    await rm(this.stateFolder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  /** The nodes of a cluster are not seen. */
  #judging(): Judging {
    const judging = testJudging(this.blobs);
    if (this.#openCluster === undefined) return judging;
    const cluster: OwnCluster = {
      namespace: 'here',
      nodes: async () => [],
      runtime: async () => ({ unreadable: 'nobody looks in a test' }),
    };
    return { ...judging, nodes: { ...judging.nodes, platform: 'kubernetes', cluster } };
  }

  #openLocal(): LocalPlatform {
    return new LocalPlatform({
      stateFolder: this.stateFolder,
      blobs: this.blobs,
      clock: systemClock,
      random: systemRandom,
      writeDurably,
      ownCommand: ownWords,
      environment: process.env,
    });
  }

  get #identity(): string {
    return `test:boot:${process.pid}:${this.#started}`;
  }

  #parts(): ControlPlaneParts {
    return {
      services: [{ service: testService, environment: testEnvironment }],
      plimsollVersion: '0.0.0',
      store: this.store,
      blobs: this.blobs,
      journal: memoryJournal(),
      platform: this.#platform,
      replicaClientFor: () => makeOpenInferenceClient(),
      sleeper: this.#sleeperOf(
        openReplicaSleeper({ tokenOf: (replicaId) => readOrdersToken(this.stateFolder, replicaId) }),
      ),
      clock: systemClock,
      bundles: this.#judging(),
      policy: this.policy,
      metricsSource: this.#metricsSource,
      openService: () => ({
        judgements: {
          judge: async () => ({
            owner: null,
            release: null,
            evidence: [],
            readiness: [],
            scaling: this.facts,
            promises: null,
            monitoring: undefined,
          }),
        },
        hardware: null,
        starts: { measured: async () => null },
        evidence: { measured: async () => null },
        costs: null,
        alerts: null,
        pools: async () => [],
      }),
      identity: this.#identity,
      isDead: async (holder) => this.#dead.has(holder),
      log: pino({ level: 'silent' }),
    };
  }

  async #startGateway(): Promise<void> {
    const stop = new AbortController();
    let listening: (address: string) => void;
    const opened = new Promise<string>((resolve) => (listening = resolve));
    const ended = runGateway(
      {
        settings: {
          ...gatewayDefaults,
          drainTimeoutMs: 2_000,
          ...this.#gatewaySettings,
          gatewayId: 'gateway-1',
          service: testService,
          environment: testEnvironment,
          listen: { host: '127.0.0.1', port: 0 },
        },
        identity: `test:boot:${process.pid}:gateway`,
        stateFolder: this.stateFolder,
        writeDurably,
        clock: systemClock,
        random: systemRandom,
        log: () => undefined,
        capture: null,
        clientKeys: null,
        controlPlaneUrl: `http://127.0.0.1:${this.#port}`,
        token: async () => testGatewayToken,
        connect: makeProvingConnector({ token: async () => testGatewayToken }),
        listening: async (address) => listening(address),
      },
      stop.signal,
    );
    this.#gateway = { stop, ended };
    this.gatewayUrl = await opened;
  }
}
