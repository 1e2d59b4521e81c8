import type { Dispatcher } from 'undici';
import { Attempt, type AttemptListener } from '../exchange/attempt.ts';
import type { ReplicaHeaders } from '../admission/message-headers.ts';
import type { Seat } from '../routes/replica.ts';
import type { HeldAnswer } from './shadow-answer.ts';
import type { UnitPart } from '../canary/units.ts';

export type ShadowOutcome =
  | { readonly answer: HeldAnswer; readonly tooLong: boolean }
  /** There is no answer to compare. */
  | { readonly skipped: string };

export interface ShadowRequestParts {
  readonly seat: Seat;
  readonly unit: UnitPart | null;
  readonly answerBytesAtMost: number;
  readonly dueAtMs: number;
  nowMs(): number;
  /** Called exactly once, unless the request is abandoned. */
  ended(outcome: ShadowOutcome): void;
}

/** One mirrored request on a replica of the shadow: nobody waits for it, and it is never tried twice. */
export class ShadowRequest implements AttemptListener {
  readonly dueAtMs: number;
  readonly #parts: ShadowRequestParts;
  readonly #attempt: Attempt;
  #unit: UnitPart | null;
  #status = 0;
  #headerLength: string | undefined;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(parts: ShadowRequestParts) {
    this.#parts = parts;
    this.dueAtMs = parts.dueAtMs;
    this.#unit = parts.unit;
    this.#attempt = new Attempt(parts.seat, this, 'shadow', parts.seat.replica.nowMs(), null);
  }

  send(request: Dispatcher.DispatchOptions): void {
    this.#parts.seat.replica.pool.dispatch(request, this.#attempt);
  }

  answerStarted(attempt: Attempt, status: number, headers: ReplicaHeaders): void {
    attempt.seat.replica.answered();
    this.#status = status;
    const length = headers['inference-header-content-length'];
    this.#headerLength = typeof length === 'string' ? length : undefined;
  }

  answerData(chunk: Buffer): boolean {
    this.#bytes += chunk.byteLength;
    if (this.#bytes <= this.#parts.answerBytesAtMost) {
      this.#chunks.push(Buffer.from(chunk));
      return true;
    }
    this.#chunks = [];
    // It answered; by how much longer it would have gone on is not waited for.
    this.#unit?.answered(this.#status, this.#parts.nowMs());
    this.#end({ answer: this.#held(), tooLong: true });
    this.#attempt.abandon();
    return true;
  }

  answerEnded(): void {
    this.#unit?.answered(this.#status, this.#parts.nowMs());
    this.#end({ answer: this.#held(), tooLong: false });
  }

  attemptBroke(attempt: Attempt): void {
    if (attempt.sent) this.#unit?.failed();
    else {
      this.#unit?.left();
      attempt.seat.replica.refused(this.#parts.nowMs(), 0);
    }
    this.#end({ skipped: attempt.sent ? 'shadow-broke' : 'shadow-unreachable' });
  }

  /** Its deadline passed. */
  expire(): void {
    this.#unit?.failed();
    this.#end({ skipped: 'shadow-late' });
    this.#attempt.abandon();
  }

  /** It is not of interest any more. */
  abandon(): void {
    this.#unit?.left();
    this.#unit = null;
    this.#chunks = [];
    this.#attempt.abandon();
  }

  #held(): HeldAnswer {
    return { status: this.#status, headerLength: this.#headerLength, body: Buffer.concat(this.#chunks) };
  }

  #end(outcome: ShadowOutcome): void {
    this.#unit = null;
    this.#parts.ended(outcome);
  }
}
