import type { EventNews } from '../../../core/records/event.ts';
import type { SleepOrders } from '../../../core/rollout/deployment/rollout-state.ts';
import type { KnownSleep, SleepStage, SleepTarget } from '../../../core/rollout/sleep/sleep-stage.ts';
import { asPlimsollError } from '../../../core/units/errors.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { ReplicaSleeper } from '../../../ports/serving/replica-sleeper.ts';
import { findWakeQuantile } from './measured-wakes.ts';

const atOnce = 4;
const wakesAtMost = 50;
/** A replica that does not answer whether it sleeps is asked again after this long. */
const askAgainMs = 1_000;

/** What a turn tells the book, once it was recorded. */
export interface SleepTurn {
  readonly orders: SleepOrders;
  /** Replicas that run, whose sleep is not known and that were not admitted. */
  readonly unknown: readonly SleepTarget[];
  readonly present: ReadonlySet<string>;
  /** Replicas that requests may go to. */
  readonly serving: ReadonlySet<string>;
}

/**
 * What is known of the sleep of replicas, and the orders that are under way, beside the turn. Nothing of it is recorded: a successor asks
 * the replicas themselves.
 */
export class SleepBook {
  readonly #sleeper: ReplicaSleeper | undefined;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #known = new Map<string, KnownSleep>();
  /** Monotonic time at which the wake of a replica that does not serve yet was ordered. */
  readonly #wakes = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  readonly #asking = new Set<string>();
  #wakesMs: readonly number[] = [];
  #news: readonly EventNews[] = [];

  /** @param sleeper left out where no replica can sleep: then nothing is asked and nothing ordered. */
  constructor(parts: { sleeper: ReplicaSleeper | undefined; clock: Clock; changed: () => void }) {
    this.#sleeper = parts.sleeper;
    this.#clock = parts.clock;
    this.#changed = parts.changed;
  }

  known(): ReadonlyMap<string, KnownSleep> {
    return this.#known;
  }

  /** Goes on from wakes that an earlier control plane measured, oldest first, milliseconds. */
  resume(wakesMs: readonly number[]): void {
    this.#wakesMs = [...wakesMs, ...this.#wakesMs].slice(-wakesAtMost);
  }

  /** From the order to wake until a replica served, upper quantile of the last wakes; null before the first. */
  wakeMs(): number | null {
    return findWakeQuantile(this.#wakesMs);
  }

  /** What is to be recorded. It comes again until `recorded` was told of it. */
  news(): readonly EventNews[] {
    return this.#news;
  }

  recorded(news: readonly EventNews[]): void {
    this.#news = this.#news.filter((event) => !news.includes(event));
  }

  /** Gives the orders of a turn that was recorded. Returns at once. */
  consider({ orders, unknown, present, serving }: SleepTurn, signal: AbortSignal): void {
    for (const ids of [this.#known, this.#wakes, this.#asked]) {
      for (const id of ids.keys()) if (!present.has(id)) ids.delete(id);
    }
    this.#seeWoken(serving);
    const sleeper = this.#sleeper;
    if (sleeper === undefined) return;
    for (const target of orders.sleep) this.#order(sleeper, target, 'falling-asleep', signal);
    for (const target of orders.wake) this.#order(sleeper, target, 'waking', signal);
    for (const target of unknown) this.#ask(sleeper, target, signal);
  }

  #seeWoken(serving: ReadonlySet<string>): void {
    for (const [replicaId, orderedMs] of this.#wakes) {
      if (!serving.has(replicaId)) continue;
      const tookMs = Math.max(1, this.#clock.monotonicMs() - orderedMs);
      this.#wakes.delete(replicaId);
      this.#know(replicaId, { stage: 'awake', sinceMs: this.#clock.nowMs() });
      this.#wakesMs = [...this.#wakesMs, tookMs].slice(-wakesAtMost);
      this.#tell({
        kind: 'replica.woken',
        summary: `Replica ${replicaId} serves again ${(tookMs / 1_000).toFixed(1)} s after it was told to wake`,
        data: { replicaId, tookMs },
      });
    }
  }

  #order(
    sleeper: ReplicaSleeper,
    target: SleepTarget,
    stage: Extract<SleepStage, 'falling-asleep' | 'waking'>,
    signal: AbortSignal,
  ): void {
    const { replicaId } = target;
    if (this.#asking.has(replicaId)) return;
    const nowMs = this.#clock.nowMs();
    if (stage === 'waking') this.#wakes.set(replicaId, this.#clock.monotonicMs());
    this.#know(replicaId, { stage, sinceMs: nowMs, ...(stage === 'waking' ? { wakeOrderedAtMs: nowMs } : {}) });
    this.#asking.add(replicaId);
    const done = stage === 'waking' ? sleeper.wake(target, signal) : sleeper.sleep(target, signal);
    void done
      .then(() => {
        const known = this.#known.get(replicaId);
        if (known === undefined) return;
        this.#know(replicaId, {
          ...known,
          stage: stage === 'waking' ? 'awake' : 'asleep',
          sinceMs: this.#clock.nowMs(),
        });
      })
      .catch((thrown: unknown) => {
        if (signal.aborted || !this.#known.has(replicaId)) return;
        const reason = asPlimsollError(thrown).message;
        this.#wakes.delete(replicaId);
        this.#know(replicaId, { stage: 'stuck', sinceMs: this.#clock.nowMs(), reason });
        const did = stage === 'waking' ? 'wake' : 'fall asleep';
        this.#tell({
          kind: 'replica.sleep-failed',
          summary: `Replica ${replicaId} did not ${did} and is stopped: ${reason}`,
          data: { replicaId, order: stage === 'waking' ? 'wake' : 'sleep', reason },
        });
      })
      .finally(() => {
        this.#asking.delete(replicaId);
        this.#changed();
      });
  }

  #ask(sleeper: ReplicaSleeper, target: SleepTarget, signal: AbortSignal): void {
    const { replicaId } = target;
    const sinceMs = this.#clock.monotonicMs() - (this.#asked.get(replicaId) ?? -Infinity);
    if (this.#asking.has(replicaId) || this.#asking.size >= atOnce || sinceMs < askAgainMs) return;
    this.#asked.set(replicaId, this.#clock.monotonicMs());
    this.#asking.add(replicaId);
    void sleeper
      .isAsleep(target, signal)
      .then((isAsleep) => {
        this.#know(replicaId, { stage: isAsleep ? 'asleep' : 'awake', sinceMs: this.#clock.nowMs() });
        this.#changed();
      })
      // One that does not answer is asked again.
      .catch(() => undefined)
      .finally(() => this.#asking.delete(replicaId));
  }

  #know(replicaId: string, known: KnownSleep): void {
    this.#known.set(replicaId, known);
  }

  #tell(event: EventNews): void {
    this.#news = [...this.#news, event];
  }
}
