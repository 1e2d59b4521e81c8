import type { FastifyReply, FastifyRequest } from 'fastify';

/** Sent by the page with each write; a page of another origin cannot send it. */
export const writeKeyHeader = 'plimsoll-write-key';

/** Of all cookies that a browser sends here: one of a session and one of a sign-in, with room for those of others. */
const cookieBytesAtMost = 12_288;

/** `session` is of a page; `sign_in` of a browser that is at a provider. */
type CookieKind = 'session' | 'sign_in';

/** Named by the port, because cookies of one host are shared by all its ports. */
function cookieName(request: FastifyRequest, kind: CookieKind): string {
  return `plimsoll_${kind}_${request.socket.localPort ?? 0}`;
}

export function readCookie(request: FastifyRequest, kind: CookieKind = 'session'): string | null {
  const header = request.headers.cookie ?? '';
  if (header.length > cookieBytesAtMost) return null;
  const start = `${cookieName(request, kind)}=`;
  const found = header.split(';').find((part) => part.trim().startsWith(start));
  return found === undefined ? null : found.trim().slice(start.length);
}

/**
 * Not readable by scripts, sent to no other site, and over TLS only where the page came over TLS. A browser that comes back from
 * a provider comes from another site: the cookie of a sign-in is sent with that one step.
 */
export function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  value: string,
  maxAgeMs: number,
  kind: CookieKind = 'session',
): void {
  const secure = 'encrypted' in request.socket && request.socket.encrypted === true ? '; Secure' : '';
  const maxAge = Math.floor(maxAgeMs / 1_000);
  const sameSite = kind === 'session' ? 'Strict' : 'Lax';
  void reply.header(
    'set-cookie',
    `${cookieName(request, kind)}=${value}; HttpOnly; SameSite=${sameSite}; Path=/; Max-Age=${maxAge}${secure}`,
  );
}

export function clearCookie(request: FastifyRequest, reply: FastifyReply, kind: CookieKind = 'session'): void {
  setCookie(request, reply, '', 0, kind);
}
