import { expect, it } from 'vitest';
import { keySetBytesAtMost, readKeySet } from './key-set.ts';

const rsa = { kty: 'RSA', kid: 'a', n: 'AQAB', e: 'AQAB' };
const read = (value: unknown) => readKeySet(JSON.stringify(value), 'keys.json');

it('takes public keys, and leaves out those that sign nothing', () => {
  expect(read({ keys: [rsa, { kty: 'oct', k: 'c2VjcmV0' }, { ...rsa, use: 'enc' }, { kty: 'new' }] })).toEqual([rsa]);
});

it.each([
  ['no JSON', 'keys'],
  ['no set', '[]'],
  ['no list', '{"keys":{}}'],
  ['a key without a type', '{"keys":[{}]}'],
  ['no key', '{"keys":[]}'],
  ['a shared secret alone', '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}'],
  ['a private key', JSON.stringify({ keys: [{ ...rsa, d: 'AQAB' }] })],
  ['too many keys', JSON.stringify({ keys: Array.from({ length: 65 }, () => rsa) })],
  ['too many bytes', JSON.stringify({ keys: [rsa], more: 'x'.repeat(keySetBytesAtMost) })],
])('refuses %s', (_what, text) => {
  expect(() => readKeySet(text, 'keys.json')).toThrow(expect.objectContaining({ code: 'key-set-invalid' }));
});
