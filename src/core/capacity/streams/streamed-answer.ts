/** One streamed answer, as the client saw it. Times are milliseconds from sending the request. */
export interface StreamedAnswer {
  /** To the first token. */
  readonly ttftMs: number;
  /** To the last token. */
  readonly lastTokenMs: number;
  /** Longest time between two pieces of the answer; 0 of an answer in one piece. */
  readonly longestGapMs: number;
  /** As the server counts them (`usage`); null where it does not say. */
  readonly tokensIn: number | null;
  /** Tokens of the answer; pieces that came where the server does not say. */
  readonly tokensOut: number;
  /** Input tokens that the server took from its prefix cache; null where it does not say. */
  readonly cachedTokens: number | null;
}

/**
 * Returns the mean time between two tokens of an answer: from the first to the last token, over one less than the tokens. 0 of one
 * token. Worked: 11 tokens, the first after 50 ms and the last after 250 ms: 20 ms. GuideLLM and AIPerf call it inter-token
 * latency, vLLM's benchmark time per output token.
 */
export function interTokenMs({ ttftMs, lastTokenMs, tokensOut }: StreamedAnswer): number {
  return tokensOut <= 1 ? 0 : Math.max(0, lastTokenMs - ttftMs) / (tokensOut - 1);
}
