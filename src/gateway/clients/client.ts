import {
  chargeBytes,
  chargeRequest,
  findReachedLimit,
  type ClientLimits,
  type NamedClient,
  type ReachedLimit,
} from '../../core/access/shares/client-limits.ts';
import type { WaitingClient } from '../routes/waiting-line.ts';
import type { ClientTally } from './client-tally.ts';

/** How long a client that came again stays known, though it has nothing open. */
const knownForMs = 60_000;
/** Who comes again after this long came to stay. */
const staysAfterMs = 5_000;

/** One client of a service, and what it has used. */
export class Client implements WaitingClient {
  /** `key NAME`, `header VALUE`, `address ADDRESS`; the judge of a canary tells clients apart by it. */
  readonly name: string;
  readonly tally: ClientTally;
  weight = 1;
  waiting = 0;
  endTag = 0;
  open = 0;
  #limits: ClientLimits = {};
  #requestsFullAtMs = -Infinity;
  #bytesFullAtMs = -Infinity;
  readonly #firstMs: number;
  #lastMs: number;

  constructor(name: string, tally: ClientTally, nowMs: number) {
    this.name = name;
    this.tally = tally;
    this.#firstMs = nowMs;
    this.#lastMs = nowMs;
  }

  follow({ weight = 1, ...limits }: NamedClient): void {
    this.weight = weight;
    this.#limits = limits;
  }

  /** Lets a request in, or returns the limit that keeps it out. @param bytes of its body, as announced. */
  admit(bytes: number, nowMs: number): ReachedLimit | null {
    this.#lastMs = nowMs;
    const use = { open: this.open, requestsFullAtMs: this.#requestsFullAtMs, bytesFullAtMs: this.#bytesFullAtMs };
    const reached = findReachedLimit(this.#limits, use, bytes, nowMs);
    if (reached !== null) {
      this.tally.limited[reached.limit] += 1;
      return reached;
    }
    this.tally.admitted += 1;
    this.#requestsFullAtMs = chargeRequest(this.#limits, this.#requestsFullAtMs, nowMs);
    this.charge(bytes, nowMs);
    return null;
  }

  /** Bytes that nobody announced: of an answer, or of a body of unknown length. */
  charge(bytes: number, nowMs: number): void {
    this.#bytesFullAtMs = chargeBytes(this.#limits, this.#bytesFullAtMs, bytes, nowMs);
  }

  /** How a limit reads for a person: `50 requests/s`. */
  limitText({ limit }: ReachedLimit): string {
    const { requestsPerSecond, concurrent, bytesPerSecond } = this.#limits;
    switch (limit) {
      case 'requests':
        return `${requestsPerSecond} requests/s`;
      case 'concurrent':
        return `${concurrent} open requests`;
      case 'bytes':
        return `${bytesPerSecond} bytes/s`;
    }
  }

  /**
   * True where forgetting it changes nothing, or little:
   *
   * | client | may be forgotten |
   * |---|---|
   * | has requests open, or used up a part of its limits that is not earned yet | no |
   * | came again 5 s or more after it was first seen | 60 s after its last request |
   * | any other | yes |
   */
  mayBeForgotten(nowMs: number): boolean {
    if (this.open > 0 || this.waiting > 0) return false;
    if (nowMs < this.#requestsFullAtMs || nowMs < this.#bytesFullAtMs) return false;
    return this.#lastMs - this.#firstMs < staysAfterMs || nowMs - this.#lastMs >= knownForMs;
  }
}
