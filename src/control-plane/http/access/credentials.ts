import { createHash, timingSafeEqual } from 'node:crypto';
import { isExpired, type AccessToken } from '../../../core/access/access-token.ts';
import type { Requester } from '../../../core/access/requester.ts';
import { keyIdOf } from '../../../core/access/server-proof.ts';

/** The key id of the control plane's own tokens in a page's session: they change with each start, the session stays. */
export const startKeyId = 'start';

export interface CredentialHolder {
  readonly keyId: string;
  readonly requester: Requester;
}

export interface CredentialParts {
  /** Made anew with each start, for programs of the same user on this machine. */
  readonly own: readonly AccessToken[];
  /** Those of the token file as it stands now. */
  readonly named: () => readonly AccessToken[];
  readonly nowMs: () => number;
}

/** The tokens that a control plane takes now. Several lines with one digest are one token with several grants. */
export class Credentials {
  readonly #parts: CredentialParts;

  constructor(parts: CredentialParts) {
    this.#parts = parts;
  }

  /** Looks at every token whatever it finds, and compares digests of equal length: time tells nothing about a token. */
  find(secret: string): CredentialHolder | null {
    const asked = createHash('sha256').update(secret).digest();
    const found = this.#valid().filter(({ sha256 }) => timingSafeEqual(Buffer.from(sha256, 'hex'), asked));
    return this.#holderOf(found);
  }

  /** Whom a page's session stands for; null once the token that it came from is revoked or has expired. */
  findByKeyId(keyId: string): CredentialHolder | null {
    if (keyId === startKeyId) return this.#holderOf(this.#parts.own.filter(({ role }) => role === 'operate'));
    return this.#holderOf(this.#valid().filter(({ sha256 }) => keyIdOf(sha256) === keyId));
  }

  /** The digest that a client names by its key id; null when no token has it. */
  digestOf(keyId: string): string | null {
    return this.#valid().find(({ sha256 }) => keyIdOf(sha256) === keyId)?.sha256 ?? null;
  }

  #valid(): readonly AccessToken[] {
    const nowMs = this.#parts.nowMs();
    return [...this.#parts.own, ...this.#parts.named()].filter((token) => !isExpired(token, nowMs));
  }

  #holderOf(tokens: readonly AccessToken[]): CredentialHolder | null {
    const [first] = tokens;
    if (first === undefined) return null;
    const grants = tokens.map(({ role, service, environment }) => ({ role, service, environment }));
    const keyId = this.#parts.own.includes(first) ? startKeyId : keyIdOf(first.sha256);
    return { keyId, requester: { name: first.name, grants, anonymous: false } };
  }
}
