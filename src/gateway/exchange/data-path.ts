import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AnswerLimits } from '../../core/contract/objective/answer-limits.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Random } from '../../ports/process/random.ts';
import { admit, type AdmissionRules } from '../admission/admission.ts';
import type { CaptureCounts, CaptureSinks } from '../capture/capture-sink.ts';
import { Capturing } from '../capture/capturing.ts';
import type { ClientKeys, ServiceKeys } from '../admission/client-keys.ts';
import type { Client } from '../clients/client.ts';
import { Clients } from '../clients/clients.ts';
import { retryAfterSeconds } from '../../core/access/shares/client-limits.ts';
import type { AnswerTurns } from './answer-turns.ts';
import { AnswerTail } from './answer-tail.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeHost, WholeAnswer } from './exchange-host.ts';
import { GatewaySignals } from '../signals/gateway-signals.ts';
import type { WorkTally } from '../signals/work-tally.ts';
import { readBatchRows, rowsHeadBytes } from '../../protocols/open-inference/batch-rows.ts';
import type { SharedParts } from '../front/shared-parts.ts';
import type { Share } from '../front/shared-bound.ts';
import type { GatewayLog } from '../log.ts';
import { PinnedRequests } from '../replay/pinned-requests.ts';
import { replayHeader } from '../../schemas/gateway/golden-replay.ts';
import { JudgedTraffic } from './judged-traffic.ts';
import { OpenExchanges } from './open-exchanges.ts';
import { Placement, type PlacementHost } from '../routes/placement.ts';
import { limitOf, refusals, type RefusalCode } from '../admission/refusal.ts';
import type { RefusalMore } from '../admission/refusal-answer.ts';
import type { ConnectOverTls, Replica, Seat } from '../routes/replica.ts';
import { RequestIdentity } from '../admission/request-identity.ts';
import { Routes } from '../routes/routes.ts';
import type { GatewaySettings } from '../settings.ts';
import type { MirrorCandidate, ShadowBounds } from '../shadow/shadow.ts';
import type { CountsOutbox } from '../canary/step-counts.ts';
import type { UnitBounds, UnitPart } from '../canary/units.ts';

export interface DataPathParts {
  readonly settings: GatewaySettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: GatewayLog;
  /** Null where nothing is captured, whatever the table says. */
  readonly capture: CaptureSinks | null;
  readonly clientKeys: ClientKeys | null;
  /** Of the replicas of one service that speak TLS. Left out where this gateway has no certificate for them. */
  readonly connectOverTls?: (owner: Pick<GatewaySettings, 'service' | 'environment'>) => ConnectOverTls;
  /** Defaults where they are left out. */
  readonly unitBounds?: UnitBounds;
  readonly shadowBounds?: ShadowBounds;
}

const noneCaptured: CaptureCounts = { captured: 0, dropped: 0 };

