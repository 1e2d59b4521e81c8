/** Usage stands at the end of an answer, and takes less than this. */
const tailBytes = 4_096;

const completionTokens = /"completion_tokens"\s*:\s*(\d{1,9})/g;
const promptTokens = /"prompt_tokens"\s*:\s*(\d{1,9})/g;

/**
 * The last pieces of an answer of the OpenAI protocol, for the tokens that its usage tells. It keeps references to the last two
 * pieces, and copies nothing.
 *
 * | answer | tokens |
 * |---|---|
 * | one JSON body | `usage.prompt_tokens` and `usage.completion_tokens` |
 * | streamed, and the client asked for `stream_options.include_usage` | those of the last event |
 * | streamed without usage, compressed, or of another protocol | not known |
 */
export class AnswerTail {
  #before: Buffer | null = null;
  #last: Buffer | null = null;

  keep(chunk: Buffer): void {
    this.#before = this.#last;
    this.#last = chunk;
  }

  /** Returns the tokens of request and answer; null where nothing tells them. Of embeddings, which answer none, `out` is 0. */
  usage(): { readonly in: number; readonly out: number } | null {
    const text = this.#text();
    const [prompt, completion] = [lastNumber(text, promptTokens), lastNumber(text, completionTokens)];
    return prompt === null && completion === null ? null : { in: prompt ?? 0, out: completion ?? 0 };
  }

  #text(): string {
    const last = this.#last?.subarray(-tailBytes) ?? Buffer.alloc(0);
    const before = last.byteLength < tailBytes ? this.#before?.subarray(last.byteLength - tailBytes) : undefined;
    return (before?.toString('latin1') ?? '') + last.toString('latin1');
  }
}

function lastNumber(text: string, number: RegExp): number | null {
  const found = [...text.matchAll(number)].at(-1)?.[1];
  return found === undefined ? null : Number(found);
}
