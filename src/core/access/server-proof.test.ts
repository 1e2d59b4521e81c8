import { expect, it } from 'vitest';
import { tokenDigestOf } from './access-token.ts';
import { openSession, sealSession } from './page-session.ts';
import { keyIdOf, makeServerProof, proofAddress } from './server-proof.ts';

const digest = tokenDigestOf('plm_secret');

it('a proof depends on the token, the nonce and the address', () => {
  const proof = makeServerProof(digest, 'n', '127.0.0.1:7070');
  expect(proof).toMatch(/^[0-9a-f]{64}$/);
  expect(makeServerProof(digest, 'n', '127.0.0.1:7070')).toBe(proof);
  for (const other of [
    makeServerProof(tokenDigestOf('plm_other'), 'n', '127.0.0.1:7070'),
    makeServerProof(digest, 'm', '127.0.0.1:7070'),
    makeServerProof(digest, 'n', '127.0.0.1:7071'),
  ]) {
    expect(other).not.toBe(proof);
  }
});

it('a key id holds neither the token nor its digest', () => {
  expect(keyIdOf(digest)).toMatch(/^[0-9a-f]{32}$/);
  expect(digest).not.toContain(keyIdOf(digest));
});

it('an address is spelled alike from both ends', () => {
  expect(proofAddress('::ffff:127.0.0.1', 7070)).toBe('127.0.0.1:7070');
  expect(proofAddress('::1', 7070)).toBe('[::1]:7070');
});

it('a page session opens with its key, until it expires, and only as it was sealed', () => {
  const key = new Uint8Array(32).fill(1);
  const session = { from: 'start', writeKeySha256: digest, expiresAtMs: 1_000 };
  const sealed = sealSession(session, key);
  expect(openSession(sealed, key, 999)).toEqual(session);
  expect(openSession(sealed, key, 1_000)).toBeNull();
  expect(openSession(sealed, new Uint8Array(32).fill(2), 0)).toBeNull();
  expect(openSession(sealed.replace('.1000.', '.9000.'), key, 0)).toBeNull();
  expect(openSession(sealed.replace('start', 'stark'), key, 0)).toBeNull();
  expect(openSession('', key, 0)).toBeNull();
});
