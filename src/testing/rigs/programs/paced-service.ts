import type { ServiceCurve } from '../../../core/capacity/service-curve.ts';
import type { Clock } from '../../../ports/process/clock.ts';

/**
 * Waits out the time that requests take by a service curve instead of computing, so that replicas add capacity whatever
 * machine they run on.
 */
export interface PacedService {
  /** Resolves when a request of this size would be answered: `workMs` of the curve, its mean unless given. */
  serve(workMs?: number): Promise<void>;
  /** Requests that wait, and those that are worked on. */
  readonly queueDepth: number;
  readonly inFlight: number;
  /** Requests and batches since the beginning; slots run requests alone. */
  readonly served: { readonly rows: number; readonly batches: number };
}

export function pacedService(curve: ServiceCurve, clock: Clock): PacedService {
  return curve.kind === 'batch' ? new PacedBatches(curve, clock) : new PacedSlots(curve, clock);
}

interface Waiting {
  readonly work: number;
  readonly arrivedMs: number;
  readonly resolve: () => void;
}

class PacedBatches implements PacedService {
  readonly #batchMs: readonly number[];
  readonly #maxDelayMs: number;
  readonly #clock: Clock;
  readonly #queue: Waiting[] = [];
  readonly served = { rows: 0, batches: 0 };
  #running = 0;
  #isDeferred = false;
  /** When the last batch should have ended: what a timer wakes late is taken off the next one. */
  #endedMs = -Infinity;

  constructor({ batchMs, maxDelayMs }: Extract<ServiceCurve, { kind: 'batch' }>, clock: Clock) {
    this.#batchMs = batchMs;
    this.#maxDelayMs = maxDelayMs;
    this.#clock = clock;
  }

  get queueDepth(): number {
    return this.#queue.length;
  }

  get inFlight(): number {
    return this.#running;
  }

  serve(factor = 1): Promise<void> {
    return new Promise((resolve) => {
      this.#queue.push({ work: factor, arrivedMs: this.#clock.monotonicMs(), resolve });
      this.#begin();
    });
  }

  /** Requests that arrive in one turn of the event loop are seen together. */
  #begin(): void {
    if (this.#isDeferred || this.#running > 0) return;
    this.#isDeferred = true;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    const [oldest] = this.#queue;
    const waitMs = oldest === undefined ? 0 : oldest.arrivedMs + this.#maxDelayMs - this.#clock.monotonicMs();
    if (waitMs > 0 && this.#queue.length < this.#batchMs.length) await this.#clock.sleep(waitMs);
    this.#isDeferred = false;
    const batch = this.#queue.splice(0, this.#batchMs.length);
    if (batch.length === 0) return;
    this.#running = batch.length;
    const meanFactor = batch.reduce((sum, { work }) => sum + work, 0) / batch.length;
    const nowMs = this.#clock.monotonicMs();
    const beganMs = nowMs - this.#endedMs < lateMs ? this.#endedMs : nowMs;
    this.#endedMs = beganMs + (this.#batchMs[batch.length - 1] ?? 0) * meanFactor;
    await this.#clock.sleep(Math.max(0, this.#endedMs - nowMs));
    this.served.rows += batch.length;
    this.served.batches += 1;
    this.#running = 0;
    for (const { resolve } of batch) resolve();
    if (this.#queue.length > 0) this.#begin();
    else this.#endedMs = -Infinity;
  }
}

class PacedSlots implements PacedService {
  readonly #curve: Extract<ServiceCurve, { kind: 'slots' }>;
  readonly #clock: Clock;
  readonly #queue: Waiting[] = [];
  readonly served = { rows: 0, batches: 0 };
  #running: { leftMs: number; readonly resolve: () => void }[] = [];
  #sinceMs = 0;
  #timer = new AbortController();

  constructor(curve: Extract<ServiceCurve, { kind: 'slots' }>, clock: Clock) {
    this.#curve = curve;
    this.#clock = clock;
  }

  get queueDepth(): number {
    return this.#queue.length;
  }

  get inFlight(): number {
    return this.#running.length;
  }

  serve(workMs = this.#curve.meanWorkMs): Promise<void> {
    return new Promise((resolve) => {
      this.#queue.push({ work: workMs, arrivedMs: this.#clock.monotonicMs(), resolve });
      this.#move();
    });
  }

  /** Takes off what was worked since the last change, ends what is done, begins what has a slot, and sets the next alarm. */
  #move(): void {
    this.#timer.abort();
    const nowMs = this.#clock.monotonicMs();
    const worked = (nowMs - this.#sinceMs) * this.#speed();
    this.#sinceMs = nowMs;
    for (const one of this.#running) one.leftMs -= worked;
    const done = this.#running.filter(({ leftMs }) => leftMs <= roundingMs);
    this.#running = this.#running.filter(({ leftMs }) => leftMs > roundingMs);
    this.served.rows += done.length;
    this.served.batches += done.length;
    for (let at = 0; this.#running.length < this.#curve.slots; at += 1) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      // What a timer woke late is taken off the next request in that slot.
      const overMs = Math.max(-lateMs, done[at]?.leftMs ?? 0);
      this.#running.push({ leftMs: next.work + Math.min(0, overMs), resolve: next.resolve });
    }
    for (const { resolve } of done) resolve();
    if (this.#running.length > 0) this.#wakeIn(Math.min(...this.#running.map(({ leftMs }) => leftMs)) / this.#speed());
  }

  #speed(): number {
    return this.#curve.speeds[this.#running.length - 1] ?? 1;
  }

  #wakeIn(durationMs: number): void {
    this.#timer = new AbortController();
    this.#clock.sleep(Math.max(0, durationMs), this.#timer.signal).then(
      () => this.#move(),
      () => undefined,
    );
  }
}

const roundingMs = 1e-6;
/** A timer wakes so much late at most; what is later is the machine's own, and no request is faster for it. */
const lateMs = 3;
