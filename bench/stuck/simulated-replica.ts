import type { GatewayReport } from '../../src/schemas/gateway/gateway-report.ts';

type Progress = NonNullable<GatewayReport['replicas'][number]['progress']>;

interface Request {
  readonly sentMs: number;
  readonly allowedMs: number;
  readonly isProbe: boolean;
  leftMs: number;
  isGivenUp: boolean;
}

/** Answers probes alone, or nothing. */
export type Hang = 'all' | 'all-but-probes';

/**
 * A server that works on one request after the other and does not notice when a client leaves, behind a gateway that gives requests up at
 * their deadline. It is the worst case: nothing shows that one long answer goes on, and abandoned work stands before new work.
 */
export class SimulatedReplica {
  /** Counts finished batches; a server without metrics does not tell them. */
  batches = 0;
  /** Milliseconds in which a client's request was with it. */
  busyMs = 0;
  lost = 0;
  hang: Hang | null = null;
  #queue: Request[] = [];
  readonly #counts = { bytes: 0, finished: 0, givenUp: 0, longestMs: 0 };
  readonly #tookMs: number[] = [];

  /** Requests with it, those that were given up left out. */
  get outstanding(): number {
    return this.#queue.filter(({ isGivenUp, isProbe }) => !isGivenUp && !isProbe).length;
  }

  send(request: { sentMs: number; serviceMs: number; allowedMs: number; isProbe?: boolean }): void {
    const { sentMs, serviceMs, allowedMs, isProbe = false } = request;
    this.#queue.push({ sentMs, allowedMs, isProbe, leftMs: serviceMs, isGivenUp: false });
  }

  /** Times of probes that were answered since the last call. */
  takeProbes(): readonly number[] {
    return this.#tookMs.splice(0);
  }

  run(nowMs: number, stepMs: number): void {
    const isWaitedFor = this.outstanding > 0;
    let leftMs = stepMs;
    while (leftMs > 0) {
      const index = this.#queue.findIndex(
        ({ isProbe }) => this.hang === null || (this.hang === 'all-but-probes' && isProbe),
      );
      const request = this.#queue[index];
      if (request === undefined) break;
      const doneMs = Math.min(leftMs, request.leftMs);
      request.leftMs -= doneMs;
      leftMs -= doneMs;
      if (request.leftMs > 0) break;
      this.#queue.splice(index, 1);
      this.batches += 1;
      if (request.isProbe) this.#tookMs.push(nowMs - request.sentMs);
      else if (!request.isGivenUp) {
        this.#counts.finished += 1;
        this.#counts.bytes += 100;
        this.#counts.longestMs = Math.max(this.#counts.longestMs, nowMs - request.sentMs);
      }
    }
    if (isWaitedFor) this.busyMs += this.outstanding > 0 ? stepMs : stepMs - leftMs;
    for (const request of this.#queue) {
      if (request.isProbe || request.isGivenUp || nowMs - request.sentMs < request.allowedMs) continue;
      request.isGivenUp = true;
      this.#counts.givenUp += 1;
      if (this.hang !== null) this.lost += 1;
    }
  }

  report(nowMs: number): Progress {
    const waiting = this.#queue.filter(({ isGivenUp, isProbe }) => !isGivenUp && !isProbe);
    return {
      ...this.#counts,
      waiting: waiting.length,
      oldestMs: Math.max(0, ...waiting.map(({ sentMs }) => nowMs - sentMs)),
      allowedMs: Math.max(0, ...waiting.map(({ allowedMs }) => allowedMs)),
    };
  }
}
