import type { Grant } from '../../core/access/requester.ts';
import type { HistoryPoint } from '../../core/health/history.ts';
import type { SampleSegment } from '../../core/monitoring/samples/sample.ts';
import { findRelease } from '../../core/rollout/routing/routable.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { makeWorkload } from '../../core/rollout/workload.ts';
import type { PublishedScale } from '../../core/scaling/published-scale.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { Fence } from '../../ports/records/store.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import type { LabelsAnswer, LabelsRequest } from '../../schemas/http/http-labels.ts';
import type { ScalingView } from '../../schemas/view/view.ts';
import type { FleetEntry } from '../../schemas/view/fleet-view.ts';
import { makeOpenAsks } from '../asks/open-asks.ts';
import { Beside } from '../beside.ts';
import { makeFleetEntry } from '../fleet/fleet-entry.ts';
import { GatewayRegistry } from '../gateway-registry.ts';
import { GoldenWatch } from '../golden/golden-watch.ts';
import { makeReplayKey } from '../golden/replay-path.ts';
import { HealthWatch } from '../health/health-watch.ts';
import { withService } from '../health/told-health.ts';
import { EventStreams } from '../http/event-streams.ts';
import type { Health, ToldHealth } from '../http/http-parts.ts';
import { Notifier } from '../monitoring/notifier.ts';
import { ServiceLedger } from '../ledger/record/service-ledger.ts';
import { JournaledRollbacks } from '../journal/journal-rollbacks.ts';
import { AlarmTriage } from '../triage/alarm-triage.ts';
import { DriftWatch } from '../monitoring/drift-watch.ts';
import { RoutedReplicas } from '../monitoring/routed-replicas.ts';
import type { OperationsSource } from '../operations/operations-source.ts';
import { makeOperations } from '../operations/operations.ts';
import { PageFeeds } from '../page/page-feeds.ts';
import { TryIt } from '../page/try-it.ts';
import { LabelJudge } from '../labels/judge-mature.ts';
import { rightsByRelease } from '../labels/canary-rights.ts';
import { recordLabels, refuseTooMany } from '../labels/record-labels.ts';
import { publishedScale } from '../scaling/published-scale.ts';
import { CalendarWatch } from '../scaling/calendar-watch.ts';
import { readWakes } from '../turn/sleep/measured-wakes.ts';
import { SleepBook } from '../turn/sleep/sleep-book.ts';
import { ScalingLoop } from '../scaling/scaling-loop.ts';
import { CanaryInbox } from '../signals/canary-inbox.ts';
import { EngineWatch } from '../signals/engine-watch.ts';
import { ScalingWatch } from '../signals/scaling-watch.ts';
import type { LiveService } from '../spares/spare-watch.ts';
import { AdmissionRunner } from '../turn/admission-runner.ts';
import { Reconciler } from '../turn/reconciler.ts';
import { TurnHealth } from '../turn/turn-health.ts';
import { EvidenceWatches } from '../watches/evidence-watches.ts';
import { JudgementCache } from '../watches/judgements.ts';
import { makeWatches } from '../watches/make-watches.ts';
import type { ServiceControlParts } from './service-parts.ts';
import type { ServiceScope } from './service-scope.ts';
import { makeServiceSource } from './service-source.ts';
import { ServiceTurns } from './service-turns.ts';

