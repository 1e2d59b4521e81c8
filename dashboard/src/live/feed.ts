import { type Heard, reconnectDelayMs } from './connection.ts';
import { type EventStreamRest, type ServerEvent, takeEvents } from './server-events.ts';

/** What a feed needs of the browser; a test brings its own. */
export interface FeedSurroundings {
  readonly fetch: (path: string, options: { signal: AbortSignal }) => Promise<Response>;
  readonly nowMs: () => number;
  readonly sleep: (durationMs: number, signal: AbortSignal) => Promise<void>;
}

/** A page shows one feed at a time. A snapshot is replaced whole on each change. */
export interface Feed {
  readonly subscribe: (listener: () => void) => () => void;
  readonly snapshot: () => Heard;
}

/** What a feed knows, and who is told when that changes. */
export class Known<T extends Heard> implements Feed {
  #now: T;
  readonly #listeners = new Set<() => void>();

  constructor(first: T) {
    this.#now = first;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): T => this.#now;

  change(change: Partial<T> | Partial<Heard>): void {
    this.#now = { ...this.#now, ...change };
    for (const listener of this.#listeners) listener();
  }
}

export function nothingHeard({ nowMs }: FeedSurroundings, silentMs: number): Heard {
  return { lastHeardAtMs: null, streamOpen: false, trouble: null, startedAtMs: nowMs(), silentMs };
}

/** The control plane answered, and not with what was asked for. */
export const refusalOf = (path: string, status: number): Error => new Error(`${path} answered with status ${status}`);

interface Following {
  readonly surroundings: FeedSurroundings;
  readonly known: Known<Heard>;
  /** One connection, from its first answer to its end. */
  readonly followOnce: (signal: AbortSignal) => Promise<void>;
}

/** Connects again and again until the signal aborts. Never rejects. */
export async function keepFollowing(
  { surroundings, known, followOnce }: Following,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const heardBefore = known.snapshot().lastHeardAtMs;
    const trouble = await followAndClose(followOnce, signal);
    if (signal.aborted) return;
    known.change({ streamOpen: false, trouble });
    failures = known.snapshot().lastHeardAtMs === heardBefore ? failures + 1 : 0;
    await surroundings.sleep(reconnectDelayMs(failures), signal).catch(() => undefined);
  }
}

/** Why the connection ended, in words. */
async function followAndClose(followOnce: Following['followOnce'], outer: AbortSignal): Promise<string> {
  const closing = new AbortController();
  try {
    await followOnce(AbortSignal.any([outer, closing.signal]));
    return 'the control plane closed the stream';
  } catch (error) {
    return troubleOf(error);
  } finally {
    closing.abort();
  }
}

/** Opens a stream by fetch, because EventSource tells neither a refusal's status nor why it closed. */
export async function openStream(
  { fetch }: FeedSurroundings,
  path: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const stream = await fetch(path, { signal });
  if (!stream.ok || stream.body === null) throw refusalOf(path, stream.status);
  return stream.body;
}

/** Reads to the end. `hear` is called with no events for a ping: it says that somebody is there. */
export async function readStream(
  body: ReadableStream<Uint8Array>,
  hear: (events: readonly ServerEvent[]) => Promise<void> | void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest: EventStreamRest = { text: '' };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const taken = takeEvents(rest, decoder.decode(value, { stream: true }));
    rest = taken.rest;
    await hear(taken.events);
  }
}

function troubleOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'the control plane did not answer in time';
  if (error instanceof TypeError) return 'the control plane cannot be reached';
  return error instanceof Error ? error.message : String(error);
}
