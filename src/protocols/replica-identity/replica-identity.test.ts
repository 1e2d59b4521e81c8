import { describe, expect, it } from 'vitest';
import { nameOfIdentity, readIdentityAnswer } from './replica-identity.ts';

const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const read = (text: string) => readIdentityAnswer(Buffer.from(text, 'latin1'));
const whole = `${head}Plimsoll-Replica-Id: pod-a/5f3c\r\nContent-Length: 13\r\n\r\n{"live":true}`;

describe('the answer of a server that is asked who it is', () => {
  it('is read once it is whole, however it comes', () => {
    expect(read(whole)).toEqual({ state: 'whole', identity: 'pod-a/5f3c' });
    for (let length = 0; length < whole.length; length += 1) {
      expect(read(whole.slice(0, length))).toEqual({ state: 'incomplete' });
    }
  });

  it('may tell nothing', () => {
    expect(read(`${head}Content-Length: 0\r\n\r\n`)).toEqual({ state: 'whole', identity: null });
    expect(read('HTTP/1.1 404\r\ncontent-length: 0\r\n\r\n')).toEqual({ state: 'whole', identity: null });
  });

  it.each([
    ['bytes of another answer', `${whole}HTTP/1.1 200 OK`, 'more came'],
    ['no length', `${head}\r\n`, 'state its length'],
    ['two lengths', `${head}Content-Length: 1\r\nContent-Length: 0\r\n\r\n`, 'state its length'],
    ['a length that is no number', `${head}Content-Length: -1\r\n\r\n`, 'state its length'],
    ['chunks', `${head}Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n`, 'state its length'],
    ['an end of the connection', `${head}Connection: Close\r\nContent-Length: 0\r\n\r\n`, 'closes its connection'],
    ['a large body', `${head}Content-Length: 99999999\r\n\r\n`, 'too large'],
    ['a head without an end', `${head}${'x'.repeat(20_000)}`, 'too large'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', 'no answer of HTTP'],
    ['an older one', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', 'no answer of HTTP'],
    ['an answer before the answer', 'HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\n\r\n', 'no answer of HTTP'],
    [
      'two names',
      `${head}plimsoll-replica-id: a\r\nplimsoll-replica-id: b\r\nContent-Length: 0\r\n\r\n`,
      'two identities',
    ],
  ])('is not used with %s', (_what, text, reason) => {
    expect(read(text)).toEqual({ state: 'unusable', reason: expect.stringContaining(reason) as string });
  });
});

it.each([
  ['pod-a', 'pod-a'],
  ['pod-a/5f', 'pod-a'],
  ['pod-a/5f/6', null],
  ['', null],
  ['a b', null],
  ['a\r\nb: c', null],
])('%j names %j', (text, name) => {
  expect(nameOfIdentity(text)).toBe(name);
});
