import type { OperationsSource } from '../operations/operations-source.ts';
import { makeOpenAsks, type OpenAsks } from '../asks/open-asks.ts';
import type { FastifyBaseLogger } from 'fastify';
import type { Grant } from '../../core/access/requester.ts';
import { findRelease, replicasOf } from '../../core/rollout/routing/routable.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { HistoryPoint } from '../../core/health/history.ts';
import type { Policy } from '../../core/scaling/policy.ts';
import type { PublishedScale } from '../../core/scaling/published-scale.ts';
import type { Protocol } from '../../core/contract/contract.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Journal } from '../../ports/records/journal.ts';
import type { MetricsSource } from '../../ports/serving/metrics-source.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { Platform } from '../../ports/serving/platform.ts';
import type { ReplicaClient } from '../../ports/serving/replica-client.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import type { LabelsAnswer, LabelsRequest } from '../../schemas/http/http-rollout.ts';
import { AdmissionRunner } from '../turn/admission-runner.ts';
import { Beside } from '../beside.ts';
import { EvidenceWatches } from '../watches/evidence-watches.ts';
import { makeWatches } from '../watches/make-watches.ts';
import { GatewayRegistry } from '../gateway-registry.ts';
import { HealthWatch } from '../health/health-watch.ts';
import type { HardwareSource } from '../watches/hardware-watch.ts';
import { EventStreams, type StreamBudget } from '../http/event-streams.ts';
import type { Health, ToldHealth } from '../http/http-parts.ts';
import type { PoolMatrix } from '../../core/hardware/pool-matrix.ts';
import type { FleetEntry } from '../../schemas/view/fleet-view.ts';
import { makeFleetEntry } from '../fleet/fleet-entry.ts';
import { JournaledRollbacks } from '../journal/journal-rollbacks.ts';
import { JudgementCache, type JudgementSource } from '../watches/judgements.ts';
import type { Judging } from '../judging/judging.ts';
import type { LeaseStanding } from '../lease-keeper.ts';
import { makeOperations } from '../operations/operations.ts';
import { PageFeeds } from '../page/page-feeds.ts';
import { publishedScale } from '../scaling/published-scale.ts';
import { Reconciler } from '../turn/reconciler.ts';
import { ScalingLoop } from '../scaling/scaling-loop.ts';
import { CanaryInbox } from '../signals/canary-inbox.ts';
import { EngineWatch } from '../signals/engine-watch.ts';
import { ScalingWatch } from '../signals/scaling-watch.ts';
import type { StartSource } from '../watches/start-watch.ts';
import type { ServiceScope } from './service-scope.ts';
import { TryIt } from '../page/try-it.ts';
import { TurnHealth } from '../turn/turn-health.ts';
import { withService } from '../health/told-health.ts';
import { TurnPace } from '../turn/turn-pace.ts';

/** What every service of a control plane shares. */
export interface SharedParts {
  readonly plimsollVersion: string;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly journal: Journal;
  readonly platform: Platform;
  replicaClientFor(protocol: Protocol): ReplicaClient;
  readonly clock: Clock;
  /** What bundles are judged by. */
  readonly bundles: Judging;
  /** What decides how many replicas the live release has. */
  readonly policy: Policy;
  /** What the engines of replicas export; whoever opened it closes it. */
  readonly metricsSource: MetricsSource;
  readonly log: FastifyBaseLogger;
}

/** What is of one service alone. */
export interface OwnParts {
  readonly judgements: JudgementSource;
  /** Null where replicas land on other machines than this one: then the platform tells of its nodes. */
  readonly hardware: HardwareSource | null;
  readonly starts: StartSource;
  /** Judged anew, with what the contract, the lock and the pools say now. */
  pools(): Promise<readonly PoolMatrix[]>;
}

/** The lease of the store, as whoever writes under it sees it. */
export interface HeldLease {
  fence(): Fence;
  standing(): LeaseStanding;
  held(): boolean;
  markLost(): void;
}

