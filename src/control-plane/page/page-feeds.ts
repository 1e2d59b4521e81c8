import type { StoredEvent } from '../../core/records/event.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { Store } from '../../ports/records/store.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import type { ServiceView } from '../../schemas/view/view.ts';
import { EventFeed } from './event-feed.ts';
import { EventStreams, type StreamBudget } from '../http/event-streams.ts';
import { SignalFeed } from '../signals/signal-feed.ts';
import { ViewFeed } from './view-feed.ts';

export interface PageFeedsParts {
  readonly service: string;
  readonly environment: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly operations: Operations;
  readonly readerBudget: StreamBudget;
  /** Mean batch fill as engines tell it; null where none does. */
  batchFillShare(): number | null;
  /** Told of every event, in order. */
  recorded(event: StoredEvent): void;
}

const sampleEveryMs = 1_000;
const unwatchedViewMs = 2_000;

/** What the page follows: the view, the events and a sample of the signals each second. */
export class PageFeeds {
  readonly streams: EventStreams;
  readonly #signals: SignalFeed;
  readonly #events: EventFeed;
  readonly #view: ViewFeed;
  readonly #clock: Clock;
  #sentHealth = '';
  #viewedMs = -Infinity;

  constructor({
    service,
    environment,
    store,
    clock,
    operations,
    batchFillShare,
    recorded,
    readerBudget,
  }: PageFeedsParts) {
    this.streams = new EventStreams(readerBudget);
    this.#clock = clock;
    this.#signals = new SignalFeed(clock, batchFillShare);
    this.#events = new EventFeed(store, { service, environment }, (event) => {
      recorded(event);
      this.streams.send({ event: 'event', data: event, id: event.seq });
    });
    this.#view = new ViewFeed(
      () => operations.view(service, environment),
      (view) => {
        this.streams.send({ event: 'view', data: view });
      },
    );
  }

  /** Only what is recorded from now on is sent. */
  async begin(): Promise<void> {
    await this.#events.begin();
  }

  report(report: GatewayReport): void {
    this.#signals.report(report);
  }

  /** As it was when this last looked; null before the first. */
  latestView(): ServiceView | null {
    return this.#view.latest();
  }

  latestSignals(count: number) {
    return this.#signals.latest(count);
  }

  /** Where nobody looks and nothing was recorded, the view of a moment ago is as good. */
  async follow(): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const isNew = await this.#events.read();
    if (!isNew && this.streams.size === 0 && nowMs - this.#viewedMs < unwatchedViewMs) return;
    this.#viewedMs = nowMs;
    await this.#view.refresh();
    const { health } = this.#view.latest() ?? {};
    if (health === undefined || JSON.stringify(health) === this.#sentHealth) return;
    this.#sentHealth = JSON.stringify(health);
    this.streams.send({ event: 'health', data: health });
  }

  /** Samples until what is returned is called. */
  startSampling(): () => void {
    const sampling = setInterval(() => {
      this.streams.send({ event: 'signals', data: this.#signals.sample() });
    }, sampleEveryMs);
    return () => {
      clearInterval(sampling);
    };
  }
}
