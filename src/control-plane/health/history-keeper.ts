import {
  historyLengths,
  joinHistory,
  largest,
  mean,
  type HistoryPoint,
  type HistorySpan,
} from '../../core/health/history.ts';
import { addOutcomes } from '../../core/health/outcomes.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import type { SignalSample } from '../../schemas/view/view.ts';
import { readHistory } from './read-history.ts';
import { daysOfHistory, recordMinute } from './record-arrivals.ts';
import type { OutcomeWatch } from './outcome-watch.ts';

export interface HistoryKeeperParts {
  readonly service: string;
  readonly environment: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly outcomes: OutcomeWatch;
  fence(): Fence;
  /** The newest samples, oldest first: more than a minute of them. */
  samples(): readonly SignalSample[];
}

const minuteMs = historyLengths.minute.lengthMs;
const tenMs = historyLengths.tenMinutes.lengthMs;
const hourMs = 3_600_000;

/** Records each minute once it is over, and each ten of them as one. A minute in which no gateway reported is a hole. */
export class HistoryKeeper {
  readonly #parts: HistoryKeeperParts;
  #nextMs: number;
  #busy = false;

  constructor(parts: HistoryKeeperParts) {
    this.#parts = parts;
    this.#nextMs = Math.floor(parts.clock.nowMs() / minuteMs) * minuteMs;
  }

  /** Hands the last hour to who judges by it, and makes good the tens that nobody closed. */
  async begin(): Promise<void> {
    const { store, service, environment, clock, outcomes } = this.#parts;
    const nowMs = clock.nowMs();
    outcomes.restore(await store.history(service, environment, 'minute', nowMs - hourMs));
    const oldestMs = Math.ceil((nowMs - historyLengths.minute.keptMs) / tenMs) * tenMs;
    const known = await store.history(service, environment, 'tenMinutes', oldestMs);
    for (let fromMs = oldestMs; fromMs + tenMs <= this.#nextMs; fromMs += tenMs) {
      if (!known.some((span) => span.fromMs >= fromMs && span.fromMs < fromMs + tenMs)) await this.#joinTen(fromMs);
    }
    await this.#takeOverDays();
  }

  /** Called each turn; a minute that cannot be recorded now is recorded later, while it is still known. */
  async look(): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    // The clock was set: minutes that are not known any more are left out.
    if (Math.abs(nowMs - this.#nextMs) > hourMs) this.#nextMs = Math.floor(nowMs / minuteMs) * minuteMs;
    if (this.#busy || nowMs < this.#nextMs + minuteMs) return;
    this.#busy = true;
    try {
      while (this.#nextMs + minuteMs <= nowMs) {
        await this.#close(this.#nextMs);
        this.#nextMs += minuteMs;
        if (this.#nextMs % tenMs === 0) await this.#joinTen(this.#nextMs - tenMs);
      }
    } finally {
      this.#busy = false;
    }
  }

  /** The last hours, oldest first: ten minutes a point, and one minute for the newest. */
  async points(hours: number): Promise<readonly HistoryPoint[]> {
    const { store, clock } = this.#parts;
    return readHistory(store, this.#parts, clock.nowMs() - hours * hourMs);
  }

  async #close(fromMs: number): Promise<void> {
    const toMs = fromMs + minuteMs;
    const isIn = (atMs: number): boolean => atMs > fromMs && atMs <= toMs;
    const heard = this.#parts.samples().filter(({ atMs, inFlight }) => isIn(atMs) && inFlight !== null);
    const spans = this.#parts.outcomes.spans().filter((span) => span.fromMs >= fromMs && span.toMs <= toMs);
    const outcomes = addOutcomes(spans);
    if (heard.length === 0 && outcomes.requests === 0) return;
    await this.#record('minute', {
      fromMs,
      toMs,
      ...outcomes,
      queueDepth: largest(heard.map(({ queueDepth }) => queueDepth)),
      inFlight: mean(heard.map(({ inFlight }) => inFlight)),
      batchFillShare: mean(heard.map(({ batchFillShare }) => batchFillShare)),
    });
  }

  async #joinTen(fromMs: number): Promise<void> {
    const { store, service, environment } = this.#parts;
    const minutes = await store.history(service, environment, 'minute', fromMs);
    const joined = joinHistory(minutes.filter(({ toMs }) => toMs <= fromMs + tenMs));
    if (joined !== null) await this.#record('tenMinutes', joined);
  }

  /** Arrivals that were recorded before days of them were kept. */
  async #takeOverDays(): Promise<void> {
    const { store, service, environment, clock, fence } = this.#parts;
    if ((await store.arrivalDays(service, environment, 0)).length > 0) return;
    const days = await daysOfHistory(store, { service, environment }, clock.nowMs());
    if (days.length === 0) return;
    await store.transaction(fence(), async (tx) => {
      for (const day of days) await tx.setArrivalDay(service, environment, day);
    });
  }

  async #record(length: 'minute' | 'tenMinutes', span: HistorySpan): Promise<void> {
    const { store, service, environment, fence } = this.#parts;
    await store.transaction(fence(), async (tx) => {
      await tx.addHistory(service, environment, length, span);
      if (length === 'minute') await recordMinute(tx, { service, environment }, span);
    });
  }
}
