import type { AnswerLimits } from '../../core/contract/objective/answer-limits.ts';
import type { CapturedExchange } from '../capture/captured-exchange.ts';
import type { Client } from '../clients/client.ts';
import type { RefusalCode } from '../admission/refusal.ts';
import type { Replica, Seat } from '../routes/replica.ts';
import type { GatewaySettings } from '../settings.ts';
import type { MirrorCandidate } from '../shadow/shadow.ts';
import type { RequestMarks } from '../signals/phase-tally.ts';
import type { RequestWork, WorkTally } from '../signals/work-tally.ts';
import type { UnitPart } from '../canary/units.ts';
import type { AnswerTurns } from './answer-turns.ts';
import type { AnswerTail } from './answer-tail.ts';

/** A whole answer of a replica. */
export interface WholeAnswer extends RequestWork {
  readonly status: number;
  /** How long its replica had it. */
  readonly serviceMs: number;
  /** Its replica was still in its warm-up when it was sent. */
  readonly isCold: boolean;
  /** Null for one that was sent more than once. */
  readonly marks: RequestMarks | null;
}

/** What is known of an exchange once it is admitted. */
export interface ExchangeFacts {
  readonly client: Client;
  readonly requestId: string;
  readonly traceparent: string;
  readonly arrivedMs: number;
  readonly continueFirst: boolean;
  readonly capture: CapturedExchange | null;
}

/** What an exchange (`E`) needs of the gateway around it. */
export interface ExchangeHost<E> {
  readonly settings: GatewaySettings;
  /** Begins to count a request for the judge; null while no step is judged, or where this request is in neither arm. */
  beginUnit(exchange: E, seat: Seat): UnitPart | null;
  /** Keeps what a copy for the shadow needs; null for a request that is not mirrored. */
  beginMirror(exchange: E, body: Buffer | null, bodyBytes: number): MirrorCandidate | null;
  /** `authorization` when the gateway checked the key itself, so that it goes no further. */
  readonly withheldHeader: string | null;
  /** What an answer has to keep; null where the contract promises no latency. */
  readonly answerLimits: AnswerLimits | null;
  /** Null where answers of the protocol tell no tokens. */
  makeAnswerTail(): AnswerTail | null;
  readonly answerTurns: AnswerTurns;
  nowMs(): number;
  /** Takes a part of the memory for held bodies; false when there is none left. */
  reserve(bytes: number): boolean;
  free(bytes: number): void;
  /** Everything that is needed to send is there: find a replica, or wait for one. */
  place(exchange: E): void;
  /** An attempt is over; its place is free for somebody who waits. */
  vacated(): void;
  refused(exchange: E, code: RefusalCode): void;
  /** The answer had begun and cannot be ended. */
  brokeOff(exchange: E, replicaFailed: boolean): void;
  clientLeft(exchange: E): void;
  /** @param isMissed its client's own shorter deadline was missed: that is no failure. */
  answered(exchange: E, seat: Seat, status: number, isMissed: boolean): void;
  /** Whether the times of a replica are those of its warm-up still. */
  isCold(replica: Replica, nowMs: number): boolean;
  /** Counts work as it arrives. */
  readonly work: WorkTally;
  /** Rows of a request of the protocol; 0 where it tells none. */
  rowsOf(body: Buffer): number;
  completed(replica: Replica, answer: WholeAnswer): void;
  connectionRefused(replica: Replica, error: Error): void;
  retrying(exchange: E): void;
  closed(exchange: E): void;
}
