import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { service } from './serving-world.ts';

/** Clients that ask one after the other, and check each answer: `x * factor` for one of the factors that may answer. */
export class ProductLoad {
  readonly failures: string[] = [];
  /** Answers by factor. */
  readonly answered = new Map<number, number>();
  readonly #url: string;
  readonly #factors: ReadonlySet<number>;
  readonly #agent = new Agent({ connections: 4, pipelining: 1 });
  readonly #ending = new AbortController();
  readonly #pauseMs: number;
  readonly #clients: readonly Promise<void>[];
  readonly #awaiting = new Map<number, () => void>();

  /** @param pauseMs of each client between two requests. @param model of another name than the service of a serving world. */
  constructor(gatewayUrl: string, factors: readonly number[], pauseMs = 20, model = service) {
    this.#pauseMs = pauseMs;
    this.#url = `${gatewayUrl}/v2/models/${model}/infer`;
    this.#factors = new Set(factors);
    this.#clients = Array.from({ length: 4 }, (_, at) => this.#client(at + 1));
  }

  get total(): number {
    return this.answered.values().reduce((sum, count) => sum + count, 0);
  }

  /** Until the next answer by this factor. */
  async untilAnsweredBy(factor: number): Promise<void> {
    await new Promise<void>((resolve) => this.#awaiting.set(factor, resolve));
  }

  /** @returns what failed. */
  async end(): Promise<readonly string[]> {
    this.#ending.abort();
    await Promise.all(this.#clients);
    await this.#agent.close();
    return this.failures;
  }

  async #client(x: number): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#send(x).catch((thrown: unknown) => void this.failures.push(String(thrown)));
      await delay(this.#pauseMs);
    }
  }

  async #send(x: number): Promise<void> {
    const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [x] }] });
    const headers = { 'content-type': 'application/json' };
    const answer = await request(this.#url, { method: 'POST', headers, body, dispatcher: this.#agent });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${text.slice(0, 300)}`);
    const [y] = (JSON.parse(text) as { outputs: { data: number[] }[] }).outputs[0]?.data ?? [];
    const factor = (y ?? NaN) / x;
    if (!this.#factors.has(factor)) throw new Error(`${x} was answered by ${y}`);
    this.answered.set(factor, (this.answered.get(factor) ?? 0) + 1);
    this.#awaiting.get(factor)?.();
    this.#awaiting.delete(factor);
  }
}
