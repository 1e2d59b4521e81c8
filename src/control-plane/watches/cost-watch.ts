import {
  decideCostNews,
  readRecordedParts,
  type LimitedPart,
  type RecordedPart,
  type RecordedParts,
} from '../../core/cost/judgement/cost-news.ts';
import { invalidationBy } from '../../core/evidence/invalidation.ts';
import type { EventNews } from '../../core/records/event.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { CostSource } from './cost-source.ts';
import type { Watch, WatchedWorld, WatchNews } from './watch.ts';

export interface CostWatchParts {
  readonly source: CostSource;
  readonly service: string;
  readonly environment: string;
  readonly store: Pick<StoreReader, 'events'>;
  readonly clock: Clock;
}

const everyMs = 20_000;
/** Changes of two parts that are told once an hour at most: the last of each is among them. */
const eventsAtMost = 100;

/**
 * Holds the ledger against the budget and the utilization of a service, and records when one breaks or holds again. What was
 * recorded last is asked of the store once, so that a restart tells nothing twice.
 */
export class CostWatch implements Watch {
  readonly subject = 'cost';
  readonly #parts: CostWatchParts;
  #lookedMs = -Infinity;
  #recorded: RecordedParts | null = null;
  /** What the news of the last look make of it once they are recorded. */
  #next: RecordedParts | null = null;

  constructor(parts: CostWatchParts) {
    this.#parts = parts;
  }

  /** Looks each 20 seconds; the ledger is read less often where that takes long. */
  async look(_seen: WatchedWorld): Promise<readonly WatchNews[]> {
    const { clock, source } = this.#parts;
    this.#next = null;
    if (clock.monotonicMs() - this.#lookedMs < everyMs) return [];
    this.#lookedMs = clock.monotonicMs();
    const found = await source.judge();
    if (found === null) return [];
    const { judged, release, contract } = found;
    const recorded = (this.#recorded ??= await this.#readRecorded());
    const nowMs = clock.nowMs();
    const news = decideCostNews(recorded, { judged, cost: contract.cost, release }, nowMs);
    this.#next = { ...recorded, ...Object.fromEntries(news.flatMap((event) => partOf(event, nowMs))) };
    return news.map((event) => this.#newsOf(event, nowMs));
  }

  recorded(): void {
    this.#recorded = this.#next ?? this.#recorded;
  }

  async #readRecorded(): Promise<RecordedParts> {
    const { store, service, environment } = this.#parts;
    return readRecordedParts(await store.events({ service, environment, kindPrefix: 'cost.', last: eventsAtMost }));
  }

  #newsOf(event: EventNews, atMs: number): WatchNews {
    if (event.kind !== 'cost.broken') return { invalidation: null, event };
    const { environment } = this.#parts;
    const { reason, remedy } = event.data;
    return { invalidation: invalidationBy('cost.broken', { environment, reason, remedy, atMs }), event };
  }
}

function partOf(event: EventNews, atMs: number): readonly (readonly [LimitedPart, RecordedPart])[] {
  if (event.kind !== 'cost.broken' && event.kind !== 'cost.holds') return [];
  return [[event.data.what, { isBroken: event.kind === 'cost.broken', atMs }]];
}