/** Admits, queues, places and watches exchanges. Time comes in by `sweep`, so that no request arms a timer. */
export class DataPath implements ExchangeHost<Exchange>, PlacementHost {
  readonly settings: GatewaySettings;
  readonly signals = new GatewaySignals();
  readonly pinned = new PinnedRequests();
  readonly routes: Routes;
  /** Null where clients need none. */
  readonly keys: ServiceKeys | null;
  readonly withheldHeader: string | null;
  readonly clients: Clients;
  readonly answerTurns: AnswerTurns;
  /** Told when a first request waits and no replica serves: one that scaled to zero is woken by it. */
  starving: () => void = () => undefined;
  readonly #judged: JudgedTraffic;
  readonly #capturing: Capturing;
  readonly #captureCounts: CaptureCounts;
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
    this.answerTurns = shared.answerTurns;
    this.#openShare = shared.openRequests.share();
    this.#heldShare = shared.heldBytes.share();
    const { settings } = parts;
    this.settings = settings;
    this.#identity = new RequestIdentity(parts.random);
    this.keys = parts.clientKeys?.of(settings.service, settings.environment) ?? null;
    this.withheldHeader = this.keys === null ? null : 'authorization';
    const bounds = {
      ...{ concurrency: settings.replicaConcurrency, connectTimeoutMs: settings.connectTimeoutMs },
      connectOverTls: parts.connectOverTls?.(settings) ?? null,
      nowMs: () => this.nowMs(),
    };
    this.routes = new Routes(bounds, this.signals.ofRelease);
    const { clock, unitBounds, shadowBounds } = parts;
    const { routes, signals, withheldHeader } = this;
    this.#judged = new JudgedTraffic({ clock, routes, signals, withheldHeader, unitBounds, shadowBounds }, shared);
    const sink = parts.capture?.of(settings) ?? null;
    this.#captureCounts = sink?.counts ?? noneCaptured;
    this.#capturing = new Capturing({ sink, clock, routes, random: parts.random });
    this.clients = new Clients(parts.random.hex(4));
    this.#placement = new Placement(this.routes, this);
    const { deadlineMs, maxDeadlineMs, maxBodyBytes } = settings;
    const { protocol } = this.routes;
    this.#rules = { protocol, clientKeys: this.keys, deadlineMs, maxDeadlineMs, maxBodyBytes };
  }

  get answerLimits(): AnswerLimits | null {
    return this.routes.table?.objective ?? null;
  }

  makeAnswerTail(): AnswerTail | null {
    return this.routes.protocol === 'openai' ? new AnswerTail() : null;
  }

  get queueDepth(): number {
    return this.#placement.waitingCount;
  }

  get oldestWaitMs(): number {
    const { waitingSinceMs } = this.#placement;
    return waitingSinceMs === null ? 0 : Math.max(0, this.nowMs() - waitingSinceMs);
  }

  /** True when nothing new is taken. */
  get draining(): boolean {
    return this.#draining;
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
    return sum - this.#judged.mirrored;
  }

  /** Counts for the judge that wait for an acknowledgement. */
  get outbox(): CountsOutbox {
    return this.#judged.outbox;
  }

  nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }

  random(): number {
    return this.#parts.random.next();
  }

  /** What was captured, and what was lost of it. */
  get captureCounts(): CaptureCounts {
    return this.#captureCounts;
  }

  receive(req: IncomingMessage, res: ServerResponse, continueFirst: boolean): void {
    if (this.#connections.isEnding(req.socket)) return;
    const { headers } = req;
    const isPin = headers[replayHeader] !== undefined;
    if (isPin && this.pinned.receive(req, res, this.#rules, this, this.#connections)) return;
    this.signals.arrivals += 1;
    const requestId = this.#identity.requestId(single(headers['x-request-id']));
    const admitted = isPin ? 'replay-refused' : admit(req, this.#rules);
    if (typeof admitted === 'string') {
      this.#refuseUnread(req, res, admitted, requestId);
      return;
    }
    const arrivedMs = this.nowMs();
    const client = this.clients.find(req, admitted.clientKey, arrivedMs);
    const reached = client.admit(Math.max(0, admitted.bodyBytes), arrivedMs);
    if (reached !== null) {
      const more = { detail: client.limitText(reached), retryAfterSeconds: retryAfterSeconds(reached.retryAfterMs) };
      this.#refuseUnread(req, res, `client-${reached.limit}`, requestId, more);
      return;
    }
    this.signals.asked += 1;
    const overload = this.#overload(client) ?? (this.#openShare.take(1) ? null : 'service-busy');
    if (overload !== null) {
      this.#refuseUnread(req, res, overload, requestId);
      return;
    }
    const traceparent = this.#identity.traceparent(single(headers['traceparent']));
    const capture = this.#capturing.begin(req, admitted.path, requestId, arrivedMs);
    const facts = { client, requestId, traceparent, arrivedMs, continueFirst, capture };
    const exchange = new Exchange(this, req, res, admitted, facts);
    this.#open.add(exchange);
    client.open += 1;
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
    this.clients.follow(table.clients);
    this.#rules = { ...this.#rules, protocol: table.protocol };
    this.#judged.follow(table);
    this.#capturing.follow(table);
    if (!this.routes.mayServe) this.#placement.refuseAll(this.#nobodyServes());
    this.#placement.pump();
  }

  /**
   * It says that it is not ready from now on. What still comes on a connection that was kept alive is served: whoever sent it
   * could not know, and the answer closes the connection.
   */
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
    let wantedSeats = this.#placement.waitingCount;
    this.#open.each((exchange) => {
      if (nowMs >= exchange.dueAtMs) exchange.expire();
      else if (wantedSeats > 0 && exchange.giveWay(nowMs)) wantedSeats -= 1;
    });
    this.#judged.sweep(nowMs);
    this.#placement.pump();
  }

  /** Mirrored requests under way are given up; there is nobody to tell of them. */
  stopShadow(): void {
    this.#judged.stopShadow();
  }

  /** True when a sweep has nothing to do: only a request changes that. */
  get idle(): boolean {
    return this.#open.size === 0 && this.#judged.idle;
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
    this.#judged.closeUnits();
  }

  beginUnit(exchange: Exchange, seat: Seat): UnitPart | null {
    return this.#judged.beginUnit(exchange, seat);
  }

  beginMirror(exchange: Exchange, body: Buffer | null, bodyBytes: number): MirrorCandidate | null {
    return this.#judged.beginMirror(exchange, body, bodyBytes);
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
    const overload = this.#overload(exchange.client);
    if (overload !== null) {
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
    this.#judged.fellBack();
  }

  refused(exchange: Exchange, code: RefusalCode): void {
    this.#placement.leave(exchange);
    this.#count(code);
    if (code === 'deadline-exceeded' && exchange.isHurried) this.signals.hurried += 1;
    this.#connections.linger(exchange.req, this.nowMs());
  }

  brokeOff(_exchange: Exchange, replicaFailed: boolean): void {
    if (replicaFailed) this.signals.failed += 1;
    else this.signals.abandoned += 1;
  }

  clientLeft(): void {
    this.signals.abandoned += 1;
  }

  answered(_exchange: Exchange, seat: Seat, status: number, isMissed: boolean): void {
    this.signals.answered += 1;
    seat.signals.requests += 1;
    if (isMissed) this.signals.missed += 1;
    if (status < 500 || isMissed) return;
    this.signals.failed += 1;
    seat.signals.errors += 1;
  }

  isCold(replica: Replica, nowMs: number): boolean {
    return this.#judged.isCold(replica, nowMs);
  }

  get work(): WorkTally {
    return this.signals.work;
  }

  rowsOf(body: Buffer): number {
    if (this.routes.protocol !== 'open-inference-v2') return 0;
    return readBatchRows(body.toString('latin1', 0, rowsHeadBytes));
  }

  completed(replica: Replica, answer: WholeAnswer): void {
    if (answer.status >= 400) return;
    this.signals.complete(answer);
    if (!answer.isCold) replica.answeredWarm(answer.serviceMs);
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
    exchange.client.open -= 1;
    this.#placement.leave(exchange);
    if (!exchange.req.complete) this.#connections.linger(exchange.req, this.nowMs());
  }

  #nobodyServes(): RefusalCode {
    return this.routes.table?.removed === true ? 'service-removed' : 'no-replica';
  }

  #overload(client: Client): RefusalCode | null {
    if (!this.routes.mayServe) return this.#nobodyServes();
    if (this.#placement.hasRoomFor(client)) return null;
    client.tally.pushedOut += 1;
    return 'queue-full';
  }

  #refuseUnread(
    req: IncomingMessage,
    res: ServerResponse,
    code: RefusalCode,
    requestId: string,
    more?: RefusalMore,
  ): void {
    this.#count(code);
    const facts = more ?? { detail: limitOf(code, this.settings) };
    this.#connections.refuse(req, res, code, requestId, this.nowMs(), facts);
  }

  #count(code: RefusalCode): void {
    this.signals.refused[code] += 1;
    if (refusals[code].blame === 'replica') this.signals.failed += 1;
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
