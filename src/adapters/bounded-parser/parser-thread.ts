import { Worker } from 'node:worker_threads';
import type { Clock } from '../../ports/process/clock.ts';
import type { ParseAnswer, ParseWork } from './parse-messages.ts';

export interface ParserLimits {
  /** For one text, the start of the thread included. */
  readonly deadlineMs: number;
  readonly heapMegabytes: number;
  /** Texts that may wait for the thread. */
  readonly queue: number;
  /** The thread sees no other variable. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Why a thread gave no answer. */
export type Overrun = { readonly overrun: 'time' | 'memory' } | { readonly overrun: 'failed'; readonly cause: Error };

/** One worker thread that does one piece of work at a time. After an overrun it is gone, and a new one must be made. */
export class ParserThread {
  readonly #worker: Worker;
  readonly #deadlineMs: number;
  readonly #clock: Clock;

  constructor(script: URL, { deadlineMs, heapMegabytes, environment }: ParserLimits, clock: Clock) {
    this.#deadlineMs = deadlineMs;
    this.#clock = clock;
    this.#worker = new Worker(script, {
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
      execArgv: process.execArgv.filter((argument) => argument.startsWith('--disable-warning')),
      env: { ...environment },
    });
    // An error without a listener would end the process; whoever waits hears of it in `ask`.
    this.#worker.on('error', () => undefined);
    this.#worker.unref();
  }

  /** Resolves also when the thread fails; then it has ended. */
  async ask(work: ParseWork): Promise<ParseAnswer | Overrun> {
    // The process stays alive for an answer that somebody waits for, and for no idle thread.
    this.#worker.ref();
    const answer = await this.#firstOf(work);
    this.#worker.unref();
    if ('overrun' in answer) await this.end();
    return answer;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #firstOf(work: ParseWork): Promise<ParseAnswer | Overrun> {
    const worker = this.#worker;
    const settled = new AbortController();
    return new Promise((resolve) => {
      const settle = (outcome: ParseAnswer | Overrun): void => {
        settled.abort();
        worker.off('message', settle).off('error', onError).off('exit', onExit);
        resolve(outcome);
      };
      const onError = (cause: Error & { readonly code?: string }): void =>
        settle(cause.code === 'ERR_WORKER_OUT_OF_MEMORY' ? { overrun: 'memory' } : { overrun: 'failed', cause });
      const onExit = (code: number): void =>
        settle({ overrun: 'failed', cause: new Error(`the thread that parses ended with status ${code}`) });
      worker.on('message', settle).on('error', onError).on('exit', onExit);
      worker.postMessage(work);
      // Rejects when it is settled by something else.
      this.#clock.sleep(this.#deadlineMs, settled.signal).then(
        () => settle({ overrun: 'time' }),
        () => undefined,
      );
    });
  }
}
