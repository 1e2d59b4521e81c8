import type { RefusalCode } from '../admission/refusal.ts';
import type { DrawnSeat } from './control-draw.ts';
import type { Seat } from './replica.ts';
import type { Asker, Routes } from './routes.ts';
import type { GatewaySettings } from '../settings.ts';
import { seatsKeptFree } from '../../core/access/shares/fair-order.ts';
import { WaitingLine, type InLine, type WaitingClient } from './waiting-line.ts';

/** A request as far as its place on a replica is concerned. */
export interface Placed extends Asker, InLine {
  readonly client: WaitingClient & { readonly open: number };
  /** Where its sticky key lies under `stickySalt`; -1 without a key. Routes keeps it here. */
  stickyPlace: number;
  stickySalt: number;
  /** Since when it has asked for a replica; -1 before. */
  placedMs: number;
  /** As `placedMs`, and anew after an attempt that broke. */
  askedMs: number;
  /** Another split than its key's answers it. */
  fellBack: boolean;
  /** Of the random share, and not sent to a replica so far. */
  awaitsDraw: boolean;
  readonly deadlineMs: number;
  readonly deadlineAtMs: number;
  dueAtMs: number;
  stage: 'reading' | 'waiting' | 'sent' | 'answering' | 'over';
  /** The replica that it is sent to next was drawn from these. */
  drawn(draw: DrawnSeat): void;
  send(seat: Seat, nowMs: number): void;
  refuse(code: RefusalCode): void;
  /** Its place is for a client that has fewer. */
  pushOut(): void;
}

export interface PlacementHost {
  readonly settings: Pick<GatewaySettings, 'stickyWaitMs' | 'queueLimit' | 'replicaConcurrency'>;
  readonly clients: { readonly knownCount: number };
  nowMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** A sticky request is answered by another split than its key's. */
  fellBack(): void;
}

/** Gives requests a replica: at once where one is free, else in fair order among clients. */
export class Placement {
  readonly #routes: Routes;
  readonly #host: PlacementHost;
  readonly #waiting = new WaitingLine<Placed>();
  #pumpDue = false;

