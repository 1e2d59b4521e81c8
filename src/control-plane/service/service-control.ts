import type { Grant } from '../../core/access/requester.ts';
import type { HistoryPoint } from '../../core/health/history.ts';
import type { SampleSegment } from '../../core/monitoring/samples/sample.ts';
import { findRelease } from '../../core/rollout/routing/routable.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { makeWorkload } from '../../core/rollout/workload.ts';
import type { PublishedScale } from '../../core/scaling/published-scale.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import type { FleetEntry } from '../../schemas/view/fleet-view.ts';
import type { ScalingView } from '../../schemas/view/view.ts';
import { makeFleetEntry } from '../fleet/fleet-entry.ts';
import { withService } from '../health/told-health.ts';
import type { EventStreams } from '../http/event-streams.ts';
import type { ToldHealth } from '../http/http-parts.ts';
import type { ServiceLedger } from '../ledger/record/service-ledger.ts';
import { TryIt } from '../page/try-it.ts';
import { publishedScale } from '../scaling/published-scale.ts';
import type { LiveService } from '../spares/spare-watch.ts';
import { readWakes } from '../turn/sleep/measured-wakes.ts';
import { makeServiceComponents, type ServiceComponents } from './service-components.ts';
import type { ServiceControlParts } from './service-parts.ts';
import type { ServiceScope } from './service-scope.ts';
import type { ServiceTurns } from './service-turns.ts';

const judgedAtStartMs = 2_000;

/**
 * One service in one environment, while its control plane holds the lease: its turns, and what the page and the gateways
 * follow. It holds nothing that a successor could not observe or read again.
 */
export class ServiceControl {
  readonly #parts: ServiceControlParts;
  readonly #components: ServiceComponents;
  readonly #tryIt: TryIt;
  #begun = false;
  #beginning: Promise<void> | null = null;
  readonly #removed = new AbortController();

  constructor(parts: ServiceControlParts) {
    this.#parts = parts;
    this.#components = makeServiceComponents(parts, () => this.begin());
    this.#tryIt = new TryIt(parts.clock);
  }

  get routingStreams(): EventStreams {
    return this.#components.routing.streams;
  }

  get ledger(): ServiceLedger {
    return this.#components.ledger;
  }

