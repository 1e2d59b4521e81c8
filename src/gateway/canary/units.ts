import { replicaColdMs } from '../../core/rollout/deployment/cold-replica.ts';
import { clientParts } from '../../core/rollout/judge/client-parts.ts';
import { xxhash32 } from '../../core/rollout/routing/xxhash32.ts';
import type { Replica } from '../routes/replica.ts';
import { MissPairs, type PairedRequest } from './miss-pairs.ts';
import type { StepCounts } from './step-counts.ts';

export interface UnitBounds {
  /** A replica is cold for its first requests in this gateway and for a time after the first of them, whichever is longer. */
  readonly coldRequests: number;
  readonly coldMs: number;
  /** How long one value of the sticky key is one unit, from its first request. */
  readonly windowMs: number;
  /** Values of the key at a time; the oldest window is closed early for one more. */
  readonly windowsAtMost: number;
}

export const unitDefaults: UnitBounds = {
  coldRequests: 20,
  coldMs: replicaColdMs,
  windowMs: 10_000,
  windowsAtMost: 10_000,
};

/**
 * Several requests that are one observation: of one key, or a single one.
 *
 * | a request ends by | it is |
 * |---|---|
 * | an answer below 500 | good, with its latency |
 * | an answer of 500 and above | an error, with its latency |
 * | a broken connection, a deadline that passed while a replica had it | an error without an answer |
 * | a miss of its client's own shorter deadline, noticed here or by the engine, which may break the connection (core/.../client-miss.ts); the client leaving | left out, and compared within the client (miss-pairs.ts) |
 * | its client sending its body too slowly, the gateway's own 429 and 503, a connection that was never had | left out: the release did not do it |
 *
 * Latency ends with the answer. It begins when nothing but this release is waited for (docs/decisions/0053):
 *
 * | the request | begins |
 * |---|---|
 * | goes by weight | when it is sent: who waited before would have taken either release |
 * | has a sticky key | when it asked for a replica, its body whole: its key had decided whose replica that would be |
 */
interface Window {
  readonly release: number;
  /** Of the clients. */
  readonly part: number;
  readonly openedMs: number;
  /** Requests that are not over. */
  pending: number;
  /** No more requests join it. */
  closed: boolean;
  ended: number;
  failed: boolean;
  cold: boolean;
  slowestMs: number;
}

/** One request on a replica, as its exchange tells of it. Exactly one of `answered`, `failed`, `missed` and `left` is called. */
export class UnitPart {
  readonly #counter: UnitCounter;
  readonly #window: Window;
  readonly #paired: PairedRequest | null;
  #sinceMs: number;

  /**
   * @param sinceMs from when on its latency is the release's.
   * @param paired null for one that is compared with none: its replica is cold, or nobody waits for it.
   */
  constructor(counter: UnitCounter, window: Window, sinceMs: number, paired: PairedRequest | null) {
    this.#paired = paired;
    this.#counter = counter;
    this.#window = window;
    this.#sinceMs = sinceMs;
    window.pending += 1;
  }

  /** Takes time out of its latency that its client took, to send or to read. */
  excuse(ms: number): void {
    this.#sinceMs += ms;
  }

  answered(status: number, nowMs: number): void {
    const window = this.#window;
    window.ended += 1;
    window.slowestMs = Math.max(window.slowestMs, nowMs - this.#sinceMs);
    if (status >= 500) window.failed = true;
    this.#paired?.end(false);
    this.#over();
  }

  failed(): void {
    this.#window.ended += 1;
    this.#window.failed = true;
    this.#over();
  }

  /** Its client's own shorter deadline passed, or its client left: no observation, and a miss beside its partner. */
  missed(): void {
    this.#paired?.end(true);
    this.#over();
  }

  left(): void {
    this.#over();
  }

  #over(): void {
    this.#window.pending -= 1;
    if (this.#window.closed && this.#window.pending === 0) this.#counter.settle(this.#window);
  }
}

/** Whose a unit is: of one client, so that nobody spoils the units of others. */
export interface UnitOwner {
  readonly client: string;
  /** Value of the sticky key; null where each request is a unit. */
  readonly key: string | null;
}

/** Makes units of the requests of one step. Its windows are dropped with it when another step begins. */
export class UnitCounter {
  readonly #counts: StepCounts;
  readonly #bounds: UnitBounds;
  /** In the order in which they were opened; a key is known by 53 bits of hash and the release that answers it. */
  readonly #windows = new Map<number, Window>();
  readonly #pairs: MissPairs;
  readonly #salt: number;
  readonly #begunMs: number;

