import type { StreamedAnswer } from '../../core/capacity/streams/streamed-answer.ts';
import { listOf, numberOf, objectOf, textOf, type Json } from './openai-json.ts';

/** Bytes of an answer, and when they came, milliseconds from sending the request. */
export interface TimedPart {
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

interface TimedEvent {
  readonly atMs: number;
  readonly data: string;
}

/**
 * Returns what a stream of server-sent events of the OpenAI protocol says, with the times at which its parts came. An event has come
 * with the part that ends its line. The first token is the first event with text, reasoning or a tool call in its choice: an event
 * that names the role alone is no token. Events between the first and the last token are counted and not parsed. Null where no
 * event has a token. @throws nothing: an event that is no JSON has no token.
 */
export function readTokenStream(parts: readonly TimedPart[]): StreamedAnswer | null {
  const events = eventsOf(parts);
  const first = events.findIndex(({ data }) => hasToken(parse(data)));
  const last = events.findLastIndex(({ data }) => hasToken(parse(data)));
  if (first === -1 || last === -1) return null;
  const usage = readUsage(events);
  const spoken = events.slice(first, last + 1);
  return {
    ttftMs: events[first]?.atMs ?? NaN,
    lastTokenMs: events[last]?.atMs ?? NaN,
    longestGapMs: longestGap(spoken),
    tokensIn: countOf(usage['prompt_tokens']),
    tokensOut: countOf(usage['completion_tokens']) ?? spoken.length,
    cachedTokens: countOf(objectOf(usage['prompt_tokens_details'])['cached_tokens']),
  };
}

/** Data lines with the time of the part that ends each; one line is one event, as every server of this protocol writes it. */
function eventsOf(parts: readonly TimedPart[]): readonly TimedEvent[] {
  const events: TimedEvent[] = [];
  const decoder = new TextDecoder();
  let open = '';
  const take = (line: string, atMs: number): void => {
    const data = line.startsWith('data:') ? line.slice(5).trim() : '';
    if (data !== '' && data !== '[DONE]') events.push({ atMs, data });
  };
  for (const { atMs, bytes } of parts) {
    const lines = (open + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    open = lines.pop() ?? '';
    for (const line of lines) take(line, atMs);
  }
  take(open, parts.at(-1)?.atMs ?? 0);
  return events;
}

function longestGap(events: readonly TimedEvent[]): number {
  return events.reduce((longest, { atMs }, at) => Math.max(longest, atMs - (events[at - 1]?.atMs ?? atMs)), 0);
}

/** The last event with a usage has it; vLLM repeats it on each event if it is asked to. */
function readUsage(events: readonly TimedEvent[]): Json {
  const found = events.findLast(({ data }) => data.includes('"usage"') && isFilled(objectOf(parse(data)['usage'])));
  return found === undefined ? {} : objectOf(parse(found.data)['usage']);
}

const isFilled = (usage: Json): boolean => Object.keys(usage).length > 0;

function hasToken(event: Json): boolean {
  return listOf(event['choices'])
    .map(objectOf)
    .some((choice) => {
      const said = objectOf(choice['delta']);
      const texts = [said['content'], said['reasoning_content'], said['reasoning'], choice['text']];
      return texts.some((text) => (textOf(text) ?? '') !== '') || listOf(said['tool_calls']).length > 0;
    });
}

function parse(data: string): Json {
  try {
    return objectOf(JSON.parse(data));
  } catch {
    return {};
  }
}

function countOf(value: unknown): number | null {
  const count = numberOf(value);
  return Number.isSafeInteger(count) && count >= 0 ? count : null;
}
