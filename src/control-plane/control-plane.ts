import type { OperationsSource } from './operations/operations-source.ts';
import { makeOpenAsks, type OpenAsks } from './asks/open-asks.ts';
import type { FastifyBaseLogger } from 'fastify';
import { controlPlaneLease } from '../core/rollout/names.ts';
import { findRelease, replicasOf } from '../core/rollout/routing/routable.ts';
import type { RoutingTable } from '../core/rollout/routing/routing.ts';
import type { HistoryPoint } from '../core/health/history.ts';
import type { Policy } from '../core/scaling/policy.ts';
import type { PublishedScale } from '../core/scaling/published-scale.ts';
import { asPlimsollError, PlimsollError } from '../core/units/errors.ts';
import type { Blobs } from '../ports/artifacts/blobs.ts';
import type { Clock } from '../ports/process/clock.ts';
import type { Journal } from '../ports/records/journal.ts';
import type { MetricsSource } from '../ports/serving/metrics-source.ts';
import type { Operations } from '../ports/records/operations.ts';
import type { Platform } from '../ports/serving/platform.ts';
import type { ReplicaClient } from '../ports/serving/replica-client.ts';
import type { Store } from '../ports/records/store.ts';
import type { GatewayReport } from '../schemas/gateway/gateway-report.ts';
import type { LabelsAnswer, LabelsRequest } from '../schemas/http/http-rollout.ts';
import { AdmissionRunner } from './turn/admission-runner.ts';
import { Beside } from './beside.ts';
import { makeControlPlaneMetrics } from './control-plane-metrics.ts';
import { EvidenceWatches } from './watches/evidence-watches.ts';
import { makeWatches } from './watches/make-watches.ts';
import { GatewayRegistry } from './gateway-registry.ts';
import { HealthWatch } from './health/health-watch.ts';
import type { HardwareSource } from './watches/hardware-watch.ts';
import { EventStreams } from './http/event-streams.ts';
import type { ToldHealth } from './http/http-parts.ts';
import { JournaledRollbacks } from './journal/journal-rollbacks.ts';
import { JudgementCache, type JudgementSource } from './watches/judgements.ts';
import type { Judging } from './judging/judging.ts';
import { takeLease, type LeaseKeeper } from './lease-keeper.ts';
import { makeOperations } from './operations/operations.ts';
import { PageFeeds } from './page/page-feeds.ts';
import { publishedScale } from './scaling/published-scale.ts';
import { Reconciler } from './turn/reconciler.ts';
import { ScalingLoop } from './scaling/scaling-loop.ts';
import { CanaryInbox } from './signals/canary-inbox.ts';
import { EngineWatch } from './signals/engine-watch.ts';
import { ScalingWatch } from './signals/scaling-watch.ts';
import type { StartSource } from './watches/start-watch.ts';
import { TryIt } from './page/try-it.ts';
import { TurnHealth } from './turn/turn-health.ts';
import { withService } from './health/told-health.ts';
import { TurnPace } from './turn/turn-pace.ts';

export interface ControlPlaneParts {
  readonly service: string;
  readonly environment: string;
  readonly plimsollVersion: string;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly journal: Journal;
  readonly platform: Platform;
  readonly replicaClient: ReplicaClient;
  readonly clock: Clock;
  readonly judgements: JudgementSource;
  /** What bundles are judged by. */
  readonly bundles: Judging;
  /** What decides how many replicas the live release has. */
  readonly policy: Policy;
  /** What the engines of replicas export; whoever opened it closes it. */
  readonly metricsSource: MetricsSource;
  /** Null where replicas land on other machines than this one: then the platform tells of its nodes. */
  readonly hardware: HardwareSource | null;
  readonly starts: StartSource;
  /** Process identity; the holder of the lease. */
  readonly identity: string;
  readonly isDead: (holder: string) => Promise<boolean>;
  readonly log: FastifyBaseLogger;
}

type Ending = 'stopped' | 'lease-lost';

/** How often it is asked whether the lease has to be renewed. */
const renewLookMs = 1_000;
const followAtLeastEveryMs = 3_000;
const turnEveryMs = 1_000;
/** A replica that starts is ready within a second or two: waiting a whole period to see it would double that. */
const turnWhileStartingMs = 200;
/** While scaling is on; the page alone has a new number each second. */
const enginesEveryMs = 2_000;
const enginesForThePageEveryMs = 1_000;

/**
 * One control plane while it holds its lease: reconciles on a period and when something changed, and keeps what the page
 * and the gateways follow. It holds nothing that a successor could not observe or read again.
 */
