import { describe, expect, it } from 'vitest';
import { readRedaction, redactExchange, redactText } from './redact.ts';

const infer = {
  id: '1',
  inputs: [
    { name: 'image', data: [1] },
    { name: 'email', data: ['a@b.c'] },
  ],
  outputs: [{ name: 'email' }],
};
const chat = {
  model: 'm',
  messages: [
    { role: 'user', content: 'secret' },
    { role: 'system', content: [{ text: 'secret' }] },
  ],
};
const redact = (body: unknown, ...written: string[]): unknown => {
  const text = redactText(JSON.stringify(body), readRedaction(written));
  return text === null ? null : (JSON.parse(text) as unknown);
};

describe('redaction', () => {
  it('leaves out inputs and outputs by name', () => {
    expect(redact(infer, 'email')).toEqual({ id: '1', inputs: [{ name: 'image', data: [1] }], outputs: [] });
    const exchange = { inputs: [{ name: 'email', kind: 'texts', values: [] }], outputs: [], status: 200 } as const;
    expect(redactExchange(exchange, readRedaction(['email'])).inputs).toEqual([]);
    expect(redactExchange(exchange, readRedaction(['$.email'])).inputs).toEqual(exchange.inputs);
  });

  it('takes away what a path leads to, and the whole body where a path cannot be read', () => {
    const left = redact(chat, '$.messages[*].content') as typeof chat;
    expect(left.messages).toEqual([{ role: 'user' }, { role: 'system' }]);
    expect(left.model).toBe('m');
    expect(redact(chat, '$..content')).toBeNull();
  });

  it('looks at each line of an event stream', () => {
    const text = 'event: x\ndata: {"choices":[{"delta":{"content":"secret"}}]}\n\ndata: [DONE]\n';
    const left = redactText(text, readRedaction(['$.choices[*].delta.content']));
    expect(left).toBe('event: x\ndata: {"choices":[{"delta":{}}]}\n\ndata: [DONE]\n');
  });

  it.each(['no json', 'data: {"half', '', '{"a":'])('drops %j whole: it cannot be redacted', (text) => {
    expect(redactText(text, readRedaction(['$.a']))).toBeNull();
  });

  it('finds nothing at a path that is not there', () => {
    expect(redact(chat, '$.nothing[*].here', '$.model.name')).toEqual(chat);
    expect(redact([1, 2], '$.a', 'b')).toEqual([1, 2]);
  });
});
