import type { NamedValue } from '../../core/monitoring/features/exchange.ts';
import { listOf, numberOf, objectOf, parseObject, textOf, type Json } from './openai-json.ts';
import { contentText, texts } from './openai-request.ts';

/** What the first choice says, gathered over the events of a stream or from one object. */
interface Answer {
  text: string;
  hasText: boolean;
  finish: string | null;
  toolCalls: number;
  usage: Json;
  logprobSum: number;
  logprobs: number;
}

/**
 * What an answer of OpenAI's protocol says: `answer`, `finish`, `tool-calls`, `prompt-tokens`, `answer-tokens` and
 * `logprob` (the mean of the tokens, where the answer has them); of embeddings the first `embedding`. Of several choices
 * the first is read. @param isStream whether the body is server-sent events. @throws PlimsollError as `parseJson`.
 */
export function readOpenaiResponse(body: Uint8Array, isStream: boolean): readonly NamedValue[] {
  const answer: Answer = {
    text: '',
    hasText: false,
    finish: null,
    toolCalls: 0,
    usage: {},
    logprobSum: 0,
    logprobs: 0,
  };
  if (isStream) {
    for (const event of eventsOf(body)) addPart(answer, event, 'delta');
    return valuesOf(answer);
  }
  const response = parseObject(body, 'the answer');
  if (Array.isArray(response['data'])) return embeddingOf(response['data']);
  addPart(answer, response, 'message');
  return valuesOf(answer);
}

const encoder = new TextEncoder();

/** The objects of the `data:` lines; one line is one event, as every server of this protocol writes it. */
function* eventsOf(body: Uint8Array): Generator<Json> {
  for (const line of new TextDecoder().decode(body).split(/\r?\n/)) {
    const data = line.startsWith('data:') ? line.slice(5).trim() : '';
    if (data !== '' && data !== '[DONE]') yield parseObject(encoder.encode(data), 'an event of the answer');
  }
}

function addPart(answer: Answer, part: Json, member: 'delta' | 'message'): void {
  if (Object.keys(objectOf(part['usage'])).length > 0) answer.usage = objectOf(part['usage']);
  const choice = listOf(part['choices'])
    .map(objectOf)
    .find(({ index }) => index === undefined || index === 0);
  if (choice === undefined) return;
  const said = objectOf(choice[member]);
  const text = contentText(said['content']) ?? textOf(choice['text']);
  answer.text += text ?? '';
  answer.hasText ||= text !== null;
  answer.finish = textOf(choice['finish_reason']) ?? answer.finish;
  for (const call of listOf(said['tool_calls']).map(objectOf)) {
    // A stream gives the arguments of a call in pieces; only the first has the name.
    if (member === 'message' || textOf(objectOf(call['function'])['name']) !== null) answer.toolCalls += 1;
  }
  for (const logprob of logprobsOf(objectOf(choice['logprobs']))) {
    if (!Number.isFinite(logprob)) continue;
    answer.logprobSum += logprob;
    answer.logprobs += 1;
  }
}

/** Of a chat `content[].logprob`, of a completion `token_logprobs`. */
function logprobsOf(logprobs: Json): readonly number[] {
  const ofChat = listOf(logprobs['content']).map((token) => numberOf(objectOf(token)['logprob']));
  return ofChat.length > 0 ? ofChat : listOf(logprobs['token_logprobs']).map(numberOf);
}

function valuesOf(answer: Answer): readonly NamedValue[] {
  return [
    texts('answer', answer.hasText ? answer.text : null),
    { name: 'finish', kind: 'category', value: answer.finish },
    numberNamed('tool-calls', answer.toolCalls),
    numberNamed('prompt-tokens', numberOf(answer.usage['prompt_tokens'])),
    numberNamed('answer-tokens', numberOf(answer.usage['completion_tokens'])),
    numberNamed('logprob', answer.logprobs === 0 ? NaN : answer.logprobSum / answer.logprobs),
  ];
}

const numberNamed = (name: string, value: number): NamedValue => ({ name, kind: 'numbers', shape: [], data: [value] });

function embeddingOf(data: readonly unknown[]): readonly NamedValue[] {
  const numbers = listOf(objectOf(data[0])['embedding']).map(numberOf);
  return [{ name: 'embedding', kind: 'numbers', shape: [1, numbers.length], data: numbers }];
}
