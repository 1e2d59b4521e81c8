import type { Dispatcher } from 'undici';
import type { ReplicaHeaders } from '../admission/message-headers.ts';
import type { WaitingRequest } from '../routes/replica-progress.ts';
import type { Seat } from '../routes/replica.ts';

/** What an attempt tells the exchange that it is made for. Nothing comes after `ended`, `broke` or `abandon()`. */
export interface AttemptListener {
  /** The request begins to leave on a connection. */
  requestBegan?(): void;
  answerStarted(attempt: Attempt, status: number, headers: ReplicaHeaders): void;
  /** False: hold the rest until `attempt.resume()`. */
  answerData(chunk: Buffer): boolean;
  answerEnded(attempt: Attempt): void;
  attemptBroke(attempt: Attempt, error: Error): void;
}

const abandonedError = new Error('the gateway gave this request up');

/** One try of one request on one replica: undici's callbacks, made safe against the ones that come late. */
export class Attempt implements Dispatcher.DispatchHandler {
  readonly seat: Seat;
  /** True once the request has begun to leave for the replica. */
  sent = false;
  readonly #listener: AttemptListener;
  readonly #purpose: 'answers' | 'shadow';
  #controller: Dispatcher.DispatchController | null = null;
  #over = false;
  #status = 0;
  /** Its client was slow to read: somebody else has its seat. It gets none back, so that nobody waits for a seat that was lent twice. */
  isSeatLent = false;
  readonly #waiting: WaitingRequest | null;
  readonly #beganMs: number;

  /** @param waits how long its client waits, and for how much; null where that says nothing of the replica. */
  constructor(
    seat: Seat,
    listener: AttemptListener,
    purpose: 'answers' | 'shadow',
    nowMs: number,
    waits: Omit<WaitingRequest, 'sinceMs'> | null,
  ) {
    this.#beganMs = nowMs;
    this.#waiting = waits === null ? null : { sinceMs: nowMs, ...waits };
    if (this.#waiting !== null) seat.replica.progress.waits(this.#waiting);
    this.seat = seat;
    this.#listener = listener;
    this.#purpose = purpose;
    seat.replica.take(purpose);
    seat.signals.inFlight += 1;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(abandonedError);
    else {
      this.sent = true;
      this.#listener.requestBegan?.();
    }
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ReplicaHeaders): void {
    // Informational answers end at this hop; `100 Continue` is the gateway's own to give.
    if (this.#over || status < 200) return;
    this.#status = status;
    if (this.#waiting !== null && status < 500)
      this.seat.replica.progress.begins(this.#waiting, this.seat.replica.nowMs());
    this.#listener.answerStarted(this, status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#status < 500) this.seat.replica.progress.came(chunk.byteLength);
    if (!this.#over && !this.#listener.answerData(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (!this.#end()) return;
    if (this.#status < 500) {
      this.seat.replica.answers += 1;
      const nowMs = this.seat.replica.nowMs();
      this.seat.replica.progress.finished(nowMs - this.#beganMs, nowMs);
    }
    this.#listener.answerEnded(this);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#end()) this.#listener.attemptBroke(this, error);
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** False where its seat is lent already, or as many of its replica are. */
  lendSeat(atMost: number): boolean {
    const { replica } = this.seat;
    if (this.#over || this.isSeatLent || replica.lentSeats >= atMost) return false;
    this.isSeatLent = true;
    replica.lentSeats += 1;
    return true;
  }

  /** Gives the request up and breaks its connection, so that the replica learns of it. */
  abandon(): void {
    if (this.#end()) this.#controller?.abort(abandonedError);
  }

  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    if (this.#waiting !== null) this.seat.replica.progress.givesUp(this.#waiting, this.seat.replica.nowMs());
    if (this.isSeatLent) this.seat.replica.lentSeats -= 1;
    this.seat.replica.free(this.#purpose);
    this.seat.signals.inFlight -= 1;
    return true;
  }
}
