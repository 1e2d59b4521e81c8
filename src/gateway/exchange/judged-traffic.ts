import type { RoutingShadow, RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { CountsOutbox } from '../canary/step-counts.ts';
import { isCold, UnitCounter, unitDefaults, type UnitBounds, type UnitPart } from '../canary/units.ts';
import type { SharedParts } from '../front/shared-parts.ts';
import type { Replica, Seat } from '../routes/replica.ts';
import type { Routes } from '../routes/routes.ts';
import {
  Shadow,
  shadowDefaults,
  type MirrorCandidate,
  type Mirrored,
  type ShadowBounds,
  type ShadowCounts,
  type ShadowHost,
} from '../shadow/shadow.ts';
import type { GatewaySignals } from '../signals/gateway-signals.ts';
import type { Exchange } from './exchange.ts';

export interface JudgedTrafficParts {
  readonly clock: Clock;
  readonly routes: Routes;
  readonly signals: GatewaySignals;
  readonly withheldHeader: string | null;
  readonly unitBounds: UnitBounds | undefined;
  readonly shadowBounds: ShadowBounds | undefined;
}

/** What is counted and mirrored for the judge of a step. */
export class JudgedTraffic implements ShadowHost, ShadowCounts {
  readonly outbox = new CountsOutbox();
  readonly withheldHeader: string | null;
  readonly #parts: JudgedTrafficParts;
  readonly #shared: Pick<SharedParts, 'shadowBytes' | 'comparisonTurns'>;
  readonly #unitBounds: UnitBounds;
  /** Null while no step is judged. */
  #units: UnitCounter | null = null;
  /** Null while no request is mirrored. */
  #shadow: Shadow | null = null;

  constructor(parts: JudgedTrafficParts, shared: Pick<SharedParts, 'shadowBytes' | 'comparisonTurns'>) {
    this.#parts = parts;
    this.#shared = shared;
    this.#unitBounds = parts.unitBounds ?? unitDefaults;
    this.withheldHeader = parts.withheldHeader;
  }

  /** Copies for the shadow that are under way. */
  get mirrored(): number {
    return this.#shadow?.inFlight ?? 0;
  }

  /** True when a sweep has nothing to do. */
  get idle(): boolean {
    return this.mirrored === 0 && (this.#units?.windowCount ?? 0) === 0;
  }

  nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }

  follow(table: RoutingTable): void {
    this.#followStep(table);
    this.#followShadow(table);
  }

  sweep(nowMs: number): void {
    this.#units?.sweep(nowMs);
    this.#shadow?.sweep(nowMs);
  }

  /** Mirrored requests under way are given up; there is nobody to tell of them. */
  stopShadow(): void {
    this.#shadow?.stop();
    this.#shadow = null;
  }

  /** At the end of a drain: what was seen of a key is its unit. */
  closeUnits(): void {
    this.#units?.closeAll();
  }

  isCold(replica: Replica, nowMs: number): boolean {
    return isCold(replica, nowMs, this.#unitBounds);
  }

  beginUnit(exchange: Exchange, seat: Seat): UnitPart | null {
    if (this.#units === null || exchange.fellBack || exchange.method !== 'POST') return null;
    const { routes } = this.#parts;
    const key = routes.stickyKey(exchange.req);
    const nowMs = this.nowMs();
    const sinceMs = key !== null && routes.sticky ? exchange.askedMs : nowMs;
    return this.#units.begin(seat.replica, seat.release, { client: exchange.client.name, key }, nowMs, sinceMs);
  }

  beginMirror(exchange: Exchange, body: Buffer | null, bodyBytes: number): MirrorCandidate | null {
    return this.#shadow === null ? null : this.#shadow.begin(exchange.method, exchange.path, body, bodyBytes);
  }

  chooseShadow(): Seat | null {
    return this.#parts.routes.chooseShadow(this.nowMs());
  }

  beginShadowUnit({ req, client }: Pick<Mirrored, 'req' | 'client'>, seat: Seat): UnitPart | null {
    const key = this.#parts.routes.stickyKey(req);
    const nowMs = this.nowMs();
    seat.replica.firstSentMs(nowMs);
    return this.#units?.begin(seat.replica, seat.release, { client: client.name, key }, nowMs, nowMs, false) ?? null;
  }

  compared(release: number, agreed: boolean): void {
    const { signals } = this.#parts;
    signals.shadowCompared += 1;
    if (agreed) signals.shadowAgreed += 1;
    this.outbox.present?.compared(release, agreed);
  }

  skipped(release: number, reason: string): void {
    const { shadowSkipped } = this.#parts.signals;
    shadowSkipped[reason] = (shadowSkipped[reason] ?? 0) + 1;
    this.outbox.present?.skipped(release, reason);
  }

  fellBack(): void {
    this.#parts.signals.stickyFallbacks += 1;
    this.outbox.present?.fellBack();
  }

  /** Units of another step are of no use to this one: its windows begin anew. */
  #followStep(table: RoutingTable): void {
    const cutOff = this.#units?.windowCount ?? 0;
    if (!this.outbox.follow(table.canary, this.#parts.clock.nowMs())) return;
    const { present } = this.outbox;
    present?.dropped(cutOff);
    const { salt } = this.#parts.routes;
    this.#units = present === null ? null : new UnitCounter(present, this.#unitBounds, salt, this.nowMs());
  }

  /** A shadow that is the same goes on; its replicas may be others. */
  #followShadow({ shadow, protocol }: RoutingTable): void {
    const before = this.#shadow;
    if (before !== null && shadow !== undefined && sameShadow(before.table, shadow)) return;
    before?.stop();
    this.#shadow = shadow === undefined ? null : this.#makeShadow(shadow, protocol);
  }

  #makeShadow(shadow: RoutingShadow, protocol: RoutingTable['protocol']): Shadow {
    const { shadowBytes, comparisonTurns: turns } = this.#shared;
    const bounds = this.#parts.shadowBounds ?? shadowDefaults;
    return new Shadow(shadow, protocol, this, this, bounds, { memory: shadowBytes.share(), turns });
  }
}

function sameShadow(a: RoutingShadow, b: RoutingShadow): boolean {
  if (a.release !== b.release || a.share !== b.share) return false;
  return JSON.stringify(a.agreement) === JSON.stringify(b.agreement);
}
