import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';
import { PlimsollError } from '../../core/units/errors.ts';

const streamsAtMost = 256;
/** Of one reader: a browser with many pages open has as many. */
const ofOneReaderAtMost = 64;
/** A reader that lets this much pile up is not reading; it may come back and ask for what it missed. */
const backlogBytesAtMost = 4 * 1024 * 1024;
const pingEveryMs = 10_000;
/** Where an event comes with each reading, the last of so many readings has to do. */
const readingsAtMost = 3;

export interface StreamEvent {
  readonly event: string;
  readonly data: unknown;
  /** Where a reader that comes back goes on from. */
  readonly id?: number;
}

/** The streams that are open in all, of all that share it, oldest first. */
export class StreamBudget {
  readonly #ofOneAtMost: number;
  readonly #open = new Map<ServerResponse, { readonly owner: string; readonly end: () => void }>();

  constructor(ofOneAtMost = ofOneReaderAtMost) {
    this.#ofOneAtMost = ofOneAtMost;
  }

  get open(): number {
    return this.#open.size;
  }

  /**
   * One owner may not take the place of all others: the oldest streams of whoever has too many are ended, and count no more. Where all
   * places are taken, whoever has the most gives one up to an owner that has at least two less.
   * @throws PlimsollError `too-many-streams` (overloaded).
   */
  makeRoom(owner: string): void {
    while (this.#countOf(owner) >= this.#ofOneAtMost) this.#endOldest(owner);
    if (this.#open.size < streamsAtMost) return;
    const counts = new Map<string, number>();
    for (const { owner: each } of this.#open.values()) counts.set(each, (counts.get(each) ?? 0) + 1);
    const [heaviest, most] = [...counts].reduce((one, other) => (other[1] > one[1] ? other : one));
    const own = counts.get(owner) ?? 0;
    if (most > own + 1) this.#endOldest(heaviest);
    else if (own > 0) this.#endOldest(owner);
    if (this.#open.size < streamsAtMost) return;
    throw new PlimsollError({
      code: 'too-many-streams',
      category: 'overloaded',
      message: `${streamsAtMost} streams are open already`,
      next: 'close a page, or try again later',
    });
  }

  #countOf(owner: string): number {
    return [...this.#open.values()].filter((stream) => stream.owner === owner).length;
  }

  #endOldest(owner: string): void {
    const oldest = [...this.#open].find(([, stream]) => stream.owner === owner);
    if (oldest === undefined) return;
    this.giveBack(oldest[0]);
    oldest[1].end();
  }

  take(reader: ServerResponse, owner: string, end: () => void): void {
    this.#open.set(reader, { owner, end });
  }

  giveBack(reader: ServerResponse): void {
    this.#open.delete(reader);
  }
}

interface Reader {
  readonly mayRead: () => boolean;
  /** What of an event this reader may see; null where it sees all of it. */
  readonly show: ((event: StreamEvent) => StreamEvent) | null;
}

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) to a bounded number of readers. */
export class EventStreams {
  readonly #readers = new Map<ServerResponse, Reader>();
  /** How many events of each name were sent, to whomever. */
  readonly #sent = new Map<string, number>();
  readonly #pings: NodeJS.Timeout;
  readonly #budget: StreamBudget;

  constructor(budget: StreamBudget = new StreamBudget(), everyMs = pingEveryMs) {
    this.#budget = budget;
    this.#pings = setInterval(() => {
      for (const [reader, { mayRead }] of this.#readers) {
        if (mayRead()) this.#write(reader, ': ping\n\n');
        else reader.end();
      }
    }, everyMs);
    this.#pings.unref();
  }

  get size(): number {
    return this.#readers.size;
  }

  /**
   * Takes the answer over from fastify and sends `first` at once.
   * @param owner whose stream it is, as `budgetOwnerOf` gives it: nothing that a request says of itself.
   * @param show leaves out of an event what this reader may not see.
   * @param mayRead is asked at each ping, so that a stream ends soon after its credential does.
   */
  open(
    reply: FastifyReply,
    first: readonly StreamEvent[],
    owner: string,
    mayRead: () => boolean = () => true,
    show: Reader['show'] = null,
  ): ServerResponse {
    this.#budget.makeRoom(owner);
    reply.hijack();
    const reader = reply.raw;
    reader.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    this.#readers.set(reader, { mayRead, show });
    this.#budget.take(reader, owner, () => {
      this.#readers.delete(reader);
      reader.end();
    });
    const forget = (): void => {
      this.#budget.giveBack(reader);
      this.#readers.delete(reader);
    };
    reader.on('close', forget);
    reader.on('error', forget);
    this.#write(reader, ': plimsoll\n\n');
    for (const event of first) this.#write(reader, encode(show === null ? event : show(event)));
    return reader;
  }

  /**
   * Returns what `read` returns, read anew where an event of that name was sent meanwhile. A stream that is opened with it
   * at once misses no event: one that was sent before its reader was there is in what was read.
   */
  async readBetween<T>(event: string, read: () => Promise<T>): Promise<T> {
    const sent = (): number => this.#sent.get(event) ?? 0;
    for (let readings = 1; ; readings += 1) {
      const before = sent();
      const found = await read();
      if (sent() === before || readings === readingsAtMost) return found;
    }
  }

  send(event: StreamEvent): void {
    this.#sent.set(event.event, (this.#sent.get(event.event) ?? 0) + 1);
    if (this.#readers.size === 0) return;
    const text = encode(event);
    for (const [reader, { show }] of this.#readers) {
      this.#write(reader, show === null ? text : encode(show(event)));
    }
  }

  /** Ends at once the streams whose credential is not taken any more, which a ping would end later. */
  endRefused(): void {
    for (const [reader, { mayRead }] of this.#readers) if (!mayRead()) reader.end();
  }

  close(): void {
    clearInterval(this.#pings);
    for (const reader of this.#readers.keys()) reader.end();
    this.#readers.clear();
  }

  #write(reader: ServerResponse, text: string): void {
    if (reader.destroyed) return;
    if (reader.writableLength > backlogBytesAtMost) reader.destroy();
    else reader.write(text);
  }
}

function encode({ event, data, id }: StreamEvent): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
