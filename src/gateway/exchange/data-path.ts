import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RoutingShadow, RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Random } from '../../ports/process/random.ts';
import { admit, type AdmissionRules } from '../admission/admission.ts';
import type { Capture } from '../capture/capture.ts';
import { captureHook } from '../capture/capture-recorder.ts';
import type { ClientKeys, ServiceKeys } from '../admission/client-keys.ts';
import { Exchange } from './exchange.ts';
import type { CaptureHook, ExchangeHost } from './exchange-host.ts';
import { GatewaySignals } from '../signals/gateway-signals.ts';
import type { SharedParts } from '../front/shared-parts.ts';
import type { Share } from '../front/shared-bound.ts';
import type { GatewayLog } from '../log.ts';
import { OpenExchanges } from './open-exchanges.ts';
import { Placement, type PlacementHost } from '../routes/placement.ts';
import { limitOf, refusals, type RefusalCode } from '../admission/refusal.ts';
import type { Replica, Seat } from '../routes/replica.ts';
import { RequestIdentity } from '../admission/request-identity.ts';
import { Routes } from '../routes/routes.ts';
import type { GatewaySettings } from '../settings.ts';
import { Shadow, shadowDefaults, type MirrorCandidate, type ShadowBounds } from '../shadow/shadow.ts';
import { CountsOutbox } from '../canary/step-counts.ts';
import { isCold, UnitCounter, unitDefaults, type UnitBounds, type UnitPart } from '../canary/units.ts';

export interface DataPathParts {
  readonly settings: GatewaySettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: GatewayLog;
  readonly capture: Capture | null;
  readonly clientKeys: ClientKeys | null;
  /** Defaults where they are left out. */
  readonly unitBounds?: UnitBounds;
  readonly shadowBounds?: ShadowBounds;
}

/** Admits, queues, places and watches exchanges. Time comes in by `sweep`, so that no request arms a timer. */
export class DataPath implements ExchangeHost<Exchange>, PlacementHost {
  readonly settings: GatewaySettings;
  readonly signals = new GatewaySignals();
  readonly routes: Routes;
  readonly capture: CaptureHook<Exchange> | null;
  /** Null where clients need none. */
  readonly keys: ServiceKeys | null;
  readonly withheldHeader: string | null;
  readonly outbox = new CountsOutbox();
  /** Told when a first request waits and no replica serves: one that scaled to zero is woken by it. */
  starving: () => void = () => undefined;
  /** Null while no step is judged. */
  #units: UnitCounter | null = null;
  /** Null while no request is mirrored. */
  #shadow: Shadow | null = null;
  readonly #placement: Placement;
  readonly #open = new OpenExchanges<Exchange>();
  readonly #connections: SharedParts['connections'];
  readonly #openShare: Share;
  readonly #heldShare: Share;
  readonly #parts: DataPathParts;
  readonly #identity: RequestIdentity;
  #rules: AdmissionRules;
  #draining = false;

  constructor(parts: DataPathParts, shared: SharedParts) {
    this.#parts = parts;
    this.#connections = shared.connections;
    this.#openShare = shared.openRequests.share();
    this.#heldShare = shared.heldBytes.share();
    const { settings } = parts;
    this.settings = settings;
    this.#identity = new RequestIdentity(parts.random);
    this.keys = parts.clientKeys?.of(settings.service, settings.environment) ?? null;
    this.withheldHeader = this.keys === null ? null : 'authorization';
    this.capture = parts.capture === null ? null : captureHook(parts.capture, this.signals, () => this.nowMs());
    const bounds = { concurrency: settings.replicaConcurrency, connectTimeoutMs: settings.connectTimeoutMs };
    this.routes = new Routes(bounds, this.signals.ofRelease);
    this.#placement = new Placement(this.routes, this);
    const { deadlineMs, maxDeadlineMs, maxBodyBytes } = settings;
    const { protocol } = this.routes;
    this.#rules = { protocol, clientKeys: this.keys, deadlineMs, maxDeadlineMs, maxBodyBytes };
  }

  get queueDepth(): number {
    return this.#placement.waitingCount;
  }

  get oldestWaitMs(): number {
    const { waitingSinceMs } = this.#placement;
    return waitingSinceMs === null ? 0 : Math.max(0, this.nowMs() - waitingSinceMs);
  }

  get openCount(): number {
    return this.#open.size;
  }

  get heldBytes(): number {
    return this.#heldShare.used;
  }

  get inFlight(): number {
    let sum = 0;
    for (const replica of this.routes.replicas) sum += replica.inFlight;
    return sum - (this.#shadow?.inFlight ?? 0);
  }

  nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }

