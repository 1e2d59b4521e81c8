import { createHash, randomBytes } from 'node:crypto';
import {
  isSameText,
  openSession,
  sealSession,
  type EndedSessions,
  type PageSession,
} from '../../../core/access/page-session.ts';

const codeTtlMs = 10 * 60_000;
const codesAtMost = 100;
const sessionTtlMs = 12 * 60 * 60_000;

interface Code {
  readonly from: string;
  /** The session ends by then; null for twelve hours. */
  readonly endsAtMs: number | null;
  /** By the monotonic clock. */
  readonly untilMs: number;
}

export interface OpenedSession {
  /** The text of the cookie. */
  readonly cookie: string;
  /** What the page sends with each write, beside the cookie. */
  readonly writeKey: string;
  readonly ttlMs: number;
  readonly expiresAtMs: number;
}

/**
 * How a browser gets to act: a program that holds a token asks for a one-time code, the page trades the code for a cookie
 * that scripts cannot read and for a key that it sends with each write. Cookies do not know ports: a server on another
 * port of this machine is sent the cookie too, and can write nothing with it.
 */
export class PageSessions {
  readonly #key: Uint8Array;
  readonly #nowMs: () => number;
  readonly #monotonicMs: () => number;
  readonly #codes = new Map<string, Code>();
  readonly #ended: Map<string, number>;
  /** One write at a time, in order. */
  #keeping: Promise<void> = Promise.resolve();
  readonly #keep: (ended: EndedSessions) => Promise<void>;

  /**
   * @param key signs the cookies; the same one after a restart, so that an open page goes on.
   * @param ended those of earlier starts; `keep` writes them where the next start reads them.
   * @param monotonicMs ends codes, which live in this process alone: a clock that is set back makes none live longer.
   */
  constructor(
    key: Uint8Array,
    nowMs: () => number,
    monotonicMs: () => number,
    ended: EndedSessions = {},
    keep: (ended: EndedSessions) => Promise<void> = async () => undefined,
  ) {
    this.#ended = new Map(Object.entries(ended));
    this.#keep = keep;
    this.#key = key;
    this.#nowMs = nowMs;
    this.#monotonicMs = monotonicMs;
  }

  /**
   * A code for the holder of this key id, or for an identity as `writeIdentity` gives it, whose session ends with its token. The
   * oldest code goes when too many are unused.
   */
  makeCode(from: string, endsAtMs: number | null = null): { readonly code: string; readonly expiresAtMs: number } {
    const code = randomBytes(32).toString('base64url');
    const expiresAtMs = this.#nowMs() + codeTtlMs;
    const [oldest] = this.#codes.keys();
    if (this.#codes.size >= codesAtMost && oldest !== undefined) this.#codes.delete(oldest);
    this.#codes.set(digestOf(code), { from, endsAtMs, untilMs: this.#monotonicMs() + codeTtlMs });
    return { code, expiresAtMs };
  }

  /** Null for a code that was used, has expired, or never was. */
  redeem(code: string): OpenedSession | null {
    const digest = digestOf(code);
    const known = this.#codes.get(digest);
    this.#codes.delete(digest);
    const nowMs = this.#nowMs();
    if (known === undefined || known.untilMs <= this.#monotonicMs()) return null;
    const writeKey = randomBytes(32).toString('base64url');
    const expiresAtMs = Math.min(known.endsAtMs ?? Infinity, nowMs + sessionTtlMs);
    const session = { from: known.from, writeKeySha256: digestOf(writeKey), expiresAtMs };
    return {
      cookie: sealSession(session, this.#key),
      writeKey,
      ttlMs: Math.max(0, expiresAtMs - nowMs),
      expiresAtMs,
    };
  }

  /** Whom a cookie stands for, as `makeCode` was told, and whether it may write with this key; null when the cookie is not ours. */
  read(cookie: string, writeKey: string | undefined): { readonly from: string; readonly mayWrite: boolean } | null {
    const session = this.#open(cookie);
    if (session === null) return null;
    const mayWrite = writeKey !== undefined && isSameText(digestOf(writeKey), session.writeKeySha256);
    return { from: session.from, mayWrite };
  }

  /** Ends a session: every copy of its cookie and its write key is refused from now on. Resolves once a restart knows it too. */
  async end(cookie: string): Promise<void> {
    const session = this.#open(cookie);
    if (session === null) return;
    const nowMs = this.#nowMs();
    for (const [id, expiresAtMs] of this.#ended) if (expiresAtMs <= nowMs) this.#ended.delete(id);
    this.#ended.set(session.writeKeySha256, session.expiresAtMs);
    this.#keeping = this.#keeping.then(() => this.#keep(Object.fromEntries(this.#ended)));
    const kept = this.#keeping;
    this.#keeping = kept.catch(() => undefined);
    await kept;
  }

  #open(cookie: string): PageSession | null {
    const session = openSession(cookie, this.#key, this.#nowMs());
    return session === null || this.#ended.has(session.writeKeySha256) ? null : session;
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
