import { isClientMiss } from '../../core/rollout/judge/client-miss.ts';
import { requestCost } from '../../core/access/shares/fair-order.ts';
import { isInsideObjective } from '../../core/contract/objective/answer-limits.ts';
import type { ReplicaHeaders } from '../admission/message-headers.ts';
import type { UnitPart } from '../canary/units.ts';
import type { CapturedExchange } from '../capture/captured-exchange.ts';
import type { DrawnSeat } from '../routes/control-draw.ts';
import type { Replica, Seat } from '../routes/replica.ts';
import type { MirrorCandidate, Mirrored } from '../shadow/shadow.ts';
import type { RequestMarks } from '../signals/phase-tally.ts';
import type { AnswerTail } from './answer-tail.ts';
import type { ExchangeHost } from './exchange-host.ts';

/** What a tally asks its exchange (`E`). */
interface TalliedExchange extends Mirrored {
  readonly placedMs: number;
  readonly isHurried: boolean;
}

/** What one exchange is counted and kept for: a unit of the judge, a copy for the shadow, a capture, the work of its replica. */
export class ExchangeTally<E extends TalliedExchange> {
  /** Of the request; 0 where its protocol tells none. */
  rows = 0;
  readonly #exchange: E;
  readonly #host: ExchangeHost<E>;
  /** Null for a request that is not captured, and once it was handed on. */
  #capture: CapturedExchange | null;
  #unit: UnitPart | null = null;
  #mirror: MirrorCandidate | null = null;
  /** An answer of events, such as tokens, whose first bytes are waited for. */
  #firstBytesAwaited = false;
  /** From arrival to the first bytes of a streamed answer; null for every other one. */
  #ttftMs: number | null = null;
  /** Null where answers tell no tokens. */
  #tail: AnswerTail | null = null;
  #status = 0;
  #isMissed = false;
  /** Of the body: as announced, or as they came. */
  #bodyBytes: number;
  /** When its replica was given it, and whether that was warm; -1 while there is nothing to complete. */
  #sentMs = -1;
  #sentCold = false;
  #begunMs = -1;
  #answeredMs = -1;

  /** @param announcedBytes of its body; -1 where it does not say. */
  constructor(exchange: E, host: ExchangeHost<E>, capture: CapturedExchange | null, announcedBytes: number) {
    this.#exchange = exchange;
    this.#host = host;
    this.#capture = capture;
    this.#bodyBytes = Math.max(0, announcedBytes);
    host.work.bytesArrived += this.#bodyBytes;
  }