const judgedAtStartMs = 2_000;

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
  readonly #sleep: SleepBook;
  readonly ledger: ServiceLedger;
  readonly #reconciler: Reconciler;
  readonly #journaled: JournaledRollbacks;
  readonly #engines: EngineWatch;
  readonly #judgements: JudgementCache;
  readonly #drift: DriftWatch;
  readonly #routed = new RoutedReplicas();
  readonly #triage: AlarmTriage;
  readonly #golden: GoldenWatch;
  /** What golden replays through its gateways are signed with. */
  readonly replayKey = makeReplayKey();
  readonly #page: PageFeeds;
  readonly #tryIt: TryIt;
  readonly #healthWatch: HealthWatch;
  readonly #deciding = new Set<string>();
  readonly #health: TurnHealth;
  readonly #notifier: Notifier | null;
  readonly #turns: ServiceTurns;
  readonly #beside = new Beside();
  #routing: RoutingTable | null = null;
  #begun = false;
  #beginning: Promise<void> | null = null;
  readonly #removed = new AbortController();

  constructor(parts: ServiceControlParts) {
    const { clock, lease, ...shared } = parts;
    this.#parts = parts;
    this.routingStreams = new EventStreams(parts.gatewayBudget);
    this.#health = new TurnHealth(clock, parts.log);
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
    const { watches, starts } = makeWatches({
      ...parts,
      gateways: () => this.#gateways.views(),
      learned: () => this.#scaling.learned(),
    });
    this.#load = new ScalingWatch(clock);
    this.#engines = new EngineWatch(parts.metricsSource, clock);
    const calendar = new CalendarWatch({ ...shared, clock, beside: (work) => void this.beside(work) });
    this.#sleep = new SleepBook({ sleeper: parts.sleeper, clock, changed: () => void this.kick() });
    this.#scaling = new ScalingLoop({
      ...shared,
      clock,
      signals: () => this.#engines.withGateways(this.#load.read()),
      waiting: () => this.#load.waiting,
      facts: () => this.#judgements.current().scaling,
      startsSoFar: () => starts.distribution(),
      spares: parts.spares.deskOf(this.scope),
      ahead: (asked) => calendar.ahead(asked),
      wakeMs: () => this.#sleep.wakeMs(),
    });
    this.ledger = new ServiceLedger(parts.ledger, this.scope, () => {
      const { capacity = null, capacityDoubt } = this.#judgements.current().scaling ?? {};
      const holds = capacity !== null && capacity.stated !== true && capacityDoubt === undefined;
      return holds ? capacity.ratePerSecond : null;
    });
    this.#reconciler = new Reconciler({
      ...shared,
      clock,
      runner: this.#runner,
      gateways: this.#gateways,
      inbox: this.#inbox,
      scaling: this.#scaling,
      ledger: this.ledger,
      sleep: this.#sleep,
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
    this.#drift = new DriftWatch({
      ...parts,
      log: this.#log,
      routed: this.#routed,
      fence,
      terms: () => this.#judgements.current().monitoring,
      recorded: changed,
    });
    this.#golden = new GoldenWatch({
      ...shared,
      clock,
      fence,
      key: this.replayKey,
      gateways: () => this.#gateways.views().map(({ address }) => address),
      inFlight: (replicaId) => this.#gateways.inFlight(replicaId),
      terms: () => this.#judgements.current().replay,
      recorded: changed,
    });
    this.#triage = new AlarmTriage({
      ...shared,
      clock,
      fence,
      replays: this.#golden,
      terms: () => this.#judgements.current().monitoring,
      recorded: changed,
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
    this.#notifier =
      parts.alerts === null
        ? null
        : new Notifier({ ...parts, ...parts.alerts, fence, health: () => this.#page.latestView()?.health ?? null });
    this.#turns = new ServiceTurns({
      clock,
      lease,
      reconciler: this.#reconciler,
      journaled: this.#journaled,
      scaling: this.#scaling,
      engines: this.#engines,
      judgements: this.#judgements,
      page: this.#page,
      healthWatch: this.#healthWatch,
      triage: this.#triage,
      golden: this.#golden,
      drift: this.#drift,
      watches: new EvidenceWatches({ ...parts, log: this.#log, watches, fence, recorded: changed }),
      labels: new LabelJudge({ ...parts, fence, plan: () => this.#judgements.current().labels }),
      asks: makeOpenAsks({
        ...parts,
        log: this.#log,
        sourceFor: ({ by, grants = [] }) => this.#sourceFor(by, grants),
      }),
      notifier: this.#notifier,
      health: this.#health,
      beside: this.#beside,
      begin: () => this.begin(),
      turned: (outcome, tookMs) => {
        parts.turned(outcome, tookMs);
      },
    });
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
        this.#turns.failed(thrown);
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
    if (this.#parts.sleeper !== undefined) this.#sleep.resume(await readWakes(this.#parts.store, this.scope));
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

  /** As `ServiceTurns.take`. */
  takeTurns(...how: Parameters<ServiceTurns['take']>): Promise<void> {
    return this.#turns.take(...how);
  }

  followIfLate(): void {
    this.#turns.followIfLate();
  }

  /** Ends what is read of it, and waits for what runs beside. What runs on the platform goes on running. */
  async close(): Promise<void> {
    this.#page.streams.close();
    this.routingStreams.close();
    await this.#beside.settle();
    await this.#notifier?.settle();
  }

  get pageStreams(): EventStreams {
    return this.#page.streams;
  }

  kick(): void {
    this.#turns.kick();
  }

  /** Something of it changed on the platform. */
  hint(): void {
    this.#turns.hint();
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
      addLabels: (request) => this.labelled(request),
      rollback: (request) => this.#journaled.rollback(by, request, () => operations.rollback(request)),
    };
  }

  #sourceFor(by: string, grants: readonly Grant[]): OperationsSource {
    const parts = {
      parts: this.#parts,
      judgements: this.#judgements,
      reconciler: this.#reconciler,
      runner: this.#runner,
      gateways: this.#gateways,
      scaling: this.#scaling,
      healthWatch: this.#healthWatch,
      journaled: this.#journaled,
      deciding: this.#deciding,
      begin: () => this.begin(),
      outdate: () => {
        this.outdate();
      },
      tell: () => this.#tell(),
      testNotify: async () => (await this.#notifier?.test()) ?? [],
    };
    return makeServiceSource(parts, by, grants);
  }

  /** @returns up to which sequence its counts are recorded. */
  gatewayReported(report: GatewayReport, from: string | null = null): number {
    this.#page.report(report);
    const recorded = this.#inbox.report(report);
    this.#load.report(report);
    this.#healthWatch.report(report);
    this.ledger.report(report);
    const wakes = report.queueDepth > 0 && this.#scaling.asleep();
    if (this.#gateways.report(report, from) || wakes) this.kick();
    return recorded;
  }

  /** @returns up to which sequence of its spool everything is recorded. @throws PlimsollError as `DriftWatch.take`. */
  async takeSamples(segment: SampleSegment): Promise<number> {
    await this.#drift.take(segment);
    return segment.sequence;
  }

  /** Counts labels for the judge of a step, and records them unless the contract asks for none. */
  async labelled(request: LabelsRequest): Promise<LabelsAnswer> {
    const { store, service, environment, lease, clock } = this.#parts;
    refuseTooMany(request.labels.length);
    const isRecorded = this.#judgements.current().labels !== null;
    const recorded = isRecorded
      ? await store.transaction(lease.fence(), (tx) => recordLabels(tx, this.scope, request.labels, clock.nowMs()))
      : null;
    const canary = await store.canary(service, environment);
    const taken = rightsByRelease(request, recorded?.predictions ?? []).map((each) => this.#inbox.label(canary, each));
    const sum = (key: 'counted' | 'repeated'): number => taken.reduce((total, each) => total + each[key], 0);
    const [counted, repeated] = [sum('counted'), sum('repeated')];
    const ignored = request.labels.length - counted - repeated;
    return { counted, repeated, ignored, recorded: recorded?.answer ?? null };
  }

  /** What another autoscaler is told. @throws PlimsollError as `publishedScale`. */
  publishedScale(asked: { readonly service?: string; readonly environment?: string }): PublishedScale {
    return publishedScale(this.#parts, asked, this.#scaling.view(), this.#reconciler.lastState());
  }

  scaling(): ScalingView | null {
    return this.#scaling.view();
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
    return this.#tryIt.send(this.#gateways.requestUrl(), this.#routing, body, signal);
  }

  health(): ToldHealth {
    const unsent = this.#notifier?.problems() ?? [];
    return withService(this.#tell(), this.#page.latestView()?.health ?? null, unsent);
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

  /** What its replicas run, for spares that they can be made of. */
  liveWorkload(): LiveService {
    const state = this.#reconciler.lastState();
    const live = state === null ? null : findRelease(state, state.deployment?.live ?? null);
    const workload = live === null ? null : makeWorkload(live.code, live.model);
    return { ...this.scope, isKnown: state !== null, workload };
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
    this.#turns.failed(thrown);
  }

  #tell(): Health {
    return this.#health.tell(this.#parts.lease.held(), this.#parts.astray());
  }

  /** A gateway never goes back to a lower generation, and neither do we. */
  #publish(table: RoutingTable): void {
    if (this.#routing !== null && table.generation <= this.#routing.generation) return;
    this.#routing = table;
    this.#routed.add(table);
    this.routingStreams.send({ event: 'routing', data: table, id: table.generation });
    this.#parts.published(table);
  }
}
