import { createHash, timingSafeEqual } from 'node:crypto';
import { isExpired, type AccessToken } from '../../../core/access/access-token.ts';
import type { Requester } from '../../../core/access/requester.ts';
import { keyIdOf } from '../../../core/access/server-proof.ts';

/** The key id of the control plane's own tokens in a page's session: they change with each start, the session stays. */
export const startKeyId = 'start';

export interface CredentialHolder {
  /** Null for a token that others made, of a service account or an identity provider: no session of a page outlives it. */
  readonly keyId: string | null;
  readonly requester: Requester;
  /** Of a session, and where there is no key id: whether it would still be taken, as far as that is known without asking anybody. */
  readonly stillHolds?: () => boolean;
  /** Each use is told. */
  readonly isBreakGlass?: true;
}

export interface CredentialParts {
  /** Made anew with each start, for programs of the same user on this machine. */
  readonly own: readonly AccessToken[];
  /** Those of the token file; after a miss as it stands at this moment. */
  readonly named: (isMissed?: boolean) => readonly AccessToken[];
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
    return this.#holderOf(
      this.#filter(({ sha256 }) => sha256 !== null && timingSafeEqual(Buffer.from(sha256, 'hex'), asked)),
    );
  }

  /** When this token expired, milliseconds; null for one that is not known or is taken still. Only who holds it whole learns that. */
  expiredAtMs(secret: string): number | null {
    const asked = createHash('sha256').update(secret).digest();
    const { own, named, nowMs } = this.#parts;
    const ends = [...own, ...named()].flatMap((token) => {
      const isAsked = token.sha256 !== null && timingSafeEqual(Buffer.from(token.sha256, 'hex'), asked);
      return isAsked && isExpired(token, nowMs()) ? [token.expiresAtMs ?? 0] : [];
    });
    return ends.length === 0 ? null : Math.max(...ends);
  }

  /** The grants of a service account. A cluster has to have verified that the token is of this subject. */
  findAccount(subject: string): CredentialHolder | null {
    return this.#holderOf(this.#filter(({ name, sha256 }) => sha256 === null && name === subject));
  }

  /** Whom a page's session stands for; null once the token that it came from is revoked or has expired. */
  findByKeyId(keyId: string): CredentialHolder | null {
    if (keyId === startKeyId) return this.#holderOf(this.#parts.own.filter(({ role }) => role === 'operate'));
    return this.#holderOf(this.#filter((token) => hasKeyId(token, keyId)));
  }

  /** The digest that a client names by its key id; null when no token has it. */
  digestOf(keyId: string): string | null {
    return this.#filter((token) => hasKeyId(token, keyId))[0]?.sha256 ?? null;
  }

  #filter(isAsked: (token: AccessToken) => boolean): readonly AccessToken[] {
    const { own, named, nowMs } = this.#parts;
    const validOf = (tokens: readonly AccessToken[]): readonly AccessToken[] =>
      tokens.filter(isAsked).filter((token) => !isExpired(token, nowMs()));
    const known = validOf([...own, ...named()]);
    return known.length > 0 ? known : validOf(named(true));
  }

  #holderOf(tokens: readonly AccessToken[]): CredentialHolder | null {
    const [first] = tokens;
    if (first === undefined) return null;
    const grants = tokens.map(({ role, service, environment }) => ({ role, service, environment }));
    const ownKeyId = first.sha256 === null ? null : keyIdOf(first.sha256);
    const keyId = this.#parts.own.includes(first) ? startKeyId : ownKeyId;
    const isBreakGlass = tokens.some((token) => token.isBreakGlass === true);
    const requester = { name: first.name, grants, anonymous: false };
    return { keyId, requester, ...(isBreakGlass ? { isBreakGlass } : {}) };
  }
}

const hasKeyId = ({ sha256 }: AccessToken, keyId: string): boolean => sha256 !== null && keyIdOf(sha256) === keyId;
