import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { SignInFlow } from '../../../../ports/access/code-flow.ts';

/** What a browser keeps while it is at a provider. */
export interface BegunSignIn {
  readonly provider: string;
  readonly flow: SignInFlow;
  /** Where the page was, below its own address. */
  readonly to: string;
  readonly untilMs: number;
}

const algorithm = 'aes-256-gcm';
const [keyBytes, ivBytes, tagBytes] = [32, 12, 16];

/**
 * Keeps begun sign-ins with the browsers that began them, so that nobody who begins many of them pushes out those of others.
 * Encrypted, because cookies do not know ports: a server on another port of the same host is sent the cookie too.
 */
export class SignInCookie {
  readonly #key: Uint8Array;

  /** @param key of the pages' sessions. */
  constructor(key: Uint8Array) {
    this.#key = Buffer.from(hkdfSync('sha256', key, new Uint8Array(0), 'sign-in of the page, 1', keyBytes));
  }

  seal(begun: BegunSignIn): string {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, this.#key, iv);
    const text = Buffer.concat([cipher.update(JSON.stringify(begun), 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
  }

  /** Null for what was not sealed with this key, was changed, or is too old. */
  open(sealed: string, nowMs: number): BegunSignIn | null {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length <= ivBytes + tagBytes) return null;
    const decipher = createDecipheriv(algorithm, this.#key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    try {
      const text = decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
      const begun = JSON.parse(text) as BegunSignIn;
      return begun.untilMs > nowMs ? begun : null;
    } catch {
      return null;
    }
  }
}
