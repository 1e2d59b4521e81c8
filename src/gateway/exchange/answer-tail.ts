/** Usage stands at the end of an answer, and takes less than this. */
const tailBytes = 4_096;

const completionTokens = /"completion_tokens"\s*:\s*(\d{1,9})/g;

/**
 * The last pieces of an answer of the OpenAI protocol, for the tokens that its usage tells. It keeps references to the last two
 * pieces, and copies nothing.
 *
 * | answer | tokens |
 * |---|---|
 * | one JSON body | `usage.completion_tokens` |
 * | streamed, and the client asked for `stream_options.include_usage` | those of the last event |
 * | streamed without usage, compressed, or of another protocol | 0: not known |
 */
export class AnswerTail {
  #before: Buffer | null = null;
  #last: Buffer | null = null;

  keep(chunk: Buffer): void {
    this.#before = this.#last;
    this.#last = chunk;
  }

  /** Returns the answer's tokens; 0 where nothing tells them. */
  tokens(): number {
    const last = this.#last?.subarray(-tailBytes) ?? Buffer.alloc(0);
    const before = last.byteLength < tailBytes ? this.#before?.subarray(last.byteLength - tailBytes) : undefined;
    const text = (before?.toString('latin1') ?? '') + last.toString('latin1');
    return Number([...text.matchAll(completionTokens)].at(-1)?.[1] ?? 0);
  }
}
