import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that wants to say its next word. */
export interface Asking {
  allow(): void;
  /** Resolves when it asks no longer without having been allowed: nobody listens to it any more. */
  readonly withdrawn: Promise<void>;
}

/** Decides when a server says its next word, so that a test knows what was not there yet. */
export class Pace {
  readonly #server: Server;
  readonly #waiting: Asking[] = [];
  #arrived: () => void = () => undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      const withdrawn = new Promise<void>((resolve) => {
        response.once('close', () => {
          if (!response.writableFinished) resolve();
        });
      });
      this.#waiting.push({ allow: () => void response.end(), withdrawn });
      request.resume();
      this.#arrived();
    });
  }

  static async open(): Promise<Pace> {
    const pace = new Pace();
    pace.#server.listen(0, '127.0.0.1');
    await once(pace.#server, 'listening');
    return pace;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** The next one that asks, in the order of their coming. */
  async asked(): Promise<Asking> {
    for (;;) {
      const first = this.#waiting.shift();
      if (first !== undefined) return first;
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }

  /** Nobody waits to be allowed. */
  get isQuiet(): boolean {
    return this.#waiting.length === 0;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