  /** What golden replays through its gateways are signed with. */
  get replayKey(): string {
    return this.#components.replayKey;
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

  /** Aborted when the service is no longer held. */
  get removed(): AbortSignal {
    return this.#removed.signal;
  }

  endTurns(): void {
    this.#removed.abort();
    this.#components.page.streams.close();
    this.#components.routing.streams.close();
  }

  /** Nothing of it runs, and nothing is wanted. */
  isEmpty(): boolean {
    const { deployment } = this.#components.reconciler.lastState() ?? { deployment: undefined };
    const isWanted = deployment === undefined || (deployment !== null && deployment.phase !== 'removed');
    return (
      !isWanted && this.#components.reconciler.replicas().length === 0 && !this.#components.reconciler.isStarting()
    );
  }

  /** Work that its end waits for. One that fails is told as a turn that failed. */
  beside(work: Promise<void>): void {
    this.#components.runBeside(work);
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
    await this.#components.page.begin();
    await this.#components.healthWatch.begin();
    await this.#components.journaled.begin();
    await this.#components.journaled.carryOver();
    const table = await store.routing(service, environment);
    if (table !== null) this.#components.routing.publish(table);
    await this.#components.scaling.begin();
    if (this.#parts.sleeper !== undefined)
      this.#components.sleep.resume(await readWakes(this.#parts.store, this.scope));
    this.#begun = true;
    await this.#judgeShortly();
  }

  /** Who looks at once is told the evidence, and turns do not wait for a judgement that hangs. */
  async #judgeShortly(): Promise<void> {
    const over = new AbortController();
    const judging = this.#components.judgements.refresh();
    this.#components.beside.run(judging);
    await Promise.race([judging, this.#parts.clock.sleep(judgedAtStartMs, over.signal).catch(() => undefined)]);
    over.abort();
  }

  /** As `ServiceTurns.take`. */
  takeTurns(...how: Parameters<ServiceTurns['take']>): Promise<void> {
    return this.#components.turns.take(...how);
  }

  followIfLate(): void {
    this.#components.turns.followIfLate();
  }

  /** Ends what is read of it, and waits for what runs beside. What runs on the platform goes on running. */
  async close(): Promise<void> {
    this.#components.page.streams.close();
    this.#components.routing.streams.close();
    await this.#components.beside.settle();
    await this.#components.notifier?.settle();
  }

  get pageStreams(): EventStreams {
    return this.#components.page.streams;
  }

  kick(): void {
    this.#components.turns.kick();
  }

  /** Something of it changed on the platform. */
  hint(): void {
    this.#components.turns.hint();
  }

  /** What it is judged by changed. */
  outdate(): void {
    this.#components.outdate();
  }

  /** @param grants of whoever asks: whose the service is goes by them. */
  operationsFor(by: string, grants: readonly Grant[]): Operations {
    return this.#components.operationsFor(by, grants);
  }

  /** @returns up to which sequence its counts are recorded. */
  gatewayReported(report: GatewayReport, from: string | null = null, owner = ''): number {
    // First: what it refuses is counted nowhere.
    const isNew = this.#components.gateways.report(report, from, owner);
    this.#components.page.report(report);
    const recorded = this.#components.inbox.report(report);
    this.#components.arrivals.report(report);
    this.#components.healthWatch.report(report);
    this.#components.ledger.report(report);
    this.#components.liveness.report(report);
    const wakes = report.queueDepth > 0 && this.#components.scaling.asleep();
    if (isNew || wakes) this.kick();
    return recorded;
  }

  /** @returns up to which sequence of its spool everything is recorded. @throws PlimsollError as `DriftWatch.take`. */
  async takeSamples(segment: SampleSegment): Promise<number> {
    await this.#components.drift.take(segment);
    return segment.sequence;
  }

  /** What another autoscaler is told. @throws PlimsollError as `publishedScale`. */
  publishedScale(asked: { readonly service?: string; readonly environment?: string }): PublishedScale {
    return publishedScale(this.#parts, asked, this.#components.scaling.view(), this.#components.reconciler.lastState());
  }

  scaling(): ScalingView | null {
    return this.#components.scaling.view();
  }

  routing(): RoutingTable | null {
    return this.#components.routing.table;
  }

  history(hours: number): Promise<readonly HistoryPoint[]> {
    return this.#components.healthWatch.points(hours);
  }

  latestSignals(count: number) {
    return this.#components.page.latestSignals(count);
  }

  tryIt(body: Uint8Array, signal: AbortSignal) {
    return this.#tryIt.send(this.#components.gateways.requestUrl(), this.#components.routing.table, body, signal);
  }

  toldSignature(signal: AbortSignal) {
    return this.#tryIt.signature(this.#components.gateways.requestUrl(), this.#components.routing.table, signal);
  }

  health(): ToldHealth {
    const unsent = this.#components.notifier?.problems() ?? [];
    return withService(this.#components.tellHealth(), this.#components.page.latestView()?.health ?? null, unsent);
  }

  pools() {
    return this.#parts.pools();
  }

  replicas() {
    return this.#components.reconciler.replicas();
  }

  gateways() {
    return this.#components.gateways.views();
  }

  /** What its replicas run, for spares that they can be made of. */
  liveWorkload(): LiveService {
    const state = this.#components.reconciler.lastState();
    const live = state === null ? null : findRelease(state, state.deployment?.live ?? null);
    const workload = live === null ? null : makeWorkload(live.code, live.model);
    return { ...this.scope, isKnown: state !== null, workload };
  }

  /** As the fleet's list shows it. */
  fleetEntry(): FleetEntry {
    const { owner, evidence } = this.#components.judgements.current();
    const view = this.#components.page.latestView();
    return makeFleetEntry({
      ...this.scope,
      owner,
      evidence,
      view,
      health: this.health().service,
      spans: this.#components.healthWatch.spans(),
    });
  }

  /** A store that is away says so here too: a rollback need not wait for a turn to fail. */
  noticed(thrown: unknown): void {
    this.#components.turns.failed(thrown);
  }
}
