import type { PoolMatrix } from '../../src/core/hardware/pool-matrix.ts';
import type { StoredEvent } from '../../src/ports/store.ts';
import type { ServiceView, SignalSample } from '../../src/schemas/view.ts';
import { reconnectDelayMs } from './connection.ts';
import { mergeEvents } from './event-list.ts';
import { type EventStreamRest, type ServerEvent, takeEvents } from './server-events.ts';
import { addSamples, windowSeconds } from './signal-window.ts';

/** All that the page knows, and since when. Replaced whole on each change, so that a reader can compare by identity. */
export interface Live {
  readonly view: ServiceView | null;
  readonly events: readonly StoredEvent[];
  /** Empty when the contract asks nothing of the hardware. */
  readonly pools: readonly PoolMatrix[];
  readonly samples: readonly SignalSample[];
  readonly startedAtMs: number;
  /** When anything last arrived, by this machine's clock; null until then. */
  readonly lastHeardAtMs: number | null;
  readonly streamOpen: boolean;
  /** Server's clock less ours, so that ages are right on a machine whose clock is off. */
  readonly clockAheadMs: number;
  /** Why it is not open, in words. */
  readonly trouble: string | null;
}

/** What the feed needs of the browser; a test brings its own. */
export interface FeedSurroundings {
  readonly fetch: (path: string, options: { signal: AbortSignal }) => Promise<Response>;
  readonly nowMs: () => number;
  readonly sleep: (durationMs: number, signal: AbortSignal) => Promise<void>;
}

const answerTimeoutMs = 8_000;

/**
 * Follows one control plane: first paint from `GET /v1/view`, `/v1/events` and `/v1/signals`, then `/v1/stream`, and again from
 * the start after each break. It reads the stream by fetch, because EventSource tells neither a refusal's status nor why
 * it closed.
 */
export class LiveFeed {
  #live: Live;
  readonly #listeners = new Set<() => void>();
  readonly #surroundings: FeedSurroundings;

  constructor(surroundings: FeedSurroundings) {
    this.#surroundings = surroundings;
    this.#live = {
      view: null,
      events: [],
      pools: [],
      samples: [],
      startedAtMs: surroundings.nowMs(),
      lastHeardAtMs: null,
      streamOpen: false,
      clockAheadMs: 0,
      trouble: null,
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): Live => this.#live;

  /** Runs until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const heardBefore = this.#live.lastHeardAtMs;
      const trouble = await this.#followOnce(signal).catch((error: unknown) => troubleOf(error));
      if (signal.aborted) return;
      this.#change({ streamOpen: false, trouble });
      failures = this.#live.lastHeardAtMs === heardBefore ? failures + 1 : 0;
      await this.#surroundings.sleep(reconnectDelayMs(failures), signal).catch(() => undefined);
    }
  }

  /** One connection, from its first answer to its end. */
  async #followOnce(outer: AbortSignal): Promise<string> {
    const closing = new AbortController();
    const signal = AbortSignal.any([outer, closing.signal]);
    try {
      const [view, events, samples, pools] = await Promise.all([
        this.#answer<ServiceView>('v1/view', signal),
        this.#answer<readonly StoredEvent[]>('v1/events?last=200', signal),
        this.#answer<readonly SignalSample[]>(`v1/signals?last=${windowSeconds}`, signal),
        this.#pools(signal),
      ]);
      this.#heardView(view);
      this.#heard({
        events: mergeEvents(this.#live.events, events),
        samples: addSamples(this.#live.samples, samples),
        pools,
      });
      const stream = await this.#surroundings.fetch('v1/stream', { signal });
      if (!stream.ok || stream.body === null) throw new Error(`the stream answered with status ${stream.status}`);
      this.#change({ streamOpen: true, trouble: null });
      await this.#readStream(stream.body, signal);
      return 'the control plane closed the stream';
    } finally {
      closing.abort();
    }
  }

  /** Asked with the rest, so that the page is drawn once; a pool that cannot be read keeps nobody from seeing the rest. */
  async #pools(signal: AbortSignal): Promise<readonly PoolMatrix[]> {
    return this.#answer<readonly PoolMatrix[]>('v1/pools', signal).catch(() => this.#live.pools);
  }

  async #answer<T>(path: string, signal: AbortSignal): Promise<T> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
    const response = await this.#surroundings.fetch(path, { signal: bounded });
    if (!response.ok) throw new Error(`${path} answered with status ${response.status}`);
    return (await response.json()) as T;
  }

  async #readStream(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let rest: EventStreamRest = { text: '' };
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const taken = takeEvents(rest, decoder.decode(value, { stream: true }));
      rest = taken.rest;
      // A ping is an answer too: it has no events, and says that somebody is there.
      const hardware = hardwareOf(this.#live.view);
      this.#heardEvents(taken.events);
      if (hardwareOf(this.#live.view) !== hardware) this.#heard({ pools: await this.#pools(signal) });
    }
  }

  #heardEvents(events: readonly ServerEvent[]): void {
    const samples: SignalSample[] = [];
    const stored: StoredEvent[] = [];
    for (const { event, data } of events) {
      if (event === 'view') this.#heardView(JSON.parse(data) as ServiceView);
      if (event === 'signals') samples.push(JSON.parse(data) as SignalSample);
      if (event === 'event') stored.push(JSON.parse(data) as StoredEvent);
    }
    this.#heard({
      ...(samples.length === 0 ? {} : { samples: addSamples(this.#live.samples, samples) }),
      ...(stored.length === 0 ? {} : { events: mergeEvents(this.#live.events, stored) }),
    });
  }

  #heardView(view: ServiceView): void {
    this.#heard({ view, clockAheadMs: view.nowMs - this.#surroundings.nowMs() });
  }

  #heard(change: Partial<Live>): void {
    this.#change({ ...change, lastHeardAtMs: this.#surroundings.nowMs() });
  }

  #change(change: Partial<Live>): void {
    this.#live = { ...this.#live, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** What the evidence says of the hardware: when that changes, so may the pools. */
const hardwareOf = (view: ServiceView | null): string =>
  JSON.stringify(view?.evidence.find(({ kind }) => kind === 'hardware') ?? null);

function troubleOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'the control plane did not answer in time';
  if (error instanceof TypeError) return 'the control plane cannot be reached';
  return error instanceof Error ? error.message : String(error);
}
