import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Client } from '../clients/client.ts';
import type { Admitted } from '../admission/admission.ts';
import { Attempt, type AttemptListener } from './attempt.ts';
import { bytesOfRead } from './answer-turns.ts';
import type { ExchangeFacts, ExchangeHost } from './exchange-host.ts';
import { ExchangeTally } from './exchange-tally.ts';
import { addHeadersToClient, type ReplicaHeaders } from '../admission/message-headers.ts';
import type { Placed } from '../routes/placement.ts';
import { writeRefusal } from '../admission/refusal-answer.ts';
import { limitOf, refusals, type RefusalCode } from '../admission/refusal.ts';
import type { DrawnSeat } from '../routes/control-draw.ts';
import type { Replica, Seat } from '../routes/replica.ts';
import { RequestBody, type BodyOwner } from './request-body.ts';
import { requestHeaders } from './request-headers.ts';
import { codeOf, mayRetry } from './retry.ts';
import { lendSeatOfSlowReader } from './slow-reader.ts';

type Stage = 'reading' | 'waiting' | 'sent' | 'answering' | 'over';

/** One request of one client, from its head to the end of its answer. */
export class Exchange implements AttemptListener, BodyOwner, Placed {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly client: Client;
  readonly method: string;
  readonly path: string;
  readonly requestId: string;
  readonly traceparent: string;
  readonly arrivedMs: number;
  /** How long it may take, from its arrival on. */
  readonly deadlineMs: number;
  readonly deadlineAtMs: number;
  /** Its client waits for less than the service does: that it got no answer in time says nothing by itself. */
  readonly isHurried: boolean;
  /** When the present stage has taken too long. */
  dueAtMs: number;
  stage: Stage = 'reading';
  openAt = -1;
  waits = false;
  startTag = 0;
  /** The replica that failed it last. */
  avoided: Replica | null = null;
  stickyPlace = -1;
  stickySalt = -1;
  placedMs = -1;
  askedMs = -1;
  fellBack = false;
  awaitsDraw: boolean;
  readonly #host: ExchangeHost<Exchange>;
  readonly #body: RequestBody;
  readonly #tally: ExchangeTally<Exchange>;
  #attempt: Attempt | null = null;
  #sends = 0;
  #remainingBytes = -1;
  #bodyBegun = false;
  /** Since when its client has not read what was sent; -1 where it has. */
  #behindSinceMs = -1;