  get cost(): number {
    return requestCost(this.rows, this.#bodyBytes);
  }

  /** When its replica was given it last; -1 before that. */
  get sentMs(): number {
    return this.#sentMs;
  }

  /** Its client's own shorter deadline was missed: that counts against nothing. */
  get isMissed(): boolean {
    return this.#isMissed;
  }

  drawn({ seat, eligible }: DrawnSeat): void {
    this.#capture?.drawn(seat, eligible);
  }

  sent(seat: Seat, nowMs: number): void {
    this.#sentMs = nowMs;
    if (seat.replica.requests === 0) seat.replica.firstSentMs(nowMs);
    this.#sentCold = this.#host.isCold(seat.replica, nowMs);
    this.#capture?.sent(seat);
    this.#unit = this.#host.beginUnit(this.#exchange, seat);
  }

  /** Once, with its first attempt. @param body null where it is not held whole. */
  mirror(body: Buffer | null, announcedBytes: number): void {
    this.#mirror ??= this.#host.beginMirror(this.#exchange, body, announcedBytes);
  }

  retried(): void {
    this.#capture?.retried();
  }

  begun(nowMs: number): void {
    this.#begunMs = nowMs;
  }

  /** A part of the request. @param isUnannounced counts as it comes. */
  bodyCame(chunk: Buffer, isUnannounced: boolean): void {
    if (isUnannounced) {
      this.#bodyBytes += chunk.byteLength;
      this.#host.work.bytesArrived += chunk.byteLength;
    }
    this.#capture?.request.keep(chunk);
  }

  /** All of the request that has to be held is there. @param whole null where it is streamed. */
  bodyReady(whole: Buffer | null): void {
    if (whole !== null) this.rows = this.#host.rowsOf(whole);
    this.#host.work.rowsArrived += this.rows;
  }

  answered(status: number, headers: ReplicaHeaders, nowMs: number): void {
    this.#answeredMs = nowMs;
    this.#capture?.answered(status, headers);
    this.#status = status;
    this.#isMissed = this.#missesBy(status, nowMs);
    this.#firstBytesAwaited = status < 400 && isEventStream(headers['content-type']);
    this.#tail = this.#host.makeAnswerTail();
    this.#mirror?.answered(status, headers);
  }

  /** A part of the answer. */
  answerCame(chunk: Buffer, seat: Seat | undefined): void {
    if (this.#firstBytesAwaited) {
      this.#firstBytesAwaited = false;
      this.#ttftMs = this.#host.nowMs() - this.#exchange.arrivedMs;
      seat?.signals.recordFirstBytes(this.#ttftMs);
    }
    this.#capture?.response.keep(chunk);
    this.#tail?.keep(chunk);
    this.#mirror?.keep(chunk);
  }

  /** How long a client takes to send and to read is no time of the release. */
  excuse(ms: number): void {
    this.#unit?.excuse(ms);
  }

  /**
   * All of the answer is with the client.
   * @param seat null where its replica is not known any more.
   * @param isFirstAttempt false: the times are those of several attempts.
   */
  answerWasWhole(seat: Seat | null, nowMs: number, isFirstAttempt: boolean): void {
    if (this.#sentMs >= 0) {
      if (seat !== null) this.#countAnswer(seat.replica, nowMs, isFirstAttempt);
      this.#sentMs = -1;
    }
    if (this.#isMissed) this.#unit?.missed();
    else this.#unit?.answered(this.#status, nowMs);
    this.#unit = null;
    this.#mirror?.whole(this.#exchange);
    this.#mirror = null;
    this.#finishCapture(true);
  }

  /** Ends what this attempt is for the judge: an error of its release, or nothing that the release did. */
  settleUnit(replicaFailed: boolean): void {
    if (this.#isMissed) this.#unit?.missed();
    else if (replicaFailed) this.#unit?.failed();
    else this.#unit?.left();
    this.#unit = null;
  }

  /** The connection to its replica broke. @returns whether that is an error of the replica. */
  broke(wasSent: boolean, nowMs: number): boolean {
    this.#isMissed = wasSent && this.#missesBy(null, nowMs);
    const replicaFailed = wasSent && !this.#isMissed;
    this.settleUnit(replicaFailed);
    return replicaFailed;
  }

  /** Its client gave it up while a replica had it. */
  missed(): void {
    this.#isMissed = true;
    this.settleUnit(false);
  }

  /** Nothing more comes. */
  stop(): void {
    this.#finishCapture(false);
    this.settleUnit(false);
    this.#mirror?.forget();
    this.#mirror = null;
  }

  #missesBy(status: number | null, nowMs: number): boolean {
    const { isHurried, arrivedMs, deadlineMs } = this.#exchange;
    return isHurried && isClientMiss({ status, tookMs: nowMs - arrivedMs, deadlineMs });
  }

  #countAnswer(replica: Replica, nowMs: number, isFirstAttempt: boolean): void {
    const answer = { status: this.#status, latencyMs: nowMs - this.#exchange.arrivedMs, ttftMs: this.#ttftMs };
    if (isInsideObjective(answer, this.#host.answerLimits)) replica.inside += 1;
    const tokens = this.#status < 400 ? (this.#tail?.usage() ?? null) : null;
    replica.tokens += tokens?.out ?? 0;
    const work = { bytes: this.#bodyBytes, rows: this.rows, tokens };
    const times = { serviceMs: nowMs - this.#sentMs, isCold: this.#sentCold };
    const marks = isFirstAttempt ? this.#marksUntil(nowMs) : null;
    this.#host.completed(replica, { status: this.#status, marks, ...times, ...work });
    this.#tail = null;
  }

  #marksUntil(endedMs: number): RequestMarks | null {
    if (this.#begunMs < 0) return null;
    const { arrivedMs, placedMs } = this.#exchange;
    const [sentMs, begunMs, answeredMs] = [this.#sentMs, this.#begunMs, this.#answeredMs];
    return { arrivedMs, placedMs, sentMs, begunMs, answeredMs, endedMs };
  }

  #finishCapture(complete: boolean): void {
    this.#capture?.finish(complete);
    this.#capture = null;
  }
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html: what engines stream tokens as. */
function isEventStream(contentType: string | string[] | undefined): boolean {
  return typeof contentType === 'string' && contentType.startsWith('text/event-stream');
}
