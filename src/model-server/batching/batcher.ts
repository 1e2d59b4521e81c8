import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { LoadedModel } from '../../ports/serving/inference-engine.ts';
import type { WireTensor } from '../../protocols/open-inference/tensor.ts';
import { planBatch, type Batchable } from './batch-plan.ts';
import { hasRows, joinInputs, sliceOutputs } from './batch-tensors.ts';

export interface BatcherSettings {
  readonly maxBatchRows: number;
  readonly maxDelayMs: number;
  readonly queueLimit: number;
}

/** Told about every batch and every wait; must be cheap. */
export interface BatchObserver {
  batchRan(rows: number, computeMs: number): void;
  /** Time from arrival to the start of the batch. */
  waited(durationMs: number): void;
}

export interface InferJob extends Batchable {
  /** In the model's order. */
  readonly inputs: readonly WireTensor[];
  /** Names to compute; empty for all. */
  readonly outputs: readonly string[];
  /** On the monotonic clock. */
  readonly deadlineAtMs: number;
  /** True when nobody waits for the answer any more. */
  readonly abandoned: () => boolean;
  /** Told when its batch begins, on the monotonic clock. */
  readonly batchBegan?: (atMs: number) => void;
}

interface Waiting extends InferJob {
  readonly arrivedAtMs: number;
  readonly resolve: (outputs: readonly WireTensor[]) => void;
  readonly reject: (error: PlimsollError) => void;
}

/**
 * The queue of one loaded model: holds requests, forms batches, hands each answer its rows.
 *
 * A batch starts as soon as the engine is free and either the batch is full, or its oldest request has waited for
 * `maxDelayMs`. A second batch is handed over while one computes only if it is full: handing over a part would cost
 * fill and gain nothing. Requests that arrive in one turn of the event loop are seen together.
 */
export class Batcher {
  readonly #model: LoadedModel;
  readonly #settings: BatcherSettings;
  readonly #clock: Clock;
  readonly #observer: BatchObserver;
  readonly #defer: (act: () => void) => void;
  readonly #queue: Waiting[] = [];
  #batching: boolean;
  #underWay = 0;
  #deferred = false;
  #timer: { readonly atMs: number; readonly controller: AbortController } | null = null;
  #closed: PlimsollError | null = null;
  #onIdle: (() => void)[] = [];

  constructor(
    model: LoadedModel,
    settings: BatcherSettings,
    parts: { clock: Clock; observer: BatchObserver; batching: boolean; defer?: (act: () => void) => void },
  ) {
    this.#model = model;
    this.#settings = settings;
    this.#clock = parts.clock;
    this.#observer = parts.observer;
    this.#batching = parts.batching && settings.maxBatchRows > 1;
    this.#defer = parts.defer ?? setImmediate;
  }

  get queueDepth(): number {
    return this.#queue.length;
  }

  get maxRows(): number {
    return this.#batching ? this.#settings.maxBatchRows : 1;
  }

