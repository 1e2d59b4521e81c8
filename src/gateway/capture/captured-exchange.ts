import type { ControlDraw, EligibleReplica } from '../../core/monitoring/samples/sample.ts';
import type { ReplicaHeaders } from '../admission/message-headers.ts';
import type { Seat } from '../routes/replica.ts';
import type { CaptureChoice } from './capture-choice.ts';
import type { CaptureSink } from './capture-sink.ts';
import { CapturedBody } from './captured-body.ts';

/** What is known of a request when it was chosen. */
export interface CapturedArrival {
  readonly requestId: string;
  readonly arrivedMs: number;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly headers: ReplicaHeaders;
  readonly stickyKey: string | null;
}

export interface CaptureHost {
  readonly sink: CaptureSink;
  readonly maxBodyBytes: number;
  nowMs(): number;
  /** The same moment by the wall clock. */
  wallMs(): number;
}

const noHeaders: ReplicaHeaders = {};

/** One request that was chosen at its arrival, until its answer is over. */
export class CapturedExchange {
  readonly request: CapturedBody;
  readonly response: CapturedBody;
  readonly choice: CaptureChoice;
  readonly #arrival: CapturedArrival;
  readonly #host: CaptureHost;
  /** Who was asked last. */
  #asked: Seat | null = null;
  #isAnswered = false;
  #status = 0;
  #headers = noHeaders;
  #draw: { readonly eligible: readonly EligibleReplica[]; readonly drawn: string } | null = null;
  #outcome: ControlDraw['outcome'] = 'missing';

  constructor(choice: CaptureChoice, arrival: CapturedArrival, host: CaptureHost) {
    this.choice = choice;
    this.#arrival = arrival;
    this.#host = host;
    this.request = new CapturedBody(host.maxBodyBytes);
    this.response = new CapturedBody(host.maxBodyBytes);
  }

  /** It is sent to a replica that was drawn. */
  drawn(seat: Seat, eligible: readonly EligibleReplica[]): void {
    this.#draw = { eligible, drawn: seat.replica.replicaId };
  }

  sent(seat: Seat): void {
    this.#asked = seat;
  }

  /** The replica broke before any of the answer was sent, and another is asked. */
  retried(): void {
    this.#outcome = 'retried';
  }

  answered(status: number, headers: ReplicaHeaders): void {
    this.#isAnswered = true;
    this.#status = status;
    this.#headers = headers;
    if (this.#outcome === 'missing') this.#outcome = 'answered';
  }

  /** Hands it on, where it was sampled or drawn. One that no replica was given says nothing of a release. */
  finish(complete: boolean): void {
    const asked = this.#asked;
    const draw = this.#draw;
    if (asked === null || (draw === null && !this.choice.sampled)) return;
    const { requestId, arrivedMs, method, path, headers, stickyKey } = this.#arrival;
    const latencyMs = this.#host.nowMs() - arrivedMs;
    this.#host.sink.offer({
      requestId,
      arrivedAtMs: this.#host.wallMs() - latencyMs,
      release: asked.release,
      modelVersion: asked.signals.modelVersion,
      replicaId: this.#isAnswered ? asked.replica.replicaId : null,
      method,
      path,
      status: this.#status,
      latencyMs,
      sampled: this.choice.sampled,
      control: draw === null ? null : { ...draw, outcome: this.#outcome },
      stickyKey,
      request: { headers, body: this.request },
      response: { headers: this.#headers, body: this.response },
      complete: complete && this.#isAnswered,
    });
  }
}
