import type { Grant } from '../core/access/requester.ts';
import { heldAtStart, isRemoved, type HeldService } from '../core/fleet/held-services.ts';
import { nameServices } from '../core/fleet/service-names.ts';
import { controlPlaneLease } from '../core/rollout/names.ts';
import type { RoutingTable } from '../core/rollout/routing/routing.ts';
import { asPlimsollError } from '../core/units/errors.ts';
import type { Operations } from '../ports/records/operations.ts';
import type { StoreWriter } from '../ports/records/store.ts';
import type { GatewayReports, GatewayReportsAnswer, GatewayServices } from '../schemas/gateway/gateway-fleet.ts';
import type { GatewayReport } from '../schemas/gateway/gateway-report.ts';
import type { FleetView } from '../schemas/view/fleet-view.ts';
import { makeControlPlaneMetrics } from './control-plane-metrics.ts';
import { FleetFeed } from './fleet/fleet-feed.ts';
import { FleetPace } from './fleet/fleet-pace.ts';
import { makeFleetHealth } from './fleet/fleet-health.ts';
import { makeFleetOperations, type Who } from './fleet/fleet-operations.ts';
import type { AskedScope, ServiceScope } from './service/service-scope.ts';
import { Services } from './fleet/services.ts';
import { gatewayTooOld, OldGateways } from './fleet/old-gateways.ts';
import { TurnSlots } from './fleet/turn-slots.ts';
import { environmentOperations, type EnvironmentOperations } from './operations/environments.ts';
import { EventStreams, StreamBudget } from './http/event-streams.ts';
import type { ToldHealth } from './http/http-parts.ts';
import { requireClaimant } from './ownership/claims.ts';
import { takeLease, type LeaseKeeper } from './lease-keeper.ts';
import { heldOf, takeUpAgain } from './operations/remove-service.ts';
import { ServiceControl } from './service/service-control.ts';
import type { OwnParts, SharedParts } from './service/service-parts.ts';

export interface ControlPlaneParts extends SharedParts {
  /** What whoever started this asked for; null for all that the store has. */
  readonly services: readonly ServiceScope[] | null;
  openService(scope: ServiceScope): OwnParts;
  /** Process identity; the holder of the lease. */
  readonly identity: string;
  readonly isDead: (holder: string) => Promise<boolean>;
  /** Share of the time since the last call in which the process had work, 0 to 1. */
  readonly busyShare?: () => number;
}

type Ending = 'stopped' | 'lease-lost';

/** How often it is asked whether the lease has to be renewed. */
const lookEveryMs = 1_000;

/**
 * One control plane while it holds the lease of its store: every service that it holds takes its turns from one fair queue,
 * beside the lease.
 */
export class ControlPlane {
  readonly metrics;
  /** What gateways of many services follow. */
  readonly gatewayStreams: EventStreams;
  readonly services: Services;
  readonly #parts: ControlPlaneParts;
  readonly #lease: LeaseKeeper;
  readonly #slots: TurnSlots;
  readonly #pace: FleetPace;
  readonly #fleet: FleetFeed;
  /** Gateways do not take the place of readers, nor readers theirs. */
  readonly #readers = new StreamBudget();
  readonly #gateways = new StreamBudget();
  readonly #over = new AbortController();
  readonly #lost = Promise.withResolvers<Ending>();
  readonly #holding = new Map<string, Promise<ServiceControl>>();
  readonly #oldGateways: OldGateways;
  #held: readonly HeldService[] = [];
  #running: AbortSignal | null = null;
  #astray: string | null = null;