  /** @throws PlimsollError `queue-full` (overloaded), `deadline-passed` (unavailable), or what the engine says. */
  run(job: InferJob): Promise<readonly WireTensor[]> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== null) reject(this.#closed);
      else if (this.#queue.length >= this.#settings.queueLimit) reject(queueFull(this.#settings.queueLimit));
      else {
        this.#queue.push({ ...job, arrivedAtMs: this.#clock.monotonicMs(), resolve, reject });
        this.#dispatchSoon();
      }
    });
  }

  /** Refuses what comes from now on with `reason`, and resolves when everything accepted was answered. */
  async close(reason: PlimsollError): Promise<void> {
    this.#closed ??= reason;
    this.#dispatchSoon();
    while (this.#queue.length + this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle.push(resolve);
      });
    }
  }

  #dispatchSoon(): void {
    if (this.#deferred) return;
    this.#deferred = true;
    this.#defer(() => {
      this.#deferred = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#dropHopeless(nowMs);
    for (let oldest = this.#queue[0]; oldest !== undefined; oldest = this.#queue[0]) {
      const plan = this.#batching
        ? planBatch(this.#queue, this.#settings.maxBatchRows)
        : { picks: [0], rows: oldest.rows };
      const full = plan.rows >= this.maxRows;
      if (this.#underWay >= (full ? 2 : 1)) break;
      const startAtMs = oldest.arrivedAtMs + this.#settings.maxDelayMs;
      if (!full && nowMs < startAtMs && this.#closed === null) {
        this.#wakeAt(startAtMs);
        break;
      }
      void this.#runBatch(this.#take(plan.picks), plan.rows);
    }
    if (this.#queue.length > 0) this.#wakeAt(earliestDeadline(this.#queue));
    else if (this.#closed !== null) this.#tellIdle();
  }

  #take(picks: readonly number[]): Waiting[] {
    const taken = picks.map((at) => this.#queue[at]).filter((job) => job !== undefined);
    for (const at of picks.toReversed()) this.#queue.splice(at, 1);
    return taken;
  }

  async #runBatch(batch: readonly Waiting[], rows: number): Promise<void> {
    this.#underWay += 1;
    const startedAtMs = this.#clock.monotonicMs();
    for (const job of batch) {
      this.#observer.waited(startedAtMs - job.arrivedAtMs);
      job.batchBegan?.(startedAtMs);
    }
    let settle: () => void;
    try {
      settle = await this.#compute(batch, rows);
    } catch (thrown) {
      const error = asPlimsollError(thrown);
      settle = () => {
        for (const job of batch) job.reject(error);
      };
    }
    this.#underWay -= 1;
    // The engine gets its next batch before the answers of this one are written.
    this.#dispatch();
    settle();
  }

  /** Runs the batch; one that fails as a whole is run request by request, so that only the faulty one fails. */
  async #compute(batch: readonly Waiting[], rows: number): Promise<() => void> {
    const [first] = batch;
    const inputs = joinInputs(
      batch.map((job) => job.inputs),
      rows,
    );
    try {
      const { outputs, computeMs } = await this.#model.run(inputs, first?.outputs ?? []);
      this.#observer.batchRan(rows, computeMs);
      if (batch.length === 1) return () => first?.resolve(outputs as readonly WireTensor[]);
      if (hasRows(outputs, rows)) return () => deliver(batch, outputs as readonly WireTensor[]);
      // The first dimension turned out to be no batch dimension: never join requests of this model again.
      this.#batching = false;
    } catch (thrown) {
      if (batch.length === 1) throw thrown;
    }
    const alone = await Promise.all(batch.map((job) => this.#compute([job], job.rows).catch(rejecting(job))));
    return () => {
      for (const settle of alone) settle();
    };
  }

  #dropHopeless(nowMs: number): void {
    for (let at = this.#queue.length - 1; at >= 0; at -= 1) {
      const job = this.#queue[at];
      if (job === undefined || (job.deadlineAtMs > nowMs && !job.abandoned())) continue;
      this.#queue.splice(at, 1);
      job.reject(deadlinePassed(nowMs - job.arrivedAtMs));
    }
  }

  #wakeAt(atMs: number): void {
    if (this.#timer !== null && this.#timer.atMs <= atMs) return;
    this.#timer?.controller.abort();
    const controller = new AbortController();
    this.#timer = { atMs, controller };
    // Timers hold no more than 24 days; waking early does no harm.
    const waitMs = Math.min(longestSleepMs, Math.max(0, atMs - this.#clock.monotonicMs()));
    this.#clock.sleep(waitMs, controller.signal).then(
      () => {
        this.#timer = null;
        this.#dispatch();
      },
      () => undefined,
    );
  }

  #tellIdle(): void {
    this.#timer?.controller.abort();
    this.#timer = null;
    if (this.#underWay === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

const longestSleepMs = 60_000;

function earliestDeadline(queue: readonly Waiting[]): number {
  let earliest = Infinity;
  for (const job of queue) earliest = Math.min(earliest, job.deadlineAtMs);
  return earliest;
}

function deliver(batch: readonly Waiting[], outputs: readonly WireTensor[]): void {
  let start = 0;
  for (const job of batch) {
    job.resolve(sliceOutputs(outputs, start, job.rows));
    start += job.rows;
  }
}

function rejecting(job: Waiting): (thrown: unknown) => () => void {
  return (thrown) => () => job.reject(asPlimsollError(thrown));
}

function queueFull(limit: number): PlimsollError {
  return new PlimsollError({
    code: 'queue-full',
    category: 'overloaded',
    message: `${limit} requests wait already, which is the limit of the queue`,
    next: 'try again after the time in Retry-After, or start another replica',
  });
}

function deadlinePassed(waitedMs: number): PlimsollError {
  return new PlimsollError({
    code: 'deadline-passed',
    category: 'unavailable',
    message: `the deadline passed while the request waited (${Math.round(waitedMs)} ms); it was not computed`,
    next: 'allow more time in plimsoll-deadline-ms, or start another replica',
  });
}
