import type { NamedValue } from '../../core/monitoring/features/exchange.ts';
import { listOf, objectOf, parseObject, textOf } from './openai-json.ts';

/**
 * What a request of `/v1/chat/completions`, `/v1/completions` or `/v1/embeddings` asks: the text as `prompt` (of a chat the
 * last message of the user) and of a chat the number of its `messages`.
 * @throws PlimsollError as `parseJson`.
 */
export function readOpenaiRequest(body: Uint8Array): readonly NamedValue[] {
  const request = parseObject(body, 'the request');
  const messages = request['messages'];
  if (!Array.isArray(messages)) return [texts('prompt', firstText(request['prompt'] ?? request['input']))];
  const asked = messages.map(objectOf).findLast(({ role }) => role === 'user');
  return [
    texts('prompt', contentText(asked?.['content'])),
    { name: 'messages', kind: 'numbers', shape: [], data: [messages.length] },
  ];
}

export function texts(name: string, text: string | null): NamedValue {
  return { name, kind: 'texts', values: text === null ? [] : [text] };
}

/** One text or the first of several; token numbers are no text. */
const firstText = (value: unknown): string | null => textOf(Array.isArray(value) ? (value as unknown[])[0] : value);

/** Content is a text, or parts of which some are text. */
export function contentText(content: unknown): string | null {
  if (!Array.isArray(content)) return textOf(content);
  return listOf(content)
    .flatMap((part) => textOf(objectOf(part)['text']) ?? [])
    .join('\n');
}