  constructor(
    host: ExchangeHost<Exchange>,
    req: IncomingMessage,
    res: ServerResponse,
    admitted: Admitted,
    facts: ExchangeFacts,
  ) {
    this.#host = host;
    this.req = req;
    this.res = res;
    this.client = facts.client;
    this.method = req.method ?? 'GET';
    this.path = admitted.path;
    this.#body = new RequestBody({ req, res }, admitted.bodyBytes, facts.continueFirst, host, this);
    this.requestId = facts.requestId;
    this.traceparent = facts.traceparent;
    this.arrivedMs = facts.arrivedMs;
    this.#tally = new ExchangeTally<Exchange>(this, host, facts.capture, admitted.bodyBytes);
    this.awaitsDraw = facts.capture?.choice.control === true;
    this.deadlineMs = admitted.deadlineMs;
    this.isHurried = admitted.deadlineMs < host.settings.deadlineMs;
    this.deadlineAtMs = facts.arrivedMs + admitted.deadlineMs;
    this.dueAtMs = this.deadlineAtMs;
    res.on('close', () => this.#closed());
  }

  get cost(): number {
    return this.#tally.cost;
  }

  /** Reads the body as far as that is needed, then asks for a place. */
  begin(): void {
    this.#body.begin();
    if (this.stage === 'reading') this.#dueByBody();
  }

  drawn(drawn: DrawnSeat): void {
    this.#tally.drawn(drawn);
  }

  send(seat: Seat, nowMs: number): void {
    this.stage = 'sent';
    this.awaitsDraw = false;
    this.#tally.sent(seat, nowMs);
    if (this.#sends === 0) this.#tally.mirror(this.#body.whole, this.#body.announcedBytes);
    const body = this.#body.open();
    this.#dueByBody();
    const leftMs = Math.max(1, Math.floor(this.deadlineAtMs - nowMs));
    const { whole } = this.#body;
    // A body that still comes, and a client in a hurry, say nothing of the replica.
    const waits = whole === null || this.isHurried ? null : { allowedMs: leftMs, bytes: whole.byteLength };
    const attempt = new Attempt(seat, this, 'answers', nowMs, waits);
    this.#attempt = attempt;
    const headers = requestHeaders(this, this.#body, leftMs, this.#host.withheldHeader);
    seat.replica.pool.dispatch({ path: this.path, method: this.method, headers, body }, attempt);
  }

  requestBegan(): void {
    this.#tally.begun(this.#host.nowMs());
  }

  answerStarted(attempt: Attempt, status: number, headers: ReplicaHeaders): void {
    const passed = ['x-request-id', this.requestId, ...attempt.seat.answerHeaders];
    addHeadersToClient(passed, headers, status);
    attempt.seat.replica.answered();
    this.res.writeHead(status, passed);
    this.stage = 'answering';
    const nowMs = this.#host.nowMs();
    this.dueAtMs = nowMs + this.#host.settings.answerProgressMs;
    const length = headers['content-length'];
    const hasBody = this.method !== 'HEAD' && status !== 204 && status !== 304;
    this.#remainingBytes = typeof length === 'string' && hasBody ? Number(length) : -1;
    this.#tally.answered(status, headers, nowMs);
    this.#host.answered(this, attempt.seat, status, this.#tally.isMissed);
    if (this.#remainingBytes < 0) queueMicrotask(() => this.#flushHead());
  }

  answerData(chunk: Buffer): boolean {
    this.#bodyBegun = true;
    this.client.charge(chunk.byteLength, this.#host.nowMs());
    this.#tally.answerCame(chunk, this.#attempt?.seat);
    this.#host.answerTurns.note(chunk.byteLength);
    if (this.#remainingBytes >= 0) {
      this.#remainingBytes -= chunk.byteLength;
      if (this.#remainingBytes === 0) {
        this.res.end(chunk);
        return true;
      }
    }
    this.dueAtMs = this.#host.nowMs() + this.#host.settings.answerProgressMs;
    if (this.res.write(chunk)) return this.#host.answerTurns.take(chunk.byteLength, this.#resume);
    this.#behindSinceMs = this.#host.nowMs();
    this.res.once('drain', () => this.#drained());
    return false;
  }

  answerEnded(attempt: Attempt): void {
    const nowMs = this.#host.nowMs();
    if (!this.#tally.isMissed) attempt.seat.signals.recordLatency(nowMs - this.arrivedMs);
    if (!this.res.writableEnded) this.res.end();
    this.#attempt = null;
    this.#tally.answerWasWhole(attempt.seat, nowMs, this.#sends === 0);
    this.#body.release();
    this.#host.vacated();
  }

  attemptBroke(attempt: Attempt, error: Error): void {
    this.#attempt = null;
    this.#host.vacated();
    if (codeOf(error) === 'UND_ERR_INVALID_ARG') {
      // undici is stricter than Node's parser about what it sends on: the request is at fault, not the replica.
      this.refuse('framing-invalid', error.message);
      return;
    }
    if (!attempt.sent) this.#host.connectionRefused(attempt.seat.replica, error);
    else this.#sends += 1;
    const failed = this.#tally.broke(attempt.sent, this.#host.nowMs());
    if (this.stage === 'answering') this.#breakOff(attempt.seat, failed);
    else if (this.stage === 'sent') this.#retryOrRefuse(attempt, error);
  }

  /** The present stage took too long; with a body, unless more of it came since `dueAtMs` was set. */
  expire(): void {
    const nowMs = this.#host.nowMs();
    switch (this.stage) {
      case 'reading':
        if (nowMs < this.deadlineAtMs && nowMs < this.#body.dueAtMs) this.#dueByBody();
        else this.refuse('body-stalled');
        return;
      case 'waiting':
        this.refuse('deadline-exceeded');
        return;
      case 'sent':
        this.#sentTooLong(nowMs);
        return;
      case 'answering': {
        const seat = this.#attempt?.seat ?? null;
        const clientReads = !this.res.writableNeedDrain && !this.res.writableEnded;
        this.#breakOff(seat, seat !== null && clientReads);
        return;
      }
      case 'over':
    }
  }

  /**
   * Gives its replica to others that wait for one. A client that does not send what the replica waits for is refused; for
   * one that does not read, see `lendSeatOfSlowReader`. Returns true where a seat came free.
   */
  giveWay(nowMs: number): boolean {
    if (this.stage === 'answering' && this.#behindSinceMs >= 0) return this.#lendSeat(nowMs - this.#behindSinceMs);
    if (this.stage !== 'sent' || !this.#body.isInTheWay(nowMs)) return false;
    this.#fail('body-stalled');
    return true;
  }

  #lendSeat(behindMs: number): boolean {
    const attempt = this.#attempt;
    const seat = lendSeatOfSlowReader(attempt, behindMs, this.#host.settings.replicaConcurrency);
    if (seat === 'lent') this.#host.vacated();
    else if (seat === 'withdrawn') this.#breakOff(attempt?.seat ?? null, false);
    return seat !== 'kept';
  }

  #sentTooLong(nowMs: number): void {
    if (nowMs < this.deadlineAtMs && (nowMs < this.#body.dueAtMs || !this.#body.waitsForClient)) {
      if (nowMs >= this.#body.dueAtMs) this.#body.excuse();
      this.#dueByBody();
    } else if (this.#body.waitsForClient) this.#fail('body-stalled');
    else if (this.isHurried) {
      this.#tally.missed();
      this.refuse('deadline-exceeded');
    } else {
      this.#attempt?.seat.signals.recordLatency(nowMs - this.arrivedMs);
      this.#fail('deadline-exceeded');
    }
  }

  #dueByBody(): void {
    this.dueAtMs = Math.min(this.deadlineAtMs, this.#body.dueAtMs);
  }

  /** Answers instead of a replica. */
  refuse(code: RefusalCode, detail?: string): void {
    if (this.stage === 'over') return;
    this.#stop();
    this.#host.refused(this, code);
    writeRefusal(this.res, code, this.requestId, { detail: detail ?? limitOf(code, this.#host.settings) });
  }

  /** Its place in the queue is for a client that has fewer. */
  pushOut(): void {
    this.client.tally.pushedOut += 1;
    this.refuse('queue-full');
  }

  #fail(code: RefusalCode, detail?: string): void {
    const seat = this.#attempt?.seat;
    const replicaFailed = seat !== undefined && refusals[code].blame === 'replica';
    if (replicaFailed) seat.signals.failed();
    this.#tally.settleUnit(replicaFailed);
    this.refuse(code, detail);
  }

  #retryOrRefuse(attempt: Attempt, error: Error): void {
    const { replayable } = this.#body;
    const errorCode = codeOf(error);
    const { maxSends } = this.#host.settings;
    if (mayRetry({ errorCode, sent: attempt.sent, sends: this.#sends, maxSends, replayable })) {
      this.avoided = attempt.seat.replica;
      this.#tally.retried();
      this.#body.forgetStream();
      this.#host.retrying(this);
      this.#host.place(this);
      return;
    }
    const isMissed = this.#tally.isMissed;
    if (!isMissed) attempt.seat.signals.failed();
    this.refuse(isMissed ? 'deadline-exceeded' : 'replica-broken', isMissed ? undefined : errorCode);
  }

  /** Part of the answer is with the client: the only honest end is a broken connection. */
  #breakOff(seat: Seat | null, replicaFailed: boolean): void {
    if (replicaFailed && seat !== null) seat.signals.errors += 1;
    this.#tally.settleUnit(replicaFailed);
    this.#host.brokeOff(this, replicaFailed);
    this.#stop();
    this.res.destroy();
  }

  #closed(): void {
    if (this.stage !== 'over') {
      if (!this.res.writableFinished) {
        this.#tally.missed();
        this.#host.clientLeft(this);
      } else {
        this.#tally.answerWasWhole(this.#attempt?.seat ?? null, this.#host.nowMs(), this.#sends === 0);
      }
      this.#stop();
    }
    this.#host.closed(this);
  }

  #stop(): void {
    this.stage = 'over';
    this.#tally.stop();
    const attempt = this.#attempt;
    this.#attempt = null;
    attempt?.abandon();
    this.#body.stop();
    if (attempt !== null) this.#host.vacated();
  }

  bodyCame(chunk: Buffer): void {
    const isUnannounced = this.#body.announcedBytes < 0;
    if (isUnannounced) this.client.charge(chunk.byteLength, this.#host.nowMs());
    this.#tally.bodyCame(chunk, isUnannounced);
  }

  bodyReady(): void {
    this.#tally.bodyReady(this.#body.whole);
    this.dueAtMs = this.deadlineAtMs;
    this.#host.place(this);
  }

  bodyEnded(): void {
    this.#tally.excuse(this.#host.nowMs() - this.#tally.sentMs);
  }

  bodyTooLarge(): void {
    this.refuse('body-too-large');
  }

  /** A body of unknown length may be long in coming: its head waits only for what came in the same turn. */
  #flushHead(): void {
    if (this.stage === 'answering' && !this.res.writableEnded && !this.#bodyBegun) this.res.flushHeaders();
  }

  readonly #resume = (): void => this.#attempt?.resume();

  #drained(): void {
    const nowMs = this.#host.nowMs();
    this.dueAtMs = nowMs + this.#host.settings.answerProgressMs;
    this.#tally.excuse(nowMs - this.#behindSinceMs);
    this.#behindSinceMs = -1;
    if (this.#host.answerTurns.take(bytesOfRead, this.#resume)) this.#resume();
  }
}
