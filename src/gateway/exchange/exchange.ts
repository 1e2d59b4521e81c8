import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestCost } from '../../core/access/shares/fair-order.ts';
import type { Client } from '../clients/client.ts';
import type { Admitted } from '../admission/admission.ts';
import { isInsideObjective } from '../../core/contract/answer-limits.ts';
import type { AnswerTail } from './answer-tail.ts';
import { Attempt, type AttemptListener } from './attempt.ts';
import type { CapturedExchange } from '../capture/captured-exchange.ts';
import { bytesOfRead } from './answer-turns.ts';
import type { ExchangeHost } from './exchange-host.ts';
import { addHeadersToClient, addHeadersToReplica, type ReplicaHeaders } from '../admission/message-headers.ts';
import type { Placed } from '../routes/placement.ts';
import { writeRefusal } from '../admission/refusal-answer.ts';
import { limitOf, refusals, type RefusalCode } from '../admission/refusal.ts';
import type { DrawnSeat } from '../routes/control-draw.ts';
import type { Replica, Seat } from '../routes/replica.ts';
import { RequestBody, type BodyOwner } from './request-body.ts';
import { mayRetry } from './retry.ts';
import type { MirrorCandidate } from '../shadow/shadow.ts';
import type { RequestMarks } from '../signals/phase-tally.ts';
import type { UnitPart } from '../canary/units.ts';

type Stage = 'reading' | 'waiting' | 'sent' | 'answering' | 'over';

