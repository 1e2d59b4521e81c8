import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

export interface BodyEvents {
  /** Bytes arrived and more are to come. */
  bodyProgressed(bytes: number): void;
  bodyWhole(body: Buffer): void;
}

/** What listens for a body; `req.off('data', it)` ends it before the body is whole. */
export type BodyListener = (chunk: Buffer) => void;

/** Collects a body of known length in one piece. What still comes of the request runs off by itself. */
export function holdBody(req: IncomingMessage, lengthBytes: number, events: BodyEvents): BodyListener {
  let whole: Buffer | null = null;
  let receivedBytes = 0;
  const onData = (chunk: Buffer): void => {
    if (whole === null && chunk.byteLength === lengthBytes) {
      events.bodyWhole(chunk);
      return;
    }
    whole ??= Buffer.allocUnsafeSlow(lengthBytes);
    receivedBytes += chunk.copy(whole, receivedBytes);
    if (receivedBytes === lengthBytes) events.bodyWhole(whole);
    else events.bodyProgressed(chunk.byteLength);
  };
  req.on('data', onData);
  return onData;
}

export interface StreamEvents {
  readonly progressed: (chunk: Buffer) => void;
  /** More came than the gateway passes on. */
  readonly tooLarge: () => void;
  /** All of it was read. */
  readonly ended: () => void;
}

/**
 * A body on its way through: reads from the client only as fast as the replica takes it. It stands between the two so
 * that a broken replica does not tear down the client's connection, on which the refusal must still go out.
 */
export class BodyStream extends Readable {
  readonly #req: IncomingMessage;
  readonly #limitBytes: number;
  readonly #events: StreamEvents;
  #receivedBytes = 0;
  #attached = false;
  #waits = false;

  constructor(req: IncomingMessage, limitBytes: number, events: StreamEvents) {
    super({ highWaterMark: 64 * 1024 });
    this.#req = req;
    this.#limitBytes = limitBytes;
    this.#events = events;
  }

  /** True while nothing was taken from the client: another replica may still have it from the first byte. */
  get untouched(): boolean {
    return !this.#attached;
  }

  /** True when the replica would take more and the client sends nothing. */
  get waitsForClient(): boolean {
    return this.#waits;
  }

  override _read(): void {
    this.#waits = true;
    if (!this.#attached) {
      this.#attached = true;
      // An empty one may have ended before a replica was there to take it.
      if (this.#req.readableEnded) {
        this.#onEnd();
        return;
      }
      this.#req.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose);
    }
    this.#req.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#waits = false;
    this.#req.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    callback(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#receivedBytes += chunk.byteLength;
    if (this.#receivedBytes > this.#limitBytes) {
      this.#events.tooLarge();
      return;
    }
    this.#events.progressed(chunk);
    if (this.push(chunk)) return;
    this.#waits = false;
    this.#req.pause();
  };

  readonly #onEnd = (): void => {
    this.#waits = false;
    this.#events.ended();
    this.push(null);
  };

  readonly #onClose = (): void => {
    if (!this.#req.complete) this.destroy(new Error('the client left before its body was whole'));
  };
}
