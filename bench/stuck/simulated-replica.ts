import { ReplicaProgress, type WaitingRequest } from '../../src/gateway/routes/replica-progress.ts';

interface Request {
  /** As the gateway waits for it. */
  readonly waiting: WaitingRequest;
  readonly isProbe: boolean;
  readonly isStream: boolean;
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
  readonly #progress = new ReplicaProgress();
  readonly #tookMs: number[] = [];

  /** Requests with it, those that were given up left out. */
  get outstanding(): number {
    return this.#queue.filter(({ isGivenUp, isProbe }) => !isGivenUp && !isProbe).length;
  }

  send(request: {
    sentMs: number;
    serviceMs: number;
    allowedMs: number;
    bytes?: number;
    isProbe?: boolean;
    isStream?: boolean;
  }): void {
    const { sentMs, serviceMs, allowedMs, bytes = 1_000, isProbe = false, isStream = false } = request;
    const waiting = { sinceMs: sentMs, allowedMs, bytes };
    if (!isProbe) this.#progress.waits(waiting);
    this.#queue.push({ waiting, isProbe, isStream, leftMs: serviceMs, isGivenUp: false });
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
      if (request.isStream && !request.isGivenUp) {
        this.#progress.begins(request.waiting, nowMs);
        this.#progress.came(100);
      }
      if (request.leftMs > 0) break;
      this.#queue.splice(index, 1);
      this.batches += 1;
      if (request.isProbe) this.#tookMs.push(nowMs - request.waiting.sinceMs);
      else if (!request.isGivenUp) {
        this.#progress.begins(request.waiting, nowMs);
        this.#progress.came(100);
        this.#progress.finished(nowMs - request.waiting.sinceMs, nowMs);
      }
    }
    if (isWaitedFor) this.busyMs += this.outstanding > 0 ? stepMs : stepMs - leftMs;
    for (const request of this.#queue) {
      if (request.isProbe || request.isGivenUp || nowMs - request.waiting.sinceMs < request.waiting.allowedMs) continue;
      request.isGivenUp = true;
      this.#progress.givesUp(request.waiting, nowMs);
      if (this.hang !== null) this.lost += 1;
    }
  }

  report(nowMs: number): ReturnType<ReplicaProgress['report']> {
    return this.#progress.report(nowMs);
  }
}
