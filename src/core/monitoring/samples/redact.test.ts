import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEventData } from './event-data.ts';
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

  it('leaves of an event stream the redacted data of its events', () => {
    const text = 'event: x\ndata: {"choices":[{"delta":{"content":"secret"}}]}\n\ndata: [DONE]\n';
    const left = redactText(text, readRedaction(['$.choices[*].delta.content']));
    expect(left).toBe('data: {"choices":[{"delta":{}}]}\n\ndata: [DONE]\n\n');
  });

  it('keeps no secret, wherever a stream holds it and however its lines end', () => {
    const secret = 's3cr3t';
    const escaped = [...secret].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
    const end = fc.constantFrom('\n', '\r', '\r\n');
    const odd = fc.constantFrom('', '\u2028', '\u2029', '\u0085', '\u000b', '\ufeff', ' ');
    const written = fc.constantFrom(`"${secret}"`, `"${escaped}"`, `["${secret}"]`, `{"${secret}":1}`);
    const delta = written.map((value) => `{"choices":[{"delta":{"content":${value},"n":1}}]}`);
    const lines = fc.oneof(
      delta.map((json) => `data: ${json}`),
      delta.map((json) => `data:${json}`),
      fc.tuple(delta, end).map(([json, stop]) =>
        json
          .split(',')
          .map((part) => `data: ${part}`)
          .join(`,${stop}`),
      ),
      fc.tuple(delta, odd).map(([json, mark]) => `data: ${mark}${json}${mark}`),
      fc.tuple(delta, odd).map(([json, mark]) => `${mark}data: ${json}`),
      fc.constantFrom('event', 'id', 'retry', '', 'datum', 'data ', 'DATA', secret).map((name) => `${name}: ${secret}`),
      fc.tuple(odd, delta).map(([mark, json]) => `event: x${mark}data: ${json}`),
      fc.constantFrom(secret, `data: ${secret}`, `data: "${secret}`, 'data', 'data: [DONE]', `[DONE]${secret}`),
    );
    const stream = fc.array(
      fc.tuple(
        lines,
        end,
        fc.boolean().chain((is) => (is ? end : fc.constant(''))),
      ),
    );
    const redaction = readRedaction(['$.choices[*].delta.content', '$.prompt']);
    fc.assert(
      fc.property(odd, stream, fc.nat(2_000), (mark, parts, cutAt) => {
        const text = mark + parts.flat().join('');
        for (const each of [text, text.slice(0, cutAt), `{"prompt":"${escaped}"}`]) {
          const kept = redactText(each, redaction) ?? '';
          expect(kept + kept.replaceAll(/"|\s|data:|n|,/g, '')).not.toContain(secret);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('reads a sound stream whole, as the standard says', () => {
    const stream =
      '\ufeff: hi\r\nid: 1\rdata: {"a":\rdata: 1}\r\rretry: 9\n\ndata\n\ndata:{"b":2}\r\n\r\ndata: {"c":"\u2028"}';
    expect(readEventData(stream)).toEqual(['{"a":\n1}', '{"b":2}', '{"c":"\u2028"}']);
    expect(redactText(stream, readRedaction(['$.b']))).toBe('data: {"a":1}\n\ndata: {}\n\ndata: {"c":"\u2028"}\n\n');
  });

  it.each([
    'no json',
    'data: {"half',
    '',
    '{"a":',
    'a=secret&b=1',
    'event: secret',
    ': secret',
    'secret\u2028data: {}',
    '--x\r\n\r\nsecret\r\n--x--',
    '{"a":1}\n{"a":2}',
  ])('drops %j whole: it cannot be redacted', (text) => {
    expect(redactText(text, readRedaction(['$.a']))).toBeNull();
  });

  it('finds nothing at a path that is not there', () => {
    expect(redact(chat, '$.nothing[*].here', '$.model.name')).toEqual(chat);
    expect(redact([1, 2], '$.a', 'b')).toEqual([1, 2]);
  });
});
