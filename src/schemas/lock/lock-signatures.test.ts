import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evidenceKinds } from '../../core/evidence/kinds/table.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readSignatures, signaturesText } from './lock-signatures.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = fc.stringMatching(/^[0-9a-f]{32}$/);
const base64 = fc.uint8Array({ minLength: 64, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const signature = fc.record({ keyId: hex.map((id) => `ed25519:${id}`), signature: base64 });
const environment = fc.dictionary(
  fc.constantFrom(...evidenceKinds),
  fc.uniqueArray(signature, { minLength: 1, maxLength: 16, selector: ({ keyId }) => keyId }),
);
const signatures = fc.record({
  signaturesVersion: fc.constant(1 as const),
  environments: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), environment),
});

it('reads what it writes, and writes that again as the same bytes', () => {
  fc.assert(
    fc.property(signatures, (given) => {
      const text = signaturesText(given);
      expect(signaturesText(readSignatures(bytesOf(text)))).toBe(text);
    }),
  );
});

it('takes any other bytes for no signatures, and never fails in another way', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()).map(bytesOf), (bytes) => {
      try {
        readSignatures(bytes);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(PlimsollError);
        expect((thrown as PlimsollError).code).toBe('signatures-invalid');
      }
    }),
  );
});

const one = { keyId: `ed25519:${'a'.repeat(32)}`, signature: Buffer.alloc(64, 1).toString('base64') };
const withGolden = (golden: unknown) => JSON.stringify({ signaturesVersion: 1, environments: { prod: { golden } } });

it.each<readonly [string, string]>([
  ['more signatures than the bound', withGolden(Array.from({ length: 17 }, () => one))],
  ['a signature with an algorithm of its own', withGolden([{ ...one, alg: 'none' }])],
  ['a signature that is empty', withGolden([{ ...one, signature: '' }])],
  ['an id of another form', withGolden([{ ...one, keyId: 'sha256:00' }])],
  ['a kind that is none', JSON.stringify({ signaturesVersion: 1, environments: { prod: { soul: [one] } } })],
  ['another version', JSON.stringify({ signaturesVersion: 2, environments: {} })],
  ['a key beside', JSON.stringify({ signaturesVersion: 1, environments: {}, trusted: true })],
])('refuses %s', (_what, text) => {
  expect(() => readSignatures(bytesOf(text))).toThrow('plimsoll.lock.sigs cannot be read');
});