export interface ServiceControlParts extends ServiceScope, SharedParts, OwnParts {
  readonly lease: HeldLease;
  /** Of all readers of the control plane. */
  readonly readerBudget: StreamBudget;
  /** Of all its gateways, whose place no reader takes. */
  readonly gatewayBudget: StreamBudget;
  /** Why the store is not where it was; null while it is. */
  astray(): string | null;
  turned(outcome: 'done' | 'failed', tookMs: number): void;
  /** Told of each routing table after it was recorded. */
  published(table: RoutingTable): void;
}

const followAtLeastEveryMs = 3_000;
const judgedAtStartMs = 2_000;
const turnEveryMs = 1_000;
/** A replica that starts is ready within a second or two: waiting a whole period to see it would double that. */
const turnWhileStartingMs = 200;
/** Each service of a large fleet is looked at less often, unless something changed: the turns leave time for the rest. */
const turnShareMs = 10;
/** While scaling is on; the page alone has a new number each second. */
const enginesEveryMs = 2_000;
const enginesForThePageEveryMs = 1_000;
/** Each service of a large fleet is scraped less often: its engines answer over HTTP. */
const enginesShareMs = 50;

/**
 * One service in one environment, while its control plane holds the lease: its turns, and what the page and the gateways
 * follow. It holds nothing that a successor could not observe or read again.
 */
export class ServiceControl {
  readonly routingStreams: EventStreams;
  readonly #parts: ServiceControlParts;
  readonly #gateways: GatewayRegistry;
  readonly #runner: AdmissionRunner;
  readonly #inbox = new CanaryInbox();
  readonly #load: ScalingWatch;
  readonly #scaling: ScalingLoop;
  readonly #reconciler: Reconciler;
  readonly #journaled: JournaledRollbacks;
  readonly #engines: EngineWatch;
  readonly #judgements: JudgementCache;
  readonly #page: PageFeeds;
  readonly #tryIt: TryIt;
  readonly #healthWatch: HealthWatch;
  readonly #watches: EvidenceWatches;
  readonly #asks: OpenAsks;
  readonly #deciding = new Set<string>();
  readonly #health: TurnHealth;
  readonly #pace: TurnPace;
  readonly #beside = new Beside();
  #routing: RoutingTable | null = null;
  #followedMs = -Infinity;
  #begun = false;
  #ofFleet: () => number = () => 1;
  #beginning: Promise<void> | null = null;
  readonly #removed = new AbortController();

