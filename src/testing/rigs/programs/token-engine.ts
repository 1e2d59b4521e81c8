import type { Clock } from '../../../ports/process/clock.ts';

/** How a simulated engine serves; all times are stated, so that what a client measures can be checked. */
export interface TokenEngineTimes {
  /** To the first token, beside what the input takes. */
  readonly firstMs: number;
  /** Of each input token that is not in the prefix cache. */
  readonly perInputMs: number;
  /** Between two tokens of an answer. */
  readonly betweenMs: number;
  /** Answers at once; others wait in the order in which they came. */
  readonly slots: number;
  /** Input tokens of a block of the prefix cache; 0 for an engine without one. */
  readonly blockTokens: number;
}

export interface TokenRequest {
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** The prompt, whose words are its tokens. */
  readonly words: readonly string[];
}

const blocksAtMost = 100_000;

/**
 * Waits out the times of an engine that streams tokens, with a prefix cache of whole blocks as vLLM has it. A token that is late, because
 * the process was busy, does not delay the tokens after it.
 */
export class TokenEngine {
  readonly #times: TokenEngineTimes;
  readonly #clock: Clock;
  readonly #blocks = new Set<string>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(times: TokenEngineTimes, clock: Clock) {
    this.#times = times;
    this.#clock = clock;
  }

  get queueDepth(): number {
    return this.#waiting.length;
  }

  /** Calls `emit` for each token in its time; resolves with the input tokens that were cached. */
  async serve(request: TokenRequest, emit: (token: number) => void): Promise<number> {
    if (this.#running >= this.#times.slots) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await this.#stream(request, emit);
    } finally {
      // The slot goes to who waits first, or is free.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #stream({ tokensIn, tokensOut, words }: TokenRequest, emit: (token: number) => void): Promise<number> {
    const { firstMs, perInputMs, betweenMs } = this.#times;
    const cached = Math.min(this.#takeBlocks(words), tokensIn);
    let dueMs = this.#clock.monotonicMs() + firstMs + perInputMs * (tokensIn - cached);
    for (let token = 0; token < tokensOut; token += 1) {
      const leftMs = dueMs - this.#clock.monotonicMs();
      if (leftMs > 0) await this.#clock.sleep(leftMs);
      emit(token);
      dueMs += betweenMs;
    }
    return cached;
  }

  /** Tokens of the blocks at the beginning that are known; all blocks are known from now on. */
  #takeBlocks(words: readonly string[]): number {
    const { blockTokens } = this.#times;
    if (blockTokens === 0) return 0;
    let [cached, isKnown] = [0, true];
    let prefix = '';
    for (let end = blockTokens; end <= words.length; end += blockTokens) {
      prefix = `${hash(`${prefix} ${words.slice(end - blockTokens, end).join(' ')}`)}`;
      isKnown &&= this.#blocks.has(prefix);
      if (isKnown) cached = end;
      if (this.#blocks.size < blocksAtMost) this.#blocks.add(prefix);
    }
    return cached;
  }
}

/** FNV-1a, 32 bits, twice with other beginnings: blocks of a test do not collide. */
function hash(text: string): string {
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let at = 0; at < text.length; at += 1) {
    a = Math.imul(a ^ text.charCodeAt(at), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(at), 0x85ebca6b);
  }
  return `${(a >>> 0).toString(36)}${(b >>> 0).toString(36)}`;
}
