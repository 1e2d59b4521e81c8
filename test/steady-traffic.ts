import { setTimeout as delay } from 'node:timers/promises';

/** Some forty requests a second at most: a client leaves the processor to what it looks at. */
const pauseMs = 20;

/** What one request of the traffic came to. */
export interface TrafficAnswer {
  readonly status: number;
  readonly release: string | null;
  readonly body: string;
}

/** One request after the other for as long as it runs, a pause between them: what a client sees while releases come and go. */
export class SteadyTraffic {
  readonly #send: () => Promise<Response>;
  readonly #working: Promise<void>;
  #answers: TrafficAnswer[] = [];
  #ending = false;

  constructor(send: () => Promise<Response>) {
    this.#send = send;
    this.#working = this.#work();
  }

  /** The answers since the last call. */
  take(): readonly TrafficAnswer[] {
    const taken = this.#answers;
    this.#answers = [];
    return taken;
  }

  async end(): Promise<void> {
    this.#ending = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    while (!this.#ending) {
      this.#answers.push(
        await this.#send().then(
          async (answer) => ({
            status: answer.status,
            release: answer.headers.get('plimsoll-release'),
            body: await answer.text(),
          }),
          (thrown: unknown) => ({ status: 0, release: null, body: String(thrown) }),
        ),
      );
      await delay(pauseMs);
    }
  }
}
