import { changeKinds, changeOf } from '../../core/health/changes.ts';
import type { HealthChange } from '../../core/health/health.ts';
import type { OutcomeSpan } from '../../core/health/outcomes.ts';
import type { HistoryPoint } from '../../core/health/history.ts';
import type { StoredEvent } from '../../core/records/event.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import type { SignalSample } from '../../schemas/view/view.ts';
import { HistoryKeeper } from './history-keeper.ts';
import { OutcomeWatch } from './outcome-watch.ts';
import type { WatchedHealth } from './service-health.ts';

export interface HealthWatchParts {
  readonly service: string;
  readonly environment: string;
  readonly store: Store;
  readonly clock: Clock;
  fence(): Fence;
  /** More than a minute of them, oldest first. */
  samples(): readonly SignalSample[];
}

/** Keeps what the health of one service is judged by beside the records: what gateways report, and what changed last. */
export class HealthWatch {
  readonly #parts: HealthWatchParts;
  readonly #outcomes: OutcomeWatch;
  readonly #history: HistoryKeeper;
  #change: HealthChange | null = null;

  constructor(parts: HealthWatchParts) {
    this.#parts = parts;
    this.#outcomes = new OutcomeWatch(parts.clock);
    this.#history = new HistoryKeeper({ ...parts, outcomes: this.#outcomes });
  }

  /** Looks up what changed last before this began, and the last hour. */
  async begin(): Promise<void> {
    const { service, environment, store } = this.#parts;
    const newest = await Promise.all(
      changeKinds.map(async (kindPrefix) => store.events({ service, environment, kindPrefix, last: 1 })),
    );
    for (const event of newest.flat().sort((a, b) => a.seq - b.seq)) this.recorded(event);
    await this.#history.begin();
  }

  /** Records what is over; rejects where that cannot be written, and goes on the next time. */
  look(): Promise<void> {
    return this.#history.look();
  }

  recorded(event: StoredEvent): void {
    this.#change = changeOf(event) ?? this.#change;
  }

  /** The last hours, oldest first. */
  points(hours: number): Promise<readonly HistoryPoint[]> {
    return this.#history.points(hours);
  }

  /** Of the last hour, oldest first. */
  spans(): readonly OutcomeSpan[] {
    return this.#outcomes.spans();
  }

  report(report: GatewayReport): void {
    this.#outcomes.report(report);
  }

  read(known: Pick<WatchedHealth, 'problem' | 'observed' | 'ordered'>): WatchedHealth {
    return {
      ...known,
      spans: this.#outcomes.spans(),
      heardAtMs: this.#outcomes.heardAtMs,
      change: this.#change,
    };
  }
}
