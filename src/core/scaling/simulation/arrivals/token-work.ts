/**
 * What a request takes alone, by its tokens: `fixedMs + perInputTokenMs * input + perOutputTokenMs * output`. Reading the input is
 * one pass over all of it, and each token of the output one step, which is what makes both linear.
 */
export interface TokenWork {
  readonly fixedMs: number;
  readonly perInputTokenMs: number;
  readonly perOutputTokenMs: number;
}

export function workOfTokens(work: TokenWork, inputTokens: number, outputTokens: number): number {
  return work.fixedMs + work.perInputTokenMs * inputTokens + work.perOutputTokenMs * outputTokens;
}
