import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Bundle } from '../../core/bundle/bundle.ts';
import type { Lock } from '../../core/evidence/lock/lock.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { BoundedParser } from '../../ports/process/bounded-parser.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { ContractReading } from '../../schemas/contract/contract.ts';
import { valueOf, type ParseWork } from './parse-messages.ts';
import { ParserThread, type Overrun, type ParserLimits } from './parser-thread.ts';

/** The worst contract within its bounds takes a second of one core; a machine may be ten times as busy. */
const defaultLimits: ParserLimits = { deadlineMs: 10_000, heapMegabytes: 256, queue: 64, environment: {} };
/** The texts of one bundle come one after the other. An idle thread holds 25 MB, and a new one starts in 0.4 s. */
const idleAtMostMs = 1_000;

export interface BoundedParserOptions extends Partial<ParserLimits> {
  readonly clock: Clock;
  /** Another script for the thread, as tests have one that never ends. */
  readonly script?: URL;
}

/** Parses in a worker thread that starts with the first text, is ended when idle, and is replaced after an overrun. */
export function makeBoundedParser({ clock, script, ...limits }: BoundedParserOptions): BoundedParser {
  const all = { ...defaultLimits, ...limits };
  const startThread = (): ParserThread =>
    new ParserThread(script ?? new URL('./parser-worker.ts', import.meta.url), all, clock);
  const queue = new ParseQueue(startThread, all, clock);
  return {
    contract: (bytes, file, shownAs = file) =>
      queue.parse({ kind: 'contract', bytes, file, shownAs }) as Promise<ContractReading>,
    lock: (bytes, file) => queue.parse({ kind: 'lock', bytes, file }) as Promise<Lock>,
    bundle: (bytes) => queue.parse({ kind: 'bundle', bytes, file: 'the manifest' }) as Promise<Bundle>,
    json: (bytes, what) => queue.parse({ kind: 'json', bytes, file: what }),
    close: () => queue.close(),
  };
}

/** One text after the other, in the order in which they came. */
class ParseQueue {
  readonly #startThread: () => ParserThread;
  readonly #limits: ParserLimits;
  readonly #clock: Clock;
  #thread: ParserThread | null = null;
  #idle = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  constructor(startThread: () => ParserThread, limits: ParserLimits, clock: Clock) {
    this.#startThread = startThread;
    this.#limits = limits;
    this.#clock = clock;
  }

  async parse(work: ParseWork): Promise<unknown> {
    if (this.#waiting >= this.#limits.queue) throw busy(work.file, this.#waiting);
    this.#idle.abort();
    this.#waiting += 1;
    const result = this.#last.then(() => this.#parseNow(work));
    this.#last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#beIdle();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#idle.abort();
    await this.#endThread();
    await this.#last;
  }

  /** Ends the thread when no text comes for a while. */
  #beIdle(): void {
    if (this.#thread === null) return;
    this.#idle = new AbortController();
    this.#clock.sleep(idleAtMostMs, this.#idle.signal).then(
      () => (this.#waiting === 0 ? this.#endThread() : undefined),
      () => undefined,
    );
  }

  async #endThread(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    await thread?.end();
  }

  async #parseNow(work: ParseWork): Promise<unknown> {
    if (this.#isClosed) throw closed(work.file);
    this.#thread ??= this.#startThread();
    const answer = await this.#thread.ask(work);
    if (!('overrun' in answer)) return valueOf(answer);
    this.#thread = null;
    throw this.#isClosed ? closed(work.file) : this.#asError(answer, work.file);
  }

  #asError(overrun: Overrun, file: string): PlimsollError {
    if (overrun.overrun === 'failed') return asPlimsollError(overrun.cause);
    const { deadlineMs, heapMegabytes } = this.#limits;
    const limit = overrun.overrun === 'time' ? `${deadlineMs / 1_000} s` : `${heapMegabytes} MiB of memory`;
    return new PlimsollError({
      code: 'parse-overrun',
      category: 'input',
      message: `${file} takes more than ${limit} to read`,
      next: nextStep(adapterSteps, 'parse-overrun'),
      details: { limit: overrun.overrun },
    });
  }
}

const busy = (file: string, waiting: number): PlimsollError =>
  new PlimsollError({
    code: 'parser-busy',
    category: 'overloaded',
    message: `${file} is not read: ${waiting} other files wait to be read`,
    next: 'try again later',
  });

const closed = (file: string): PlimsollError =>
  new PlimsollError({
    code: 'parser-closed',
    category: 'unavailable',
    message: `${file} is not read: the program is stopping`,
    next: 'try again later',
  });
