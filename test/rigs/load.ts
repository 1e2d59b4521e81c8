import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { inferBody, rowOf, type TinyModel } from './tiny-model.ts';

export interface Failure {
  readonly atMs: number;
  readonly what: string;
}

/**
 * Clients that send one request after the other, each with a pause, and check every answer to the last digit. They stand
 * for the traffic that a fault must not disturb.
 */
export class Load {
  readonly #url: string;
  readonly #models: readonly TinyModel[];
  readonly #agent: Agent;
  readonly #ending = new AbortController();
  readonly #clients: readonly Promise<void>[];
  readonly failures: Failure[] = [];
  readonly latenciesMs: number[] = [];
  answered = 0;
  inFlight = 0;
  #next = 0;

  /** An answer is right when it is that of one of `models`. */
  constructor(gatewayUrl: string, models: readonly TinyModel[], clients = 8) {
    this.#url = `${gatewayUrl}/v2/models/tiny/infer`;
    this.#models = models;
    this.#agent = new Agent({ connections: clients, pipelining: 1, connect: { timeout: 2_000 } });
    this.#clients = Array.from({ length: clients }, () => this.#client());
  }

  /** What came about since the last call. */
  take(): { readonly answered: number; readonly failures: readonly Failure[] } {
    const taken = { answered: this.answered, failures: this.failures.splice(0) };
    this.answered = 0;
    return taken;
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#clients);
    if (!this.#agent.destroyed) await this.#agent.close();
  }

  async #client(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#send();
      await delay(10, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    }
  }

  async #send(): Promise<void> {
    const x = rowOf((this.#next += 1));
    const sentMs = performance.now();
    this.inFlight += 1;
    try {
      const wrong = await this.#trouble(x);
      if (wrong === null) {
        this.answered += 1;
        this.latenciesMs.push(performance.now() - sentMs);
      } else this.failures.push({ atMs: performance.now(), what: wrong });
    } catch (thrown) {
      const error = thrown as NodeJS.ErrnoException;
      this.failures.push({ atMs: performance.now(), what: error.code ?? error.message });
    } finally {
      this.inFlight -= 1;
    }
  }

  async #trouble(x: readonly number[]): Promise<string | null> {
    const answer = await request(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: inferBody(x),
      dispatcher: this.#agent,
      headersTimeout: 30_000,
      bodyTimeout: 30_000,
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) return `${answer.statusCode} ${text.slice(0, 200)}`;
    const { outputs } = JSON.parse(text) as { readonly outputs: readonly { readonly data: readonly number[] }[] };
    const data = JSON.stringify(outputs[0]?.data);
    return this.#models.some((model) => JSON.stringify(model.answer(x)) === data) ? null : `wrong answer ${data}`;
  }
}