  constructor(parts: ServiceControlParts) {
    const { clock, lease, ...shared } = parts;
    this.#parts = parts;
    this.routingStreams = new EventStreams(parts.gatewayBudget);
    this.#health = new TurnHealth(clock, parts.log);
    this.#pace = new TurnPace(clock);
    this.#gateways = new GatewayRegistry(clock);
    const fence = (): Fence => lease.fence();
    const publish = (table: RoutingTable): void => {
      this.#publish(table);
    };
    const changed = (): void => {
      this.outdate();
    };
    this.#runner = new AdmissionRunner({
      ...shared,
      clock,
      finished: () => {
        this.kick();
      },
    });
    const { watches, starts } = makeWatches(parts);
    this.#load = new ScalingWatch(clock);
    this.#engines = new EngineWatch(parts.metricsSource, clock);
    this.#scaling = new ScalingLoop({
      ...shared,
      clock,
      signals: () => this.#engines.withGateways(this.#load.read()),
      waiting: () => this.#load.waiting,
      facts: () => this.#judgements.current().scaling,
      startsSoFar: () => starts.distribution(),
    });
    this.#reconciler = new Reconciler({
      ...shared,
      clock,
      runner: this.#runner,
      gateways: this.#gateways,
      inbox: this.#inbox,
      scaling: this.#scaling,
      fence,
      publish,
    });
    this.#journaled = new JournaledRollbacks({
      ...shared,
      clock,
      watch: async (signal) => ({
        replicas: await parts.platform.observe(this.scope, signal),
        gateways: this.#gateways.states(),
      }),
      standing: () => lease.standing(),
      fence,
      publish,
    });
    this.#judgements = new JudgementCache(parts.judgements, clock, (thrown) => {
      this.#log.warn({ err: thrown }, 'the evidence could not be judged; the last judgement stands for a minute');
    });
    this.#healthWatch = new HealthWatch({ ...parts, fence, samples: () => this.#page.latestSignals(120) });
    this.#page = new PageFeeds({
      ...parts,
      recorded: (event) => {
        this.#healthWatch.recorded(event);
      },
      operations: this.operationsFor('control-plane', []),
      batchFillShare: () => this.#engines.batchFillShare(),
    });
    this.#tryIt = new TryIt(clock);
    this.#asks = makeOpenAsks({
      ...parts,
      log: this.#log,
      sourceFor: ({ by, grants = [] }) => this.#sourceFor(by, grants),
    });
    this.#watches = new EvidenceWatches({ ...parts, log: this.#log, watches, fence, recorded: changed });
  }

  get service(): string {
    return this.#parts.service;
  }

  get environment(): string {
    return this.#parts.environment;
  }

  get scope(): ServiceScope {
    const { service, environment } = this.#parts;
    return { service, environment };
  }

  get #log(): ServiceControlParts['log'] {
    return this.#parts.log;
  }

  /** Aborted when the service is no longer held. */
  get removed(): AbortSignal {
    return this.#removed.signal;
  }

  endTurns(): void {
    this.#removed.abort();
    this.#page.streams.close();
    this.routingStreams.close();
  }

  /** Nothing of it runs, and nothing is wanted. */
  isEmpty(): boolean {
    const { deployment } = this.#reconciler.lastState() ?? { deployment: undefined };
    const isWanted = deployment === undefined || (deployment !== null && deployment.phase !== 'removed');
    return !isWanted && this.#reconciler.replicas().length === 0 && !this.#reconciler.isStarting();
  }

  /** Work that its end waits for. One that fails is told as a turn that failed. */
  beside(work: Promise<void>): void {
    this.#beside.run(
      work.catch((thrown: unknown) => {
        this.#fail(thrown);
      }),
    );
  }

  /** Reads what stands in the store, once; whatever needs it does it again where that failed. */
  async begin(): Promise<void> {
    if (this.#begun) return;
    this.#beginning ??= this.#begin().finally(() => {
      this.#beginning = null;
    });
    await this.#beginning;
  }

  async #begin(): Promise<void> {
    const { store, service, environment } = this.#parts;
    await this.#page.begin();
    await this.#healthWatch.begin();
    await this.#journaled.begin();
    await this.#journaled.carryOver();
    const table = await store.routing(service, environment);
    if (table !== null) this.#publish(table);
    await this.#scaling.begin();
    this.#begun = true;
    await this.#judgeShortly();
  }

  /** Who looks at once is told the evidence, and turns do not wait for a judgement that hangs. */
  async #judgeShortly(): Promise<void> {
    const over = new AbortController();
    const judging = this.#judgements.refresh();
    this.#beside.run(judging);
    await Promise.race([judging, this.#parts.clock.sleep(judgedAtStartMs, over.signal).catch(() => undefined)]);
    over.abort();
  }

  /**
   * Takes turns until `signal` is aborted: on a period, and at once when something changed.
   * @param inTurn waits for a slot, and runs the turn in it.
   * @param ofFleet how many services take turns beside this one, itself included.
   */
  async takeTurns(
    inTurn: (turn: () => Promise<void>) => Promise<void>,
    ofFleet: () => number,
    signal: AbortSignal,
  ): Promise<void> {
    this.#ofFleet = ofFleet;
    const stopSampling = this.#page.startSampling();
    try {
      while (!signal.aborted) {
        this.#pace.begin();
        await inTurn(() => this.#turn(signal));
        if (this.#parts.lease.standing() === 'lost') return;
        const settledMs = Math.max(turnEveryMs, turnShareMs * ofFleet());
        await this.#pace.next(this.#reconciler.isStarting() ? turnWhileStartingMs : settledMs, signal);
      }
    } finally {
      stopSampling();
    }
  }

  /** Who looks at the page of a service whose turn hangs is to see that. */
  followIfLate(): void {
    // A turn that is due is not late: a large fleet would be read all at once, on top of its turns.
    const lateMs = Math.max(followAtLeastEveryMs, 2 * turnShareMs * this.#ofFleet());
    if (this.#parts.clock.monotonicMs() - this.#followedMs > lateMs) this.#beside.run(this.#follow());
  }

  /** Ends what is read of it, and waits for what runs beside. What runs on the platform goes on running. */
  async close(): Promise<void> {
    this.#page.streams.close();
    this.routingStreams.close();
    await this.#beside.settle();
  }

  get pageStreams(): EventStreams {
    return this.#page.streams;
  }

  kick(): void {
    this.#pace.kick();
  }

  /** What it is judged by changed. */
  outdate(): void {
    this.#judgements.outdate();
    this.kick();
  }

  /** @param grants of whoever asks: whose the service is goes by them. */
  operationsFor(by: string, grants: readonly Grant[]): Operations {
    const operations = makeOperations(this.#sourceFor(by, grants));
    return {
      ...operations,
      rollback: (request) => this.#journaled.rollback(by, request, () => operations.rollback(request)),
    };
  }

  #sourceFor(by: string, grants: readonly Grant[]): OperationsSource {
    const { store, blobs, clock, service, plimsollVersion } = this.#parts;
    return {
      service,
      store,
      blobs,
      clock,
      plimsollVersion,
      by,
      grants,
      judging: this.#parts.bundles,
      deciding: this.#deciding,
      withFence: async (environment, write) => {
        if (environment !== this.#parts.environment) throw otherEnvironment(environment, this.#parts.environment);
        await this.begin();
        await this.#journaled.carryOver();
        return write(this.#parts.lease.fence());
      },
      changed: () => {
        this.outdate();
      },
      facts: {
        owner: async () => this.#judgements.current().owner,
        evidence: async () => this.#judgements.current().evidence,
        evidenceOf: async () => this.#judgements.current().release,
        readiness: async () => this.#judgements.current().readiness,
        replicas: async () => this.#reconciler.replicas(),
        rejections: () => this.#runner.rejections(),
        gateways: () => this.#gateways.views(),
        scaling: () => this.#scaling.view(),
        health: () =>
          this.#healthWatch.read({
            problem: this.#tell().problems[0] ?? null,
            observed: this.#reconciler.lastState() !== null,
            ordered: this.#scaling.view()?.ordered ?? null,
          }),
        promises: async () => this.#judgements.current().promises,
      },
    };
  }

  /** @returns up to which sequence its counts are recorded. */
  gatewayReported(report: GatewayReport): number {
    this.#page.report(report);
    const recorded = this.#inbox.report(report);
    this.#load.report(report);
    this.#healthWatch.report(report);
    const wakes = report.queueDepth > 0 && this.#scaling.asleep();
    if (this.#gateways.report(report) || wakes) this.kick();
    return recorded;
  }

  /** Labels of requests that one of the two releases of a step answered. */
  async labelled(request: LabelsRequest): Promise<LabelsAnswer> {
    const { store, service, environment } = this.#parts;
    return this.#inbox.label(await store.canary(service, environment), request);
  }

  /** What another autoscaler is told. @throws PlimsollError as `publishedScale`. */
  publishedScale(asked: { readonly service?: string; readonly environment?: string }): PublishedScale {
    return publishedScale(this.#parts, asked, this.#scaling.view(), this.#reconciler.lastState());
  }

  routing(): RoutingTable | null {
    return this.#routing;
  }

  history(hours: number): Promise<readonly HistoryPoint[]> {
    return this.#healthWatch.points(hours);
  }

  latestSignals(count: number) {
    return this.#page.latestSignals(count);
  }

  tryIt(body: Uint8Array, signal: AbortSignal) {
    return this.#tryIt.send(this.#gateways.views()[0]?.address, this.#routing, body, signal);
  }

  health(): ToldHealth {
    return withService(this.#tell(), this.#page.latestView()?.health ?? null);
  }

  pools() {
    return this.#parts.pools();
  }

  replicas() {
    return this.#reconciler.replicas();
  }

  gateways() {
    return this.#gateways.views();
  }

  /** As the fleet's list shows it. */
  fleetEntry(): FleetEntry {
    const { owner, evidence } = this.#judgements.current();
    const view = this.#page.latestView();
    return makeFleetEntry({
      ...this.scope,
      owner,
      evidence,
      view,
      health: this.health().service,
      spans: this.#healthWatch.spans(),
    });
  }

  /** A store that is away says so here too: a rollback need not wait for a turn to fail. */
  noticed(thrown: unknown): void {
    this.#fail(thrown);
  }

  #tell(): Health {
    return this.#health.tell(this.#parts.lease.held(), this.#parts.astray());
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const startedMs = clock.monotonicMs();
    try {
      this.#parts.lease.fence();
      await this.begin();
      await this.#journaled.carryOver();
      await this.#reconciler.turn(signal);
      const state = this.#reconciler.lastState();
      if (state !== null) await this.#journaled.learn(state);
      this.#health.turnDone();
      this.#parts.turned('done', clock.monotonicMs() - startedMs);
    } catch (thrown) {
      if (signal.aborted) return;
      this.#parts.turned('failed', clock.monotonicMs() - startedMs);
      this.#fail(thrown);
    }
    await this.#follow();
    this.#beside.run(this.#keepHistory());
    this.#beside.run(this.#asks.look(signal));
    this.#beside.run(this.#watches.look({ replicas: this.#reconciler.replicas() }, signal));
    this.#beside.run(this.#lookAtEngines(signal));
  }

  async #keepHistory(): Promise<void> {
    await this.#healthWatch.look().catch((thrown: unknown) => {
      this.#fail(thrown);
    });
  }

  #fail(thrown: unknown): void {
    const error = asPlimsollError(thrown);
    this.#journaled.noticed(error);
    if (error.code === 'lease-lost') this.#parts.lease.markLost();
    // An operation was recorded meanwhile: look again at once.
    if (error.code === 'deployment-moved' || error.code === 'canary-moved') {
      this.kick();
      return;
    }
    this.#health.turnFailed(error);
  }

  async #follow(): Promise<void> {
    this.#followedMs = this.#parts.clock.monotonicMs();
    try {
      await this.#page.follow();
      this.#beside.run(this.#judgements.refresh());
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** A gateway never goes back to a lower generation, and neither do we. */
  #publish(table: RoutingTable): void {
    if (this.#routing !== null && table.generation <= this.#routing.generation) return;
    this.#routing = table;
    this.routingStreams.send({ event: 'routing', data: table, id: table.generation });
    this.#parts.published(table);
  }

  #lookAtEngines(signal: AbortSignal): Promise<void> {
    const state = this.#reconciler.lastState();
    const live = state === null ? null : findRelease(state, state.deployment?.live ?? null);
    const replicas = state === null || live === null ? [] : replicasOf(state, live);
    const forThePageMs = Math.max(enginesForThePageEveryMs, enginesShareMs * this.#ofFleet());
    const everyMs = this.#scaling.view() === null ? forThePageMs : enginesEveryMs;
    return this.#engines.look(
      replicas.filter((replica) => replica.state === 'ready'),
      everyMs,
      signal,
    );
  }
}

function otherEnvironment(asked: string, own: string): PlimsollError {
  return new PlimsollError({
    code: 'other-environment',
    category: 'conflict',
    message: `this control plane writes for the environment ${own}, not for ${asked}`,
    next: `ask the control plane of ${asked}, or stop this one first`,
  });
}