  private constructor(parts: ControlPlaneParts, lease: LeaseKeeper) {
    this.#parts = parts;
    this.#lease = lease;
    this.#slots = new TurnSlots(parts.clock);
    this.services = new Services();
    this.#pace = new FleetPace(() => this.services.size, parts.platform);
    this.#oldGateways = new OldGateways(parts.clock);
    this.gatewayStreams = new EventStreams(this.#gateways);
    this.#fleet = new FleetFeed({
      ...parts,
      streams: this.#readers,
      entries: () => this.services.all().map((each) => each.fleetEntry()),
    });
    this.metrics = makeControlPlaneMetrics({
      services: () => this.services.all(),
      streams: () => this.#readers.open + this.#gateways.open,
      leaseHeld: () => lease.held(),
    });
  }

  /** Waits for the lease, standing by while another control plane holds it, and records that it was taken. */
  static async take(parts: ControlPlaneParts, signal: AbortSignal): Promise<ControlPlane> {
    const lease = await takeLease(
      {
        leases: parts.store.leases,
        lease: controlPlaneLease,
        holder: parts.identity,
        isDead: parts.isDead,
        clock: parts.clock,
      },
      signal,
      (holder) => {
        parts.log.info({ holder }, 'standing by: another control plane holds the lease of this store');
      },
    );
    const controlPlane = new ControlPlane(parts, lease);
    await controlPlane.#begin();
    return controlPlane;
  }

  async #begin(): Promise<void> {
    const { store, clock, services, plimsollVersion } = this.#parts;
    const recorded = await store.heldServices();
    const released = services === null ? await store.released() : [];
    const scopes = heldAtStart(recorded, services, released);
    await store.transaction(this.#lease.fence(), async (tx) => {
      for (const scope of scopes) {
        if (!recorded.some((each) => isSame(each, scope))) {
          await tx.setHeldService({ ...scope, origin: 'given', sinceMs: clock.nowMs() });
        }
        const summary = `The control plane started (Plimsoll ${plimsollVersion})`;
        await this.#append(tx, scope, { kind: 'control-plane.started', summary });
      }
    });
    await this.#readHeld();
    for (const { service, environment } of services?.filter((scope) => this.#isRemoved(scope)) ?? []) {
      const next = 'plimsoll release takes it up again';
      this.#parts.log.warn({ service, environment, next }, 'the service was removed, and is not held');
    }
    for (const scope of scopes) this.services.add(this.#make(scope));
    // The first turn of each does it, where several are: none of them waits for another that hangs or fails.
    const [only, ...others] = this.services.all();
    if (others.length === 0) await only?.begin();
  }

  async #readHeld(): Promise<void> {
    this.#held = await this.#parts.store.heldServices();
    this.services.removed = this.#held.filter(({ origin }) => origin === 'removed');
  }

  /** It is leaving, or gone. */
  #isRemoved(scope: ServiceScope): boolean {
    return this.#held.some((held) => isSame(held, scope) && isRemoved(held));
  }

  #make(scope: ServiceScope): ServiceControl {
    const control = new ServiceControl({
      ...this.#parts,
      ...scope,
      ...this.#parts.openService(scope),
      log: this.#parts.log.child({ ...scope }),
      lease: this.#lease,
      readerBudget: this.#readers,
      gatewayBudget: this.#gateways,
      astray: () => this.#astray,
      turned: (outcome, tookMs) => {
        this.metrics.turned(outcome, tookMs);
        if (outcome === 'done' && this.#isRemoved(scope) && control.isEmpty()) control.beside(this.#letGo(control));
      },
      published: (table) => {
        // One that leaves is in no list any more: its gateways finish what they have.
        if (!this.#isRemoved(scope)) this.gatewayStreams.send({ event: 'routing', data: table });
      },
    });
    return control;
  }

  /** Nothing of it runs any more. Where that cannot be recorded now, the next turn comes here again. */
  async #letGo(control: ServiceControl): Promise<void> {
    const { scope } = control;
    await this.#parts.store.transaction(this.#lease.fence(), async (tx) => {
      const held = await heldOf(tx, scope.service, scope.environment);
      if (held?.origin !== 'leaving') return;
      await tx.setHeldService({ ...held, origin: 'removed' });
      const summary = `${scope.service} was removed from ${scope.environment}: none of its replicas runs any more`;
      const atMs = this.#parts.clock.nowMs();
      await tx.appendEvent({ ...scope, kind: 'service.removed', summary, by: 'control-plane', atMs, data: {} });
    });
    await this.#readHeld();
    if (!this.#isRemoved(scope) || this.#holding.has(keyOf(scope))) return;
    this.services.remove(scope);
    control.endTurns();
  }

  /** Reconciles until `signal` is aborted or the lease is lost. A turn that hangs holds up neither that nor the lease. */
  async run(signal: AbortSignal): Promise<Ending> {
    const running = AbortSignal.any([signal, this.#over.signal]);
    this.#running = running;
    try {
      this.#parts.platform.tellChanges?.((owner) => this.services.get(owner)?.hint());
      for (const control of this.services.all()) this.#takeTurns(control, running);
      return await Promise.race([this.#keepLease(running), this.#lost.promise]);
    } finally {
      this.#over.abort();
    }
  }

  #takeTurns(control: ServiceControl, signal: AbortSignal): void {
    void control
      .takeTurns((turn) => this.#slots.run(turn), this.#pace, AbortSignal.any([signal, control.removed]))
      .then(() => {
        if (this.#lease.standing() === 'lost') this.#lost.resolve('lease-lost');
      });
  }

  holdsLease(): boolean {
    return this.#lease.held();
  }

  /** On a timer of its own: that one platform does not answer is no reason to let go of the store. */
  async #keepLease(signal: AbortSignal): Promise<Ending> {
    while (!signal.aborted) {
      if (!(await this.#renew())) return 'lease-lost';
      await this.#lookAtStore();
      for (const control of this.services.all()) control.followIfLate();
      this.#fleet.follow();
      this.#pace.observe(this.#parts.busyShare?.() ?? 0);
      await this.#parts.clock.sleep(lookEveryMs, signal).catch(() => undefined);
    }
    return 'stopped';
  }

  async #renew(): Promise<boolean> {
    try {
      return await this.#lease.renew();
    } catch (thrown) {
      // The store is away. That a lease has run out is no reason to leave: it is renewed later unless somebody took it.
      for (const control of this.services.all()) control.noticed(thrown);
      return this.#lease.standing() !== 'lost';
    }
  }

  /** A store whose file was moved away still takes every write, and nobody else will ever read one of them. */
  async #lookAtStore(): Promise<void> {
    const { store, log } = this.#parts;
    const astray = await store.astray().catch((thrown: unknown) => asPlimsollError(thrown).message);
    if (astray !== null && astray !== this.#astray) log.error({ astray }, 'the store is not where it was');
    this.#astray = astray;
  }

  /** Lets go of the lease. What runs goes on running. */
  async close(reason: string): Promise<void> {
    this.#fleet.streams.close();
    this.gatewayStreams.close();
    await Promise.all(this.services.all().map((control) => control.close()));
    if (!this.#lease.held()) return;
    try {
      const summary = `The control plane stopped: ${reason}; what runs goes on running`;
      await this.#parts.store.transaction(this.#lease.fence(), async (tx) => {
        for (const { scope } of this.services.all())
          await this.#append(tx, scope, { kind: 'control-plane.stopped', summary });
      });
      await this.#lease.release();
    } catch (thrown) {
      // Whoever took the lease meanwhile has recorded that; another failure must not keep this process from ending.
      this.#parts.log.warn({ err: thrown }, 'that the control plane stopped could not be recorded');
    }
  }

  /**
   * Takes a service up that is not held yet, as whoever releases it asks.
   * @param releases only a release takes up one that was removed.
   * @throws PlimsollError `service-claimed` (conflict) for one that was removed and belongs to others.
   */
  async hold(scope: ServiceScope, who: Who, releases: boolean): Promise<ServiceControl> {
    if (this.services.get(scope) !== undefined || this.#isRemoved(scope)) {
      if (!releases || !this.#isRemoved(scope)) return this.read(scope);
    }
    const key = keyOf(scope);
    const holding =
      this.#holding.get(key) ??
      this.#takeUp(scope, who).finally(() => {
        this.#holding.delete(key);
      });
    this.#holding.set(key, holding);
    return holding;
  }

  async #takeUp(scope: ServiceScope, { by, grants }: Who): Promise<ServiceControl> {
    const { store, clock } = this.#parts;
    await store.transaction(this.#lease.fence(), async (tx) => {
      const atMs = clock.nowMs();
      if ((await heldOf(tx, scope.service, scope.environment)) !== null) {
        await requireClaimant(tx, { service: scope.service, by, grants, clock }, scope.environment);
        await takeUpAgain(tx, { ...scope, atMs }, by);
        return;
      }
      await tx.setHeldService({ ...scope, origin: 'released', sinceMs: atMs });
      const summary = `${scope.service} was taken up in ${scope.environment}`;
      await tx.appendEvent({ ...scope, kind: 'service.held', summary, by, atMs, data: {} });
    });
    await this.#readHeld();
    const leaving = this.services.get(scope);
    const control = leaving ?? this.#make(scope);
    await control.begin();
    this.services.add(control);
    if (this.#running !== null && leaving === undefined) this.#takeTurns(control, this.#running);
    this.gatewayStreams.send({ event: 'services', data: this.gatewayServices() });
    const table = control.routing();
    if (table !== null) this.gatewayStreams.send({ event: 'routing', data: table });
    return control;
  }

  /**
   * Also of a service that was removed, whose records stay.
   * @throws PlimsollError `service-unknown` (not-found).
   */
  read(scope: ServiceScope): ServiceControl {
    const held = this.services.get(scope);
    if (held !== undefined) return held;
    return this.#isRemoved(scope) ? this.#make(scope) : this.services.find(scope);
  }

  /** A service leaves: gateways are told before its routing changes, so that they finish what they have. */
  async #left(): Promise<void> {
    await this.#readHeld();
    this.gatewayStreams.send({ event: 'services', data: this.gatewayServices() });
  }

  operationsFor(by: string, grants: readonly Grant[], service?: string): Operations {
    return makeFleetOperations(
      {
        find: (asked) => this.services.find(asked),
        hold: (scope, who, releases) => this.hold(scope, who, releases),
        read: (scope) => this.read(scope),
        left: () => this.#left(),
        allEvents: (query) => this.#parts.store.events(query),
        environments: this.#environmentsFor(by),
      },
      { by, grants },
      service,
    );
  }

  /** Records of environments are of no service: each service is judged by them anew. */
  #environmentsFor(by: string): EnvironmentOperations {
    return environmentOperations({
      ...this.#parts,
      by,
      service: null,
      withFence: (_environment, write) => write(this.#lease.fence()),
      changed: () => {
        for (const control of this.services.all()) control.outdate();
      },
    });
  }

  fleet(): FleetView {
    return this.#fleet.read();
  }

  get fleetStreams(): EventStreams {
    return this.#fleet.streams;
  }

  /** Every service that gateways serve, with the names that clients call it by. */
  gatewayServices(): GatewayServices {
    // What was removed keeps its names, so that nobody else gets its requests.
    const named = nameServices(this.#held.filter((each) => isRemoved(each) || this.services.get(each) !== undefined));
    const listed = named.filter((each) => !this.#isRemoved(each));
    const removed = named.length - listed.length;
    const services = listed.map((each) => ({ ...each, names: [...each.names] }));
    return removed === 0 ? { services } : { services, removed };
  }

  /** The newest table of each service. */
  routingTables(): readonly RoutingTable[] {
    const listed = this.services.all().filter(({ scope }) => !this.#isRemoved(scope));
    return listed.flatMap((control) => control.routing() ?? []);
  }

  /**
   * The service of a gateway that serves one alone. An older gateway names none: beside several services nobody can tell
   * whose table it needs.
   * @throws PlimsollError `gateway-too-old` (conflict), `service-unknown` (not-found).
   */
  ofGateway(id: string, asked: AskedScope): ServiceControl {
    if (asked.service !== undefined || this.services.size < 2) return this.services.find(asked);
    this.#oldGateways.saw(id);
    throw gatewayTooOld(id, this.services.size);
  }

  /** @returns up to which sequence its counts are recorded. */
  gatewayReported(report: GatewayReport, asked: AskedScope = {}): number {
    return this.services.find(asked).gatewayReported(report);
  }

  /** A report of a service that is not held is left out: the list of services, which is on its way, says that it is gone. */
  gatewaysReported({ reports }: GatewayReports): GatewayReportsAnswer {
    const recorded = reports.flatMap(({ report, ...scope }) => {
      const control = this.services.get(scope);
      return control === undefined
        ? []
        : [{ ...scope, sequence: control.gatewayReported(report), replayKey: control.replayKey }];
    });
    return { recorded };
  }

  health(asked: AskedScope = {}): ToldHealth {
    const controls =
      asked.service === undefined && asked.environment === undefined
        ? this.services.all()
        : [this.services.find(asked)];
    return makeFleetHealth(
      controls.map((control) => control.health()),
      this.#lease.held(),
      this.#oldGateways.problems(),
    );
  }

  #append(
    tx: StoreWriter,
    scope: ServiceScope,
    news: { readonly kind: 'control-plane.started' | 'control-plane.stopped'; readonly summary: string },
  ): Promise<unknown> {
    const { clock, identity } = this.#parts;
    const data = { identity, token: this.#lease.fence().token };
    return tx.appendEvent({ ...scope, ...news, by: 'control-plane', atMs: clock.nowMs(), data });
  }
}

const keyOf = ({ service, environment }: ServiceScope): string => `${service}\n${environment}`;

const isSame = (one: ServiceScope, other: ServiceScope): boolean =>
  one.service === other.service && one.environment === other.environment;
