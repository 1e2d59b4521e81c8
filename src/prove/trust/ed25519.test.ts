import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import type { PublicKey } from '../../core/trust/signing-key.ts';
import { isPublicKey, keyIdOf } from '../../core/trust/signing-key.ts';
import { createSigner, readSigner, verifyEd25519 } from './ed25519.ts';

const message = new TextEncoder().encode('what was measured');
const { signer, pem } = createSigner();
const signature = signer.sign(message);

it('verifies test 2 of RFC 8032, section 7.1', () => {
  const key: PublicKey = `ed25519:${Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex').toString('base64')}`;
  const signed = Buffer.from(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    'hex',
  ).toString('base64');
  expect(verifyEd25519(key, new Uint8Array([0x72]), signed)).toBe(true);
  expect(verifyEd25519(key, new Uint8Array([0x73]), signed)).toBe(false);
});

it('verifies what it signed, also with the key that was read again', () => {
  expect(verifyEd25519(signer.key, message, signature)).toBe(true);
  const again = readSigner(pem, 'a.key');
  expect(again.key).toBe(signer.key);
  expect(again.sign(message)).toBe(signature);
});

it.each<readonly [string, string, string]>([
  ['another key', createSigner().signer.key, signature],
  ['an empty signature', signer.key, ''],
  ['an algorithm of the signature', signer.key, `none:${signature}`],
  ['a shorter signature', signer.key, signature.slice(4)],
  ['white space', signer.key, `${signature}\n`],
  ['a signature in base64 for URLs', signer.key, `${'_'.repeat(86)}==`],
  ['no algorithm before the key', signer.key.slice('ed25519:'.length), signature],
  ['another algorithm before the key', `none:${signer.key.slice('ed25519:'.length)}`, signature],
  ['a key of zeros', `ed25519:${Buffer.alloc(32).toString('base64')}`, Buffer.alloc(64).toString('base64')],
])('refuses %s', (_what, key, signed) => {
  expect(verifyEd25519(key as PublicKey, message, signed)).toBe(false);
});

it('has one text for a key: what base64 leaves open is no other name for it', () => {
  const last = signer.key.at(-2) ?? '';
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const other = alphabet[alphabet.indexOf(last) + 1] ?? '';
  const twin = `${signer.key.slice(0, -2)}${other}=`;
  expect(Buffer.from(twin.slice(8), 'base64').equals(Buffer.from(signer.key.slice(8), 'base64'))).toBe(true);
  expect(isPublicKey(signer.key)).toBe(true);
  expect(isPublicKey(twin)).toBe(false);
  expect(keyIdOf(signer.key)).toMatch(/^ed25519:[0-9a-f]{32}$/);
});

it.each<readonly [string, string]>([
  ['no PEM', 'secret words'],
  [
    'a key of RSA',
    String(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' })),
  ],
])('takes %s for no signing key, and does not print it', (_what, text) => {
  const failing = () => readSigner(text, 'a.key');
  expect(failing).toThrow('a.key holds');
  expect(failing).not.toThrow('secret words');
});