  constructor(routes: Routes, host: PlacementHost) {
    this.#routes = routes;
    this.#host = host;
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Since when the one that has waited longest asks for a replica; null when none waits. */
  get waitingSinceMs(): number | null {
    let sinceMs: number | null = null;
    // Not always the first: one whose attempt broke waits anew, at the end.
    this.#waiting.each(({ placedMs }) => {
      sinceMs = Math.min(sinceMs ?? placedMs, placedMs);
      return true;
    });
    return sinceMs;
  }

  /** False when no replica is free for it now. */
  sendNow(request: Placed): boolean {
    const nowMs = this.#host.nowMs();
    request.askedMs = nowMs;
    request.placedMs = request.placedMs < 0 ? nowMs : request.placedMs;
    // With sticky keys those who wait may wait for another split than this one's.
    const mayGo = this.#waiting.size === 0 || this.#routes.sticky;
    const seat = mayGo ? this.#seatFor(request, nowMs) : null;
    if (seat === null) return false;
    request.send(seat, nowMs);
    return true;
  }

  /** False where the queue is full, and nobody has more of it than this client would have. */
  hasRoomFor(client: WaitingClient): boolean {
    return this.#waiting.size < this.#host.settings.queueLimit || this.#waiting.findWhoGivesWay(client) !== null;
  }

  /** In a full queue it takes the place of the newest request of whoever has most. Asked only where there is room for its client. */
  wait(request: Placed): void {
    if (this.#waiting.size >= this.#host.settings.queueLimit) {
      this.#waiting.findWhoGivesWay(request.client)?.pushOut();
    }
    request.stage = 'waiting';
    request.dueAtMs = request.deadlineAtMs;
    this.#waiting.join(request);
  }

  leave(request: Placed): void {
    this.#waiting.leave(request);
  }

  refuseAll(code: RefusalCode): void {
    this.#waiting.each((request) => {
      request.refuse(code);
      return true;
    });
  }

  /** A replica may be free again. */
  vacated(): void {
    if (this.#waiting.size === 0 || this.#pumpDue) return;
    // Not at once: undici gives the connection back only after its callback returns.
    this.#pumpDue = true;
    queueMicrotask(() => {
      this.#pumpDue = false;
      this.pump();
    });
  }

  /** Sends those who wait, as far as replicas are free. */
  pump(): void {
    if (this.#routes.sticky) {
      this.#pumpSticky(this.#host.nowMs());
      return;
    }
    this.#waiting.each((request) => {
      const nowMs = this.#host.nowMs();
      const seat = this.#seatFor(request, nowMs);
      // Another one may be served where this one is not: it avoids a replica, or its client leaves seats to others.
      if (seat === null) return request.avoided !== null || this.#keptFree(request) > 0;
      this.#waiting.serve(request);
      request.send(seat, nowMs);
      return true;
    });
  }

  /**
   * | the request | goes to |
   * |---|---|
   * | is of the random share | a free replica that is drawn, of the split that its sticky key decides where it has one |
   * | has no sticky key | the split whose turn it is by weight |
   * | has one, its split has a free replica | that one |
   * | its split has replicas, none is free | waits for them, `stickyWaitMs` or half of its deadline, whichever is shorter |
   * | it waited so long, or its split has no (other) replica | any other split; counted, and in no unit |
   */
  #seatFor(request: Placed, nowMs: number): Seat | null {
    const split = this.#routes.stickySplit(request);
    const drawn = request.awaitsDraw ? this.#drawFor(request, split, nowMs) : null;
    if (drawn !== null) return drawn;
    const keptFree = this.#keptFree(request);
    if (split < 0) return this.#routes.choose(nowMs, request.avoided, keptFree);
    const own = this.#routes.chooseIn(split, nowMs, request.avoided, keptFree);
    if (own !== null) {
      request.fellBack = false;
      return own;
    }
    if (!this.#mayFallBack(request, split, nowMs)) return null;
    const other = this.#routes.chooseAny(nowMs, request.avoided, keptFree);
    if (other === null) return null;
    request.fellBack = true;
    this.#host.fellBack();
    return other;
  }

  #keptFree({ client }: Placed): number {
    const { replicaConcurrency } = this.#host.settings;
    const held = client.open - client.waiting;
    return seatsKeptFree(this.#host.clients.knownCount, held, replicaConcurrency, this.#routes.replicaCount);
  }

  /** With a single free replica nothing is drawn, and the request is none of the random share. */
  #drawFor(request: Placed, split: number, nowMs: number): Seat | null {
    const draw = this.#routes.draw(split, nowMs, this.#host.random(), this.#keptFree(request));
    if (draw === null || draw.eligible.length < 2) return null;
    request.fellBack = false;
    request.drawn(draw);
    return draw.seat;
  }

  #mayFallBack(request: Placed, split: number, nowMs: number): boolean {
    if (!this.#routes.worthWaiting(split, request.avoided)) return true;
    return nowMs - request.placedMs >= Math.min(this.#host.settings.stickyWaitMs, request.deadlineMs / 2);
  }

  /** As `pump`, where one who waits for its split does not hold up those behind it. */
  #pumpSticky(nowMs: number): void {
    const full = new Set<number>();
    this.#waiting.each((request) => {
      const split = this.#routes.stickySplit(request);
      const fallsBack = this.#mayFallBack(request, split, nowMs);
      if (full.has(split) && !fallsBack) return true;
      const seat = this.#seatFor(request, nowMs);
      if (seat !== null) {
        this.#waiting.serve(request);
        request.send(seat, nowMs);
      } else if (request.avoided === null && this.#keptFree(request) === 0) {
        // Without a key any split would have done, and so would it for one that may fall back.
        if (split < 0 || fallsBack) return false;
        full.add(split);
      }
      return true;
    });
  }
}