  /** @param begunMs when the step began in this gateway: nobody waited for it before. */
  constructor(counts: StepCounts, bounds: UnitBounds, salt: number, begunMs: number) {
    this.#counts = counts;
    this.#bounds = bounds;
    this.#pairs = new MissPairs(bounds.windowsAtMost);
    this.#salt = salt;
    this.#begunMs = begunMs;
  }

  /**
   * @param sinceMs since when it has waited for this release, and for no other.
   * @param isAwaited false for a copy, whose client waits for another answer.
   * @returns null when this release is not compared.
   */
  begin(
    replica: Replica,
    release: number,
    { client, key }: UnitOwner,
    nowMs: number,
    sinceMs: number = nowMs,
    isAwaited = true,
  ): UnitPart | null {
    if (!this.#counts.has(release)) return null;
    const part = xxhash32(client, this.#salt) % clientParts;
    const cold = isCold(replica, nowMs, this.#bounds);
    const window = key === null ? single(release, part, cold, nowMs) : this.#windowOf(release, part, key, nowMs);
    if (cold) window.cold = true;
    const paired = isAwaited && !cold ? this.#pair(client, part, release) : null;
    return new UnitPart(this, window, Math.max(sinceMs, this.#begunMs), paired);
  }

  /** Closes all windows: nothing more will come. */
  closeAll(): void {
    for (const [key, window] of this.#windows) this.#close(key, window);
  }

  /** Closes windows whose time is over. */
  sweep(nowMs: number): void {
    for (const [key, window] of this.#windows) {
      if (nowMs - window.openedMs < this.#bounds.windowMs) return;
      this.#close(key, window);
    }
  }

  /** Windows that are open now. */
  get windowCount(): number {
    return this.#windows.size;
  }

  settle(window: Window): void {
    if (window.ended === 0 || !this.#counts.open) return;
    const latencyMs = window.slowestMs < 0 ? null : window.slowestMs;
    this.#counts.count(window.release, window.part, window.cold, window.failed, latencyMs);
  }

  #pair(client: string, part: number, release: number): PairedRequest {
    const counts = this.#counts;
    return this.#pairs.begin(client, release === counts.step.release, (isCanaryMissed) =>
      counts.countMissedPair(part, isCanaryMissed),
    );
  }

  #windowOf(release: number, part: number, key: string, nowMs: number): Window {
    this.sweep(nowMs);
    const ofOne = release ^ (part << 24);
    const high = xxhash32(key, this.#salt ^ ofOne);
    const low = xxhash32(key, ~this.#salt ^ ofOne) >>> 11;
    const hash = high * 2 ** 21 + low;
    const known = this.#windows.get(hash);
    if (known !== undefined) return known;
    if (this.#windows.size >= this.#bounds.windowsAtMost) {
      for (const [oldest, window] of this.#windows) {
        this.#close(oldest, window);
        break;
      }
    }
    const made: Window = { ...single(release, part, false, nowMs), closed: false };
    this.#windows.set(hash, made);
    return made;
  }

  #close(key: number, window: Window): void {
    this.#windows.delete(key);
    window.closed = true;
    if (window.pending === 0) this.settle(window);
  }
}

function single(release: number, part: number, cold: boolean, nowMs: number): Window {
  return { release, part, openedMs: nowMs, pending: 0, closed: true, ended: 0, failed: false, cold, slowestMs: -1 };
}

/** Its first requests in this gateway say more of its start than of its serving. */
export function isCold(replica: Replica, nowMs: number, { coldRequests, coldMs }: UnitBounds): boolean {
  return replica.requests < coldRequests || nowMs - replica.firstSentMs(nowMs) < coldMs;
}