export class ControlPlane {
  readonly routingStreams = new EventStreams();
  readonly metrics;
  readonly #parts: ControlPlaneParts;
  readonly #lease: LeaseKeeper;
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
  #routing: RoutingTable | null = null;
  #followedMs = -Infinity;
  readonly #health: TurnHealth;
  readonly #pace: TurnPace;
  readonly #beside = new Beside();

  private constructor(parts: ControlPlaneParts, lease: LeaseKeeper) {
    const { clock, store, service, environment } = parts;
    this.#parts = parts;
    this.#lease = lease;
    this.#health = new TurnHealth(clock, parts.log);
    this.#pace = new TurnPace(clock);
    this.#gateways = new GatewayRegistry(clock);
    this.#runner = new AdmissionRunner({
      client: parts.replicaClient,
      blobs: parts.blobs,
      clock,
      finished: () => {
        this.kick();
      },
    });
    const { watches, starts } = makeWatches(parts);
    this.#load = new ScalingWatch(clock);
    this.#engines = new EngineWatch(parts.metricsSource, clock);
    this.#scaling = new ScalingLoop({
      service,
      environment,
      plimsollVersion: parts.plimsollVersion,
      policy: parts.policy,
      store,
      clock,
      signals: () => this.#engines.withGateways(this.#load.read()),
      waiting: () => this.#load.waiting,
      facts: () => this.#judgements.current().scaling,
      startsSoFar: () => starts.distribution(),
    });
    this.#reconciler = new Reconciler({
      service,
      environment,
      store,
      platform: parts.platform,
      clock,
      runner: this.#runner,
      gateways: this.#gateways,
      inbox: this.#inbox,
      scaling: this.#scaling,
      fence: () => lease.fence(),
      publish: (table) => {
        this.#publish(table);
      },
    });
    this.#journaled = new JournaledRollbacks({
      service,
      environment,
      store,
      journal: parts.journal,
      clock,
      watch: async (signal) => ({
        replicas: await parts.platform.observe({ service, environment }, signal),
        gateways: this.#gateways.states(),
      }),
      standing: () => lease.standing(),
      fence: () => lease.fence(),
      publish: (table) => {
        this.#publish(table);
      },
    });
    this.#judgements = new JudgementCache(parts.judgements, clock, (thrown) => {
      parts.log.warn({ err: thrown }, 'the evidence could not be judged; the last judgement stands for a minute');
    });
    this.#healthWatch = new HealthWatch({
      ...parts,
      fence: () => lease.fence(),
      samples: () => this.#page.latestSignals(120),
    });
    this.#page = new PageFeeds({
      ...parts,
      recorded: (event) => {
        this.#healthWatch.recorded(event);
      },
      operations: this.operationsFor('control-plane'),
      batchFillShare: () => this.#engines.batchFillShare(),
    });
    this.#tryIt = new TryIt(clock);
    this.#asks = makeOpenAsks({ ...parts, sourceFor: (by) => this.#sourceFor(by) });
    this.#watches = new EvidenceWatches({
      ...parts,
      watches,
      fence: () => lease.fence(),
      recorded: () => {
        this.#judgements.outdate();
        this.kick();
      },
    });
    this.metrics = makeControlPlaneMetrics({
      replicas: () => this.#reconciler.replicas(),
      generation: () => this.#routing?.generation ?? 0,
      gateways: () => this.#gateways.reports().length,
      streams: () => this.#page.streams.size + this.routingStreams.size,
      leaseHeld: () => lease.held(),
    });
  }

  /** Waits for the lease, standing by while another control plane holds it, and records that it was taken. */
  static async take(parts: ControlPlaneParts, signal: AbortSignal): Promise<ControlPlane> {
    const lease = await takeLease(
      {
        leases: parts.store.leases,
        lease: controlPlaneLease(parts.service, parts.environment),
        holder: parts.identity,
        isDead: parts.isDead,
        clock: parts.clock,
      },
      signal,
      (holder) => {
        parts.log.info({ holder }, 'standing by: another control plane holds the lease');
      },
    );
    const controlPlane = new ControlPlane(parts, lease);
    await controlPlane.#begin();
    return controlPlane;
  }

  async #begin(): Promise<void> {
    const { store, service, environment } = this.#parts;
    await this.#record('control-plane.started', `The control plane started (Plimsoll ${this.#parts.plimsollVersion})`);
    await this.#page.begin();
    await this.#healthWatch.begin();
    await this.#journaled.begin();
    await this.#journaled.carryOver();
    this.#routing = await store.routing(service, environment);
    await this.#scaling.begin();
    await this.#judgements.refresh();
  }

  /** Reconciles until `signal` is aborted or the lease is lost. A turn that hangs holds up neither that nor the lease. */
  async run(signal: AbortSignal): Promise<Ending> {
    const stopSampling = this.#page.startSampling();
    const over = new AbortController();
    const running = AbortSignal.any([signal, over.signal]);
    try {
      return await Promise.race([this.#keepLease(running), this.#takeTurns(running)]);
    } finally {
      over.abort();
      stopSampling();
    }
  }

  async #takeTurns(signal: AbortSignal): Promise<Ending> {
    while (!signal.aborted) {
      this.#pace.begin();
      await this.#turn(signal);
      if (this.#lease.standing() === 'lost') return 'lease-lost';
      await this.#pace.next(this.#reconciler.isStarting() ? turnWhileStartingMs : turnEveryMs, signal);
    }
    return 'stopped';
  }

  /** On a timer of its own: that one platform does not answer is no reason to let go of the store. */
  async #keepLease(signal: AbortSignal): Promise<Ending> {
    while (!signal.aborted) {
      if (!(await this.#renew())) return 'lease-lost';
      // Who looks at the page of a service whose turn hangs is to see that.
      if (this.#parts.clock.monotonicMs() - this.#followedMs > followAtLeastEveryMs) this.#beside.run(this.#follow());
      await this.#parts.clock.sleep(renewLookMs, signal).catch(() => undefined);
    }
    return 'stopped';
  }

  /** Lets go of the lease. What runs goes on running. */
  async close(reason: string): Promise<void> {
    this.#page.streams.close();
    this.routingStreams.close();
    await this.#beside.settle();
    if (!this.#lease.held()) return;
    try {
      await this.#record('control-plane.stopped', `The control plane stopped: ${reason}; what runs goes on running`);
      await this.#lease.release();
    } catch (thrown) {
      // Whoever took the lease meanwhile has recorded that; another failure must not keep this process from ending.
      this.#fail(thrown);
    }
  }

  get pageStreams(): EventStreams {
    return this.#page.streams;
  }

  kick(): void {
    this.#pace.kick();
  }

  operationsFor(by: string): Operations {
    const operations = makeOperations(this.#sourceFor(by));
    return {
      ...operations,
      rollback: (request) => this.#journaled.rollback(by, request, () => operations.rollback(request)),
    };
  }

  #sourceFor(by: string): OperationsSource {
    const { store, blobs, clock, service, plimsollVersion } = this.#parts;
    return {
      service,
      store,
      blobs,
      clock,
      plimsollVersion,
      by,
      judging: this.#parts.bundles,
      deciding: this.#deciding,
      withFence: async (environment, write) => {
        if (environment !== this.#parts.environment) throw otherEnvironment(environment, this.#parts.environment);
        await this.#journaled.carryOver();
        return write(this.#lease.fence());
      },
      changed: () => {
        this.#judgements.outdate();
        this.kick();
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
            problem: this.#health.tell(this.#lease.held()).problems[0] ?? null,
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
    return withService(this.#health.tell(this.#lease.held()), this.#page.latestView()?.health ?? null);
  }

  async #renew(): Promise<boolean> {
    try {
      return await this.#lease.renew();
    } catch (thrown) {
      // The store is away. That a lease has run out is no reason to leave: it is renewed later unless somebody took it.
      this.#fail(thrown);
      return this.#lease.standing() !== 'lost';
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const startedMs = clock.monotonicMs();
    await this.#health.lookFor(this.#parts.store);
    try {
      this.#lease.fence();
      await this.#journaled.carryOver();
      await this.#reconciler.turn(signal);
      const state = this.#reconciler.lastState();
      if (state !== null) await this.#journaled.learn(state);
      this.#health.turnDone();
      this.metrics.turned('done', clock.monotonicMs() - startedMs);
    } catch (thrown) {
      if (signal.aborted) return;
      this.metrics.turned('failed', clock.monotonicMs() - startedMs);
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
    if (error.code === 'lease-lost') this.#lease.markLost();
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
  }

  #lookAtEngines(signal: AbortSignal): Promise<void> {
    const state = this.#reconciler.lastState();
    const live = state === null ? null : findRelease(state, state.deployment?.live ?? null);
    const replicas = state === null || live === null ? [] : replicasOf(state, live);
    const everyMs = this.#scaling.view() === null ? enginesForThePageEveryMs : enginesEveryMs;
    return this.#engines.look(
      replicas.filter((replica) => replica.state === 'ready'),
      everyMs,
      signal,
    );
  }

  async #record(kind: 'control-plane.started' | 'control-plane.stopped', summary: string): Promise<void> {
    const { store, service, environment, clock, identity } = this.#parts;
    await store.transaction(this.#lease.fence(), (tx) =>
      tx.appendEvent({
        service,
        environment,
        kind,
        summary,
        by: 'control-plane',
        atMs: clock.nowMs(),
        data: { identity, token: this.#lease.fence().token },
      }),
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
