import * as z from 'zod';
import type { PublicKeyJson } from '../../core/access/providers/identity-provider.ts';
import { PlimsollError } from '../../core/units/errors.ts';

/** Providers rotate a few keys. */
const keysAtMost = 64;
export const keySetBytesAtMost = 256 * 1024;
/** Parts of private and of secret keys (RFC 7518). */
const secretParts = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const setSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(1_000) });

/**
 * Returns the public keys of a key set (RFC 7517). Keys of types that sign no token are left out.
 * @throws PlimsollError `key-set-invalid` (input): it is no key set, holds no such key or too many, or holds a private key.
 */
export function readKeySet(text: string, where: string): readonly PublicKeyJson[] {
  const set = setSchema.safeParse(parseJson(text));
  if (!set.success) throw invalid(where, 'holds no key set: `{ "keys": [...] }`');
  const usable = set.data.keys.filter(({ kty, use }) => ['RSA', 'EC', 'OKP'].includes(kty) && use !== 'enc');
  if (usable.some((key) => secretParts.some((part) => Object.hasOwn(key, part)))) {
    throw invalid(where, 'holds a private key, which only the provider may have');
  }
  if (usable.length === 0) throw invalid(where, 'holds no public key that verifies signatures');
  if (usable.length > keysAtMost) throw invalid(where, `holds more than ${keysAtMost} keys`);
  return usable;
}

function parseJson(text: string): unknown {
  if (text.length > keySetBytesAtMost) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(where: string, what: string): PlimsollError {
  return new PlimsollError({
    code: 'key-set-invalid',
    category: 'input',
    message: `${where} ${what}`,
    next: 'take the keys from `jwks_uri` in the `/.well-known/openid-configuration` of the provider',
  });
}
