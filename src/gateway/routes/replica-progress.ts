import { RecentMost } from '../../core/rollout/liveness/recent-most.ts';

/** A whole request that waits for the first byte of its answer. */
export interface WaitingRequest {
  readonly sinceMs: number;
  /** How long its client waits, at most. */
  readonly allowedMs: number;
  /** Size of its body: a prefill or a batch takes the longer the larger it is. */
  readonly bytes: number;
}

const waitedShare = 0.9;
/** One so much larger or more patient than each that was answered lately may take longer than they did. */
const timesAlike = 2;

/** What moves on one replica, seen by one gateway. Times are of the clock that never steps, and differences alone are told. */
export class ReplicaProgress {
  #bytes = 0;
  #finished = 0;
  #givenUp = 0;
  readonly #lasted = new RecentMost();
  readonly #waiting = new Set<WaitingRequest>();
  readonly #answered = { bytes: new RecentMost(), allowedMs: new RecentMost() };

  waits(request: WaitingRequest): void {
    this.#waiting.add(request);
  }

  /** Its answer begins: what it waits for from now on is told by bytes. */
  begins(request: WaitingRequest, nowMs: number): void {
    if (!this.#waiting.delete(request)) return;
    this.#answered.bytes.add(request.bytes, nowMs);
    this.#answered.allowedMs.add(request.allowedMs, nowMs);
  }

  /** It is over. One whose client waited to the end, and got no byte of an answer, is counted: a client that leaves early says nothing. */
  givesUp(request: WaitingRequest, nowMs: number): void {
    if (!this.#waiting.delete(request)) return;
    if (nowMs - request.sinceMs >= waitedShare * request.allowedMs) this.#givenUp += 1;
  }

  came(bytes: number): void {
    this.#bytes += bytes;
  }

  finished(lastedMs: number, nowMs: number): void {
    this.#finished += 1;
    this.#lasted.add(lastedMs, nowMs);
  }

  report(nowMs: number) {
    const [oldest] = this.#waiting;
    let allowedMs = 0;
    let bytes = 0;
    for (const request of this.#waiting) {
      allowedMs = Math.max(allowedMs, request.allowedMs);
      bytes = Math.max(bytes, request.bytes);
    }
    const answered = this.#answered;
    const isAlike = bytes <= timesAlike * answered.bytes.most && allowedMs <= timesAlike * answered.allowedMs.most;
    return {
      ...{ bytes: this.#bytes, finished: this.#finished, waiting: this.#waiting.size, givenUp: this.#givenUp },
      oldestMs: oldest === undefined ? 0 : Math.max(0, Math.round(nowMs - oldest.sinceMs)),
      ...{ longestMs: Math.round(this.#lasted.most), allowedMs, isAlike },
    };
  }
}