/** A client that reads at all has read a full buffer by then. */
const lendAfterMs = 100;
const slowReaderMs = 1_000;

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
  readonly deadlineAtMs: number;
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
  #attempt: Attempt | null = null;
  #sends = 0;
  #remainingBytes = -1;
  #bodyBegun = false;
  /** An answer of events, such as tokens, whose first bytes are waited for. */
  #firstBytesAwaited = false;
  /** From arrival to the first bytes of a streamed answer; null for every other one. */
  #ttftMs: number | null = null;
  /** Null where answers tell no tokens. */
  #tail: AnswerTail | null = null;
  /** Null for a request that is not captured, and once it was handed on. */
  #capture: CapturedExchange | null;
  #status = 0;
  /** Of its body: as announced, or as they came; 0 rows where it tells none. */
  #workBytes: number;
  #rows = 0;
  /** When its replica was given it, and whether that was warm; -1 while there is nothing to complete. */
  #sentMs = -1;
  #sentCold = false;
  #begunMs = -1;
  #answeredMs = -1;
  #unit: UnitPart | null = null;
  #mirror: MirrorCandidate | null = null;
  /** Since when its client has not read what was sent; -1 where it has. */
  #behindSinceMs = -1;

  constructor(
    host: ExchangeHost<Exchange>,
    req: IncomingMessage,
    res: ServerResponse,
    admitted: Admitted,
    facts: {
      client: Client;
      requestId: string;
      traceparent: string;
      arrivedMs: number;
      continueFirst: boolean;
      capture: CapturedExchange | null;
    },
  ) {
    this.#host = host;
    this.req = req;
    this.res = res;
    this.client = facts.client;
    this.method = req.method ?? 'GET';
    this.path = admitted.path;
    this.#body = new RequestBody({ req, res }, admitted.bodyBytes, facts.continueFirst, host, this);
    this.#workBytes = Math.max(0, admitted.bodyBytes);
    host.work.bytesArrived += this.#workBytes;
    this.requestId = facts.requestId;
    this.traceparent = facts.traceparent;
    this.arrivedMs = facts.arrivedMs;
    this.#capture = facts.capture;
    this.awaitsDraw = facts.capture?.choice.control === true;
    this.deadlineAtMs = facts.arrivedMs + admitted.deadlineMs;
    this.dueAtMs = this.deadlineAtMs;
    res.on('close', () => this.#closed());
  }

  get cost(): number {
    return requestCost(this.#rows, this.#workBytes);
  }

  /** Reads the body as far as that is needed, then asks for a place. */
  begin(): void {
    this.#body.begin();
    if (this.stage === 'reading') this.#dueByBody();
  }

  drawn({ seat, eligible }: DrawnSeat): void {
    this.#capture?.drawn(seat, eligible);
  }

  send(seat: Seat, nowMs: number): void {
    this.stage = 'sent';
    this.awaitsDraw = false;
    this.#sentMs = nowMs;
    if (seat.replica.requests === 0) seat.replica.firstSentMs(nowMs);
    this.#sentCold = this.#host.isCold(seat.replica, nowMs);
    this.#capture?.sent(seat);
    this.#unit = this.#host.beginUnit(this, seat);
    if (this.#sends === 0 && this.#mirror === null) {
      this.#mirror = this.#host.beginMirror(this, this.#body.whole, this.#body.announcedBytes);
    }
    const body = this.#body.open();
    this.#dueByBody();
    const attempt = new Attempt(seat, this, 'answers');
    this.#attempt = attempt;
    seat.replica.pool.dispatch(
      { path: this.path, method: this.method, headers: this.#requestHeaders(), body },
      attempt,
    );
  }

  requestBegan(): void {
    this.#begunMs = this.#host.nowMs();
  }

  answerStarted(attempt: Attempt, status: number, headers: ReplicaHeaders): void {
    const passed = ['x-request-id', this.requestId, ...attempt.seat.answerHeaders];
    addHeadersToClient(passed, headers, status);
    attempt.seat.replica.answered();
    this.res.writeHead(status, passed);
    this.stage = 'answering';
    this.#answeredMs = this.#host.nowMs();
    this.dueAtMs = this.#answeredMs + this.#host.settings.answerProgressMs;
    const length = headers['content-length'];
    const hasBody = this.method !== 'HEAD' && status !== 204 && status !== 304;
    this.#remainingBytes = typeof length === 'string' && hasBody ? Number(length) : -1;
    this.#capture?.answered(status, headers);
    this.#status = status;
    this.#firstBytesAwaited = status < 400 && isEventStream(headers['content-type']);
    this.#tail = this.#host.makeAnswerTail();
    this.#mirror?.answered(status, headers);
    this.#host.answered(this, attempt.seat, status);
    if (this.#remainingBytes < 0) queueMicrotask(() => this.#flushHead());
  }

  answerData(chunk: Buffer): boolean {
    this.#bodyBegun = true;
    this.client.charge(chunk.byteLength, this.#host.nowMs());
    if (this.#firstBytesAwaited) {
      this.#firstBytesAwaited = false;
      this.#ttftMs = this.#host.nowMs() - this.arrivedMs;
      this.#attempt?.seat.signals.recordFirstBytes(this.#ttftMs);
    }
    this.#capture?.response.keep(chunk);
    this.#tail?.keep(chunk);
    this.#mirror?.keep(chunk);
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
    attempt.seat.signals.recordLatency(nowMs - this.arrivedMs);
    if (!this.res.writableEnded) this.res.end();
    this.#attempt = null;
    this.#answerWasWhole(attempt.seat, nowMs);
    this.#finishCapture(true);
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
    this.#settleUnit(attempt.sent);
    if (this.stage === 'answering') this.#breakOff(attempt.seat, true);
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
      case 'answering':
        this.#answerStoodStill();
        return;
      case 'over':
    }
  }

  /**
   * Gives its replica to others that wait for one:
   *
   * | its client | then |
   * |---|---|
   * | does not send what the replica waits for | the request is refused |
   * | has not read what was sent for `lendAfterMs` | its seat is lent for the rest of its answer |
   * | the same, for `slowReaderMs`, and the replica has no seat left to lend | the answer is broken off |
   *
   * Returns true where a seat came free.
   */
  giveWay(nowMs: number): boolean {
    if (this.stage === 'answering' && this.#behindSinceMs >= 0) return this.#lendSeat(nowMs - this.#behindSinceMs);
    if (this.stage !== 'sent' || !this.#body.isInTheWay(nowMs)) return false;
    this.#fail('body-stalled');
    return true;
  }

  #lendSeat(behindMs: number): boolean {
    const attempt = this.#attempt;
    if (attempt === null || attempt.isSeatLent || behindMs < lendAfterMs) return false;
    if (attempt.lendSeat(this.#host.settings.replicaConcurrency)) this.#host.vacated();
    else if (behindMs >= slowReaderMs) this.#breakOff(attempt.seat, false);
    else return false;
    return true;
  }

  #sentTooLong(nowMs: number): void {
    if (nowMs < this.deadlineAtMs && (nowMs < this.#body.dueAtMs || !this.#body.waitsForClient)) {
      if (nowMs >= this.#body.dueAtMs) this.#body.excuse();
      this.#dueByBody();
    } else if (this.#body.waitsForClient) this.#fail('body-stalled');
    else if (this.#isHurried()) this.refuse('deadline-exceeded');
    else {
      this.#attempt?.seat.signals.recordLatency(nowMs - this.arrivedMs);
      this.#fail('deadline-exceeded');
    }
  }

  /** Its client waits for less than what is promised: that it got no answer says nothing of the release. */
  #isHurried(): boolean {
    const { settings, answerLimits } = this.#host;
    return this.deadlineAtMs - this.arrivedMs < Math.min(settings.deadlineMs, answerLimits?.latencyMs ?? Infinity);
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
    this.#settleUnit(replicaFailed);
    this.refuse(code, detail);
  }

  #retryOrRefuse(attempt: Attempt, error: Error): void {
    const { replayable } = this.#body;
    const errorCode = codeOf(error);
    const { maxSends } = this.#host.settings;
    if (mayRetry({ errorCode, sent: attempt.sent, sends: this.#sends, maxSends, replayable })) {
      this.avoided = attempt.seat.replica;
      this.#capture?.retried();
      this.#body.forgetStream();
      this.#host.retrying(this);
      this.#host.place(this);
      return;
    }
    attempt.seat.signals.failed();
    this.refuse('replica-broken', errorCode);
  }

  /** Part of the answer is with the client: the only honest end is a broken connection. */
  #breakOff(seat: Seat | null, replicaFailed: boolean): void {
    if (replicaFailed && seat !== null) seat.signals.errors += 1;
    this.#settleUnit(replicaFailed);
    this.#host.brokeOff(this, replicaFailed);
    this.#stop();
    this.res.destroy();
  }

  #answerStoodStill(): void {
    const seat = this.#attempt?.seat ?? null;
    const clientReads = !this.res.writableNeedDrain && !this.res.writableEnded;
    this.#breakOff(seat, seat !== null && clientReads);
  }

  #closed(): void {
    if (this.stage !== 'over') {
      if (!this.res.writableFinished) this.#host.clientLeft(this);
      else {
        this.#answerWasWhole(this.#attempt?.seat ?? null, this.#host.nowMs());
        this.#finishCapture(true);
      }
      this.#stop();
    }
    this.#host.closed(this);
  }

  #answerWasWhole(seat: Seat | null, nowMs: number): void {
    if (this.#sentMs >= 0) {
      if (seat !== null) this.#countAnswer(seat.replica, nowMs);
      this.#sentMs = -1;
    }
    this.#unit?.answered(this.#status, nowMs);
    this.#unit = null;
    this.#mirror?.whole(this);
    this.#mirror = null;
  }

  #countAnswer(replica: Replica, nowMs: number): void {
    const answer = { status: this.#status, latencyMs: nowMs - this.arrivedMs, ttftMs: this.#ttftMs };
    if (isInsideObjective(answer, this.#host.answerLimits)) replica.inside += 1;
    const tokens = this.#status < 400 ? (this.#tail?.usage() ?? null) : null;
    replica.tokens += tokens?.out ?? 0;
    const work = { bytes: this.#workBytes, rows: this.#rows, tokens };
    const times = { serviceMs: nowMs - this.#sentMs, isCold: this.#sentCold };
    this.#host.completed(replica, { status: this.#status, marks: this.#marksUntil(nowMs), ...times, ...work });
    this.#tail = null;
  }

  #marksUntil(endedMs: number): RequestMarks | null {
    if (this.#sends > 0 || this.#begunMs < 0) return null;
    const { arrivedMs, placedMs } = this;
    const [sentMs, begunMs, answeredMs] = [this.#sentMs, this.#begunMs, this.#answeredMs];
    return { arrivedMs, placedMs, sentMs, begunMs, answeredMs, endedMs };
  }

  /** Ends what this attempt is for the judge: an error of its release, or nothing that the release did. */
  #settleUnit(replicaFailed: boolean): void {
    if (replicaFailed) this.#unit?.failed();
    else this.#unit?.left();
    this.#unit = null;
  }

  #finishCapture(complete: boolean): void {
    this.#capture?.finish(complete);
    this.#capture = null;
  }

  #stop(): void {
    this.stage = 'over';
    this.#finishCapture(false);
    this.#settleUnit(false);
    this.#mirror?.forget();
    this.#mirror = null;
    const attempt = this.#attempt;
    this.#attempt = null;
    attempt?.abandon();
    this.#body.stop();
    if (attempt !== null) this.#host.vacated();
  }

  bodyCame(chunk: Buffer): void {
    if (this.#body.announcedBytes < 0) this.#grow(chunk.byteLength);
    this.#capture?.request.keep(chunk);
  }

  bodyReady(): void {
    const { whole } = this.#body;
    if (whole !== null) this.#rows = this.#host.rowsOf(whole);
    this.#host.work.rowsArrived += this.#rows;
    this.dueAtMs = this.deadlineAtMs;
    this.#host.place(this);
  }

  bodyEnded(): void {
    // How long a client takes to send is no time of the release.
    this.#unit?.excuse(this.#host.nowMs() - this.#sentMs);
  }

  bodyTooLarge(): void {
    this.refuse('body-too-large');
  }

  /** A body of unknown length counts as it comes. */
  #grow(bytes: number): void {
    this.client.charge(bytes, this.#host.nowMs());
    this.#workBytes += bytes;
    this.#host.work.bytesArrived += bytes;
  }

  #requestHeaders(): string[] {
    const { req } = this;
    const leftMs = Math.max(1, Math.floor(this.deadlineAtMs - this.#sentMs));
    const headers = [
      'x-request-id',
      this.requestId,
      'traceparent',
      this.traceparent,
      'plimsoll-deadline-ms',
      String(leftMs),
    ];
    const { isStreamed, announcedBytes } = this.#body;
    if (isStreamed && announcedBytes > 0) headers.push('content-length', String(announcedBytes));
    addHeadersToReplica(headers, req.rawHeaders, req.headers.connection, this.#host.withheldHeader);
    return headers;
  }

  /** A body of unknown length may be long in coming: its head waits only for what came in the same turn. */
  #flushHead(): void {
    if (this.stage === 'answering' && !this.res.writableEnded && !this.#bodyBegun) this.res.flushHeaders();
  }

  readonly #resume = (): void => this.#attempt?.resume();

  #drained(): void {
    const nowMs = this.#host.nowMs();
    this.dueAtMs = nowMs + this.#host.settings.answerProgressMs;
    this.#unit?.excuse(nowMs - this.#behindSinceMs);
    this.#behindSinceMs = -1;
    if (this.#host.answerTurns.take(bytesOfRead, this.#resume)) this.#resume();
  }
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html: what engines stream tokens as. */
function isEventStream(contentType: string | string[] | undefined): boolean {
  return typeof contentType === 'string' && contentType.startsWith('text/event-stream');
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
