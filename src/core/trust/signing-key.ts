import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** Raw public key of Ed25519 (RFC 8032) in base64 behind its algorithm: `ed25519:` and 44 characters. */
export type PublicKey = `ed25519:${string}`;

/** A key whose signatures an environment counts. */
export interface TrustedKey {
  /** For people and for the rules of the policy. */
  readonly name: string;
  readonly key: PublicKey;
  /** Signatures that arrive at this time or later do not count; left out for a key that does not expire. */
  readonly expiresAtMs?: number;
  /** The same, for a key that was revoked. */
  readonly revokedAtMs?: number;
}

/** 32 bytes are 43 characters and one `=`; the last character carries four bits, so that one key has one text. */
const keyPattern = /^ed25519:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** Whether a text is a public key in its only form: no other algorithm, no other encoding. */
export function isPublicKey(text: unknown): text is PublicKey {
  return typeof text === 'string' && keyPattern.test(text);
}

/**
 * Returns the id of a key: `ed25519:` and the first 32 hexadecimal digits of SHA-256 of its text. The id is derived and
 * never read from a file, so that no key carries the id of another one.
 */
export function keyIdOf(key: PublicKey): string {
  return `ed25519:${bytesToHex(sha256(new Uint8Array([...key].map((one) => one.charCodeAt(0))))).slice(0, 32)}`;
}

/** Whether a text has the form of a key id. */
export const isKeyId = (text: string): boolean => /^ed25519:[0-9a-f]{32}$/.test(text);

/** `ci-2026 (ed25519:1f2e3d4c)`. */
export const keyText = ({ name, key }: TrustedKey): string => `${name} (${keyIdOf(key).slice(0, 16)})`;
