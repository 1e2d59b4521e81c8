import type { ComparisonTurns } from './comparison-turns.ts';
import { comparePair, type AnswerPair, type PairOutcome } from './shadow-answer.ts';

export interface ComparisonBounds {
  readonly queuedAtMost: number;
  readonly perSecond: number;
  /** Of the time of the event loop, over each comparison and the rest after it. */
  readonly loopShare: number;
}

interface Queued {
  readonly pair: AnswerPair;
  readonly done: (outcome: PairOutcome) => void;
}

/**
 * Compares answers behind the traffic: one step in a turn of the event loop, and after each comparison a rest so long that
 * all of them together, those of other services too, take no more than a share of its time.
 */
export class ComparisonQueue {
  readonly #bounds: ComparisonBounds;
  readonly #turns: ComparisonTurns;
  readonly #nowMs: () => number;
  readonly #waiting: Queued[] = [];
  #asked = false;
  #stopped = false;

  constructor(bounds: ComparisonBounds, turns: ComparisonTurns, nowMs: () => number) {
    this.#bounds = bounds;
    this.#turns = turns;
    this.#nowMs = nowMs;
  }

  /** False when too many wait already. `done` is called in a later turn, exactly once, unless the queue is stopped. */
  offer(pair: AnswerPair, done: (outcome: PairOutcome) => void): boolean {
    if (this.#waiting.length >= this.#bounds.queuedAtMost || this.#stopped) return false;
    this.#waiting.push({ pair, done });
    this.#ask();
    return true;
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  #ask(): void {
    if (this.#asked || this.#waiting.length === 0) return;
    this.#asked = true;
    this.#turns.ask(() => this.#next());
  }

  #next(): void {
    this.#asked = false;
    const queued = this.#waiting.shift();
    if (queued === undefined) this.#turns.over(0);
    else this.#step(comparePair(queued.pair), queued, 0);
  }

  #step(steps: Generator<null, PairOutcome>, queued: Queued, spentMs: number): void {
    if (this.#stopped) {
      this.#turns.over(0);
      return;
    }
    const beganMs = this.#nowMs();
    const { done, value } = steps.next();
    const nowSpentMs = spentMs + this.#nowMs() - beganMs;
    if (done !== true) {
      setImmediate(() => this.#step(steps, queued, nowSpentMs));
      return;
    }
    queued.done(value);
    const { perSecond, loopShare } = this.#bounds;
    const restMs = Math.max(1000 / perSecond, nowSpentMs / loopShare - nowSpentMs);
    this.#ask();
    this.#turns.over(restMs);
  }
}