  receive(req: IncomingMessage, res: ServerResponse, continueFirst: boolean): void {
    if (this.#connections.isEnding(req.socket)) return;
    this.signals.arrivals += 1;
    const { headers } = req;
    const requestId = this.#identity.requestId(single(headers['x-request-id']));
    const admitted = admit(req, this.#rules);
    if (typeof admitted === 'string') {
      this.#refuseUnread(req, res, admitted, requestId);
      return;
    }
    this.signals.asked += 1;
    const overload = this.#overload() ?? (this.#openShare.take(1) ? null : 'service-busy');
    if (overload !== null) {
      this.#refuseUnread(req, res, overload, requestId);
      return;
    }
    const traceparent = this.#identity.traceparent(single(headers['traceparent']));
    const facts = { requestId, traceparent, arrivedMs: this.nowMs(), continueFirst };
    const exchange = new Exchange(this, req, res, admitted, facts);
    this.#open.add(exchange);
    exchange.begin();
  }

  /** A request whose head is wrong before anything of the protocol is looked at. */
  refuseHead(req: IncomingMessage, res: ServerResponse, code: RefusalCode): void {
    if (this.#connections.isEnding(req.socket)) return;
    this.signals.arrivals += 1;
    this.#refuseUnread(req, res, code, this.#identity.requestId(single(req.headers['x-request-id'])));
  }

  applyTable(table: RoutingTable): void {
    this.routes.apply(table);
    this.#rules = { ...this.#rules, protocol: table.protocol };
    this.#followStep(table);
    this.#followShadow(table);
    if (!this.routes.mayServe) this.#placement.refuseAll('no-replica');
    this.#placement.pump();
  }

  /** New requests are refused from now on; those that are here go on. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends what is still there after a drain's time. */
  breakOffAll(): void {
    this.#open.each((exchange) => {
      const begun = exchange.res.headersSent;
      exchange.refuse('draining');
      if (begun) exchange.res.destroy();
    });
  }

  /** Called on a coarse beat: everything that took too long, and everything that may be tried again. */
  sweep(nowMs: number): void {
    this.#open.each((exchange) => {
      if (nowMs >= exchange.dueAtMs) exchange.expire();
    });
    this.#units?.sweep(nowMs);
    this.#shadow?.sweep(nowMs);
    this.#placement.pump();
  }

  /** Mirrored requests under way are given up; there is nobody to tell of them. */
  stopShadow(): void {
    this.#shadow?.stop();
    this.#shadow = null;
  }

  /** True when a sweep has nothing to do: only a request changes that. */
  get idle(): boolean {
    return this.#open.size === 0 && (this.#units?.windowCount ?? 0) === 0 && (this.#shadow?.inFlight ?? 0) === 0;
  }

  /** The service is gone, and no request is open. */
  async destroy(): Promise<void> {
    this.stopShadow();
    this.#openShare.close();
    this.#heldShare.close();
    await this.routes.destroy();
  }

  /** At the end of a drain: what was seen of a key is its unit. */
  closeUnits(): void {
    this.#units?.closeAll();
  }

  beginUnit(exchange: Exchange, seat: Seat): UnitPart | null {
    if (this.#units === null || exchange.fellBack || exchange.method !== 'POST') return null;
    const key = this.routes.stickyKey(exchange.req);
    const nowMs = this.nowMs();
    const sinceMs = key !== null && this.routes.sticky ? exchange.askedMs : nowMs;
    return this.#units.begin(seat.replica, seat.release, key, nowMs, sinceMs);
  }

  beginMirror(exchange: Exchange, body: Buffer | null, bodyBytes: number): MirrorCandidate | null {
    return this.#shadow === null ? null : this.#shadow.begin(exchange.method, exchange.path, body, bodyBytes);
  }

  chooseShadow(): Seat | null {
    return this.routes.chooseShadow(this.nowMs());
  }

  beginShadowUnit(req: IncomingMessage, seat: Seat): UnitPart | null {
    const nowMs = this.nowMs();
    seat.replica.firstSentMs(nowMs);
    return this.#units?.begin(seat.replica, seat.release, this.routes.stickyKey(req), nowMs) ?? null;
  }

  compared(release: number, agreed: boolean): void {
    this.signals.shadowCompared += 1;
    if (agreed) this.signals.shadowAgreed += 1;
    this.outbox.present?.compared(release, agreed);
  }

  skipped(release: number, reason: string): void {
    this.signals.shadowSkipped[reason] = (this.signals.shadowSkipped[reason] ?? 0) + 1;
    this.outbox.present?.skipped(release, reason);
  }

  /** The requests of one connection that are not over. */
  openOn(socket: Socket): readonly Exchange[] {
    return this.#open.filter((exchange) => exchange.req.socket === socket);
  }

  reserve(bytes: number): boolean {
    return this.#heldShare.take(bytes);
  }

  free(bytes: number): void {
    this.#heldShare.free(bytes);
  }

  place(exchange: Exchange): void {
    if (this.#placement.sendNow(exchange)) return;
    const overload = this.#overload();
    if (overload !== null && overload !== 'draining') {
      exchange.refuse(overload);
      return;
    }
    this.#placement.wait(exchange);
    if (this.#placement.waitingCount === 1 && this.routes.replicaCount === 0) this.starving();
  }

  vacated(): void {
    this.#placement.vacated();
  }

  fellBack(): void {
    this.signals.stickyFallbacks += 1;
    this.outbox.present?.fellBack();
  }

  refused(exchange: Exchange, code: RefusalCode): void {
    this.#placement.leave(exchange);
    this.#count(code);
    if (code === 'deadline-exceeded' && exchange.deadlineAtMs - exchange.arrivedMs < this.settings.deadlineMs) {
      this.signals.hurried += 1;
    }
    this.#connections.linger(exchange.req, this.nowMs());
  }

  brokeOff(_exchange: Exchange, replicaFailed: boolean): void {
    if (replicaFailed) this.signals.failed += 1;
    else this.signals.abandoned += 1;
  }

  clientLeft(): void {
    this.signals.abandoned += 1;
  }

  answered(_exchange: Exchange, seat: Seat, status: number): void {
    this.signals.answered += 1;
    seat.signals.requests += 1;
    if (status < 500) return;
    this.signals.failed += 1;
    seat.signals.errors += 1;
  }

  isCold(replica: Replica, nowMs: number): boolean {
    return isCold(replica, nowMs, this.#parts.unitBounds ?? unitDefaults);
  }

  completed(serviceMs: number | null): void {
    this.signals.completions += 1;
    if (serviceMs === null) return;
    this.signals.timed += 1;
    this.signals.serviceMs += serviceMs;
  }

  connectionRefused(replica: Replica, error: Error): void {
    replica.refused(this.nowMs(), this.#parts.random.next());
    if (replica.refusals > 1) return;
    const { replicaId, endpoint } = replica;
    this.#parts.log('replica.unreachable', { replicaId, endpoint, reason: error.message });
  }

  retrying(): void {
    this.signals.retried += 1;
  }

  closed(exchange: Exchange): void {
    this.#open.remove(exchange);
    this.#openShare.free(1);
    this.#placement.leave(exchange);
    if (!exchange.req.complete) this.#connections.linger(exchange.req, this.nowMs());
  }

  /** Units of another step are of no use to this one: its windows begin anew. */
  #followStep(table: RoutingTable): void {
    const cutOff = this.#units?.windowCount ?? 0;
    if (!this.outbox.follow(table.canary, this.#parts.clock.nowMs())) return;
    const { present } = this.outbox;
    present?.dropped(cutOff);
    const bounds = this.#parts.unitBounds ?? unitDefaults;
    this.#units = present === null ? null : new UnitCounter(present, bounds, this.routes.salt, this.nowMs());
  }

  /** A shadow that is the same goes on; its replicas may be others. */
  #followShadow({ shadow, protocol }: RoutingTable): void {
    const before = this.#shadow;
    if (before !== null && shadow !== undefined && sameShadow(before.table, shadow)) return;
    before?.stop();
    const bounds = this.#parts.shadowBounds ?? shadowDefaults;
    this.#shadow = shadow === undefined ? null : new Shadow(shadow, protocol, this, this, bounds);
  }

  #overload(): RefusalCode | null {
    if (this.#draining) return 'draining';
    if (!this.routes.mayServe) return 'no-replica';
    return this.#placement.waitingCount >= this.settings.queueLimit ? 'queue-full' : null;
  }

  #refuseUnread(req: IncomingMessage, res: ServerResponse, code: RefusalCode, requestId: string): void {
    this.#count(code);
    this.#connections.refuse(req, res, code, requestId, this.nowMs(), limitOf(code, this.settings));
  }

  #count(code: RefusalCode): void {
    this.signals.refused[code] += 1;
    if (refusals[code].blame === 'replica') this.signals.failed += 1;
  }
}

function sameShadow(a: RoutingShadow, b: RoutingShadow): boolean {
  if (a.release !== b.release || a.share !== b.share) return false;
  return JSON.stringify(a.agreement) === JSON.stringify(b.agreement);
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
