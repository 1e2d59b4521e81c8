import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** What the page's cookie says. It is signed, not secret, and holds no token. */
export interface PageSession {
  /** Key id of the token that the session came from; `start` for the control plane's own; of an identity provider what `writeIdentity` gives. */
  readonly from: string;
  /** SHA-256 of the key that the page sends with each write. The cookie alone writes nothing. */
  readonly writeKeySha256: string;
  readonly expiresAtMs: number;
}

/** When a session that was ended would have expired by itself, by the digest of its write key: until then its cookie is refused. */
export type EndedSessions = Readonly<Record<string, number>>;

/** Null for a text that is none of `EndedSessions`. */
export function parseEndedSessions(text: string): EndedSessions | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
  const isSound = Object.entries(json).every(([id, at]) => /^[0-9a-f]{64}$/.test(id) && Number.isSafeInteger(at));
  return isSound ? (json as EndedSessions) : null;
}

const pattern = /^([0-9a-z]{1,32}|~[\w-]{1,3200})\.([0-9a-f]{64})\.(\d{1,15})\.([0-9a-f]{64})$/;

/** The text of the cookie: the session's fields and their HMAC. */
export function sealSession(session: PageSession, key: Uint8Array): string {
  const fields = `${session.from}.${session.writeKeySha256}.${session.expiresAtMs}`;
  return `${fields}.${sign(fields, key)}`;
}

/** Null when it was not sealed with this key, or has expired. */
export function openSession(text: string, key: Uint8Array, nowMs: number): PageSession | null {
  const [, from, writeKeySha256, expires, signature] = pattern.exec(text) ?? [];
  if (from === undefined || writeKeySha256 === undefined || signature === undefined) return null;
  if (!isSameText(sign(`${from}.${writeKeySha256}.${expires}`, key), signature)) return null;
  const expiresAtMs = Number(expires);
  return expiresAtMs > nowMs ? { from, writeKeySha256, expiresAtMs } : null;
}

/** Compares texts of equal length in a time that does not tell where they differ. */
export function isSameText(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let differences = 0;
  for (let index = 0; index < one.length; index += 1) differences |= one.charCodeAt(index) ^ other.charCodeAt(index);
  return differences === 0;
}

function sign(fields: string, key: Uint8Array): string {
  return bytesToHex(hmac(sha256, key, utf8ToBytes(`plimsoll page session 1\n${fields}`)));
}
