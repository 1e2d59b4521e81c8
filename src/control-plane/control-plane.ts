import type { Grant } from '../core/access/requester.ts';
import { AccessLogs } from './audit/attempt-log.ts';
import { heldAtStart, isRecorded } from '../core/fleet/held-services.ts';
import { controlPlaneLease } from '../core/rollout/names.ts';
import { asPlimsollError } from '../core/units/errors.ts';
import type { Operations } from '../ports/records/operations.ts';
import type { StoreWriter } from '../ports/records/store.ts';
import type { GatewayReport } from '../schemas/gateway/gateway-report.ts';
import type { FleetView } from '../schemas/view/fleet-view.ts';
import { makeControlPlaneMetrics } from './control-plane-metrics.ts';
import { FleetFeed } from './fleet/fleet-feed.ts';
import { FleetGateways } from './fleet/fleet-gateways.ts';
import { FleetPace } from './fleet/fleet-pace.ts';
import { makeFleetHealth } from './fleet/fleet-health.ts';
import { makeFleetOperations } from './fleet/fleet-operations.ts';
import { gatewaysAtMost } from './gateway-registry.ts';
import { Holdings } from './fleet/holdings.ts';
import type { AskedScope, ServiceScope } from './service/service-scope.ts';
import type { Services } from './fleet/services.ts';
import { TurnSlots } from './fleet/turn-slots.ts';
import { environmentOperations, type EnvironmentOperations } from './operations/environments.ts';
import type { UndoneLeftover } from '../prove/diagnosis/undo-leftovers.ts';
import { makeLeftoverLook } from './health/leftover-look.ts';
import { EventStreams, StreamBudget } from './http/event-streams.ts';
import type { ToldHealth } from './http/http-parts.ts';
import { makeCostOperations } from './ledger/cost-operations.ts';
import { FleetLedger } from './ledger/fleet-ledger.ts';
import { SpareWatch } from './spares/spare-watch.ts';
import { Beside } from './beside.ts';
import { takeLease, type LeaseKeeper } from './lease-keeper.ts';
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
  /** Brings back what killed experiments left on this machine; left out where replicas run elsewhere. */
  readonly undoLeftovers?: () => Promise<readonly UndoneLeftover[]>;
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
  readonly gateways: FleetGateways;
  readonly holdings: Holdings;
  readonly accessLogs: AccessLogs;
  readonly #parts: ControlPlaneParts;
  readonly #lease: LeaseKeeper;
  readonly #ledger: FleetLedger;
  readonly #spares: SpareWatch;
  readonly #beside = new Beside();
  readonly #slots: TurnSlots;
  readonly #pace: FleetPace;
  readonly #fleet: FleetFeed;
  /** Gateways do not take the place of readers, nor readers theirs. */
  readonly #readers = new StreamBudget();
  readonly #gateways = new StreamBudget(gatewaysAtMost);
  readonly #over = new AbortController();
  readonly #lost = Promise.withResolvers<Ending>();
  #running: AbortSignal | null = null;
  #astray: string | null = null;

  private constructor(parts: ControlPlaneParts, lease: LeaseKeeper) {
    this.#parts = parts;
    this.#lease = lease;
    this.#slots = new TurnSlots(parts.clock);
    this.accessLogs = new AccessLogs(parts, lease);
    this.#ledger = new FleetLedger({
      ...parts,
      services: () => this.services.all().map(({ ledger }) => ledger),
      fence: () => lease.fence(),
    });
    this.#spares = new SpareWatch({
      ...parts,
      recorder: this.#ledger.recorder,
      services: () => this.services.all().map((each) => each.liveWorkload()),
      fence: () => lease.fence(),
    });
    this.holdings = new Holdings({
      ...parts,
      fence: () => lease.fence(),
      make: (scope) => this.#make(scope),
      tookUp: (control) => {
        if (this.#running !== null) this.#takeTurns(control, this.#running);
      },
      listed: (list, table) => {
        this.gatewayStreams.send({ event: 'services', data: list });
        if (table !== null) this.gatewayStreams.send({ event: 'routing', data: table });
      },
    });
    this.#pace = new FleetPace(() => this.services.size, parts.platform);
    this.gateways = new FleetGateways(() => this.services, parts.clock);
    this.gatewayStreams = new EventStreams(this.#gateways);
    this.#fleet = new FleetFeed({
      ...parts,
      streams: this.#readers,
      entries: () => this.services.all().map((each) => each.fleetEntry()),
      spares: () => this.#spares.view(),
    });
    this.metrics = makeControlPlaneMetrics({
      services: () => this.services.all(),
      streams: () => this.#readers.open + this.#gateways.open,
      leaseHeld: () => lease.held(),
      spares: () => this.#spares.view(),
      ledger: parts,
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
      await this.#ledger.begin(tx);
      for (const scope of scopes) {
        if (!isRecorded(recorded, scope)) {
          await tx.setHeldService({ ...scope, origin: 'given', sinceMs: clock.nowMs() });
        }
        const summary = `The control plane started (Plimsoll ${plimsollVersion})`;
        await this.#append(tx, scope, { kind: 'control-plane.started', summary });
      }
    });
    await this.holdings.readHeld();
    for (const { service, environment } of services?.filter((scope) => this.holdings.isRemoved(scope)) ?? []) {
      const next = 'plimsoll release takes it up again';
      this.#parts.log.warn({ service, environment, next }, 'the service was removed, and is not held');
    }
    for (const scope of scopes) this.services.add(this.#make(scope));
    // The first turn of each does it, where several are: none of them waits for another that hangs or fails.
    const [only, ...others] = this.services.all();
    if (others.length === 0) await only?.begin();
  }

  #make(scope: ServiceScope): ServiceControl {
    const control = new ServiceControl({
      ...this.#parts,
      ...scope,
      ...this.#parts.openService(scope),
      log: this.#parts.log.child({ ...scope }),
      lease: this.#lease,
      ledger: this.#ledger.recorder,
      spares: this.#spares.board,
      readerBudget: this.#readers,
      gatewayBudget: this.#gateways,
      astray: () => this.#astray,
      turned: (outcome, tookMs) => {
        this.metrics.turned(outcome, tookMs);
        if (outcome === 'done' && this.holdings.isRemoved(scope) && control.isEmpty())
          control.beside(this.holdings.letGo(control));
      },
      published: (table) => {
        // One that leaves is in no list any more: its gateways finish what they have.
        if (!this.holdings.isRemoved(scope)) this.gatewayStreams.send({ event: 'routing', data: table });
      },
    });
    return control;
  }

  /** When it last took a turn, by the monotonic clock; null before the first. */
  turnedAtMs: number | null = null;

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

  get services(): Services {
    return this.holdings.services;
  }

  holdsLease(): boolean {
    return this.#lease.held();
  }

  /** On a timer of its own: that one platform does not answer is no reason to let go of the store. */
  async #keepLease(signal: AbortSignal): Promise<Ending> {
    const lookForLeftovers = makeLeftoverLook(this.#parts);
    while (!signal.aborted) {
      if (!(await this.#renew())) return 'lease-lost';
      this.turnedAtMs = this.#parts.clock.monotonicMs();
      lookForLeftovers();
      await this.#lookAtStore();
      for (const control of this.services.all()) control.followIfLate();
      this.#fleet.follow();
      this.#ledger.look();
      this.accessLogs.look();
      this.#beside.run(this.#spares.look());
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
    await this.#beside.settle();
    await this.#ledger.close(() => this.#lease.held());
    await this.accessLogs.close();
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

  operationsFor(by: string, grants: readonly Grant[], service?: string): Operations {
    return makeFleetOperations(
      {
        find: (asked) => this.services.find(asked),
        hold: (scope, who, releases) => this.holdings.hold(scope, who, releases),
        read: (scope) => this.holdings.read(scope),
        left: () => this.holdings.left(),
        allEvents: (query) => this.#parts.store.events(query),
        environments: this.#environmentsFor(by),
        cost: makeCostOperations(this.#parts),
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
      keepsSpares: this.#parts.platform.spares !== undefined,
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

  /** @returns up to which sequence its counts are recorded. */
  gatewayReported(report: GatewayReport, asked: AskedScope = {}): number {
    return this.services.find(asked).gatewayReported(report);
  }

  health(asked: AskedScope = {}): ToldHealth {
    const controls =
      asked.service === undefined && asked.environment === undefined
        ? this.services.all()
        : [this.services.find(asked)];
    return makeFleetHealth(
      controls.map((control) => control.health()),
      this.#lease.held(),
      this.gateways.problems(),
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
