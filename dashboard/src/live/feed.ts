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

export const nothingHeard = { lastHeardAtMs: null, streamOpen: false, trouble: null } as const;

/** The control plane answered, and not with what was asked for. */
export const refusalOf = (path: string, status: number): Error => new Error(`${path} answered with status ${status}`);

interface Following {
  readonly surroundings: FeedSurroundings;
  readonly snapshot: () => Heard;
  /** One connection, from its first answer to its end; resolves with why it ended. */
  readonly followOnce: (signal: AbortSignal) => Promise<string>;
  readonly closed: (trouble: string) => void;
}

/** Connects again and again until the signal aborts. Never rejects. */
export async function keepFollowing(following: Following, signal: AbortSignal): Promise<void> {
  const { surroundings, snapshot, closed } = following;
  let failures = 0;
  while (!signal.aborted) {
    const heardBefore = snapshot().lastHeardAtMs;
    const trouble = await followAndClose(following, signal);
    if (signal.aborted) return;
    closed(trouble);
    failures = snapshot().lastHeardAtMs === heardBefore ? failures + 1 : 0;
    await surroundings.sleep(reconnectDelayMs(failures), signal).catch(() => undefined);
  }
}

async function followAndClose({ followOnce }: Following, outer: AbortSignal): Promise<string> {
  const closing = new AbortController();
  try {
    return await followOnce(AbortSignal.any([outer, closing.signal]));
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
