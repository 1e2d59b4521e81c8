import type { FastifyReply, FastifyRequest } from 'fastify';

/** Sent by the page with each write; a page of another origin cannot send it. */
export const writeKeyHeader = 'plimsoll-write-key';

const cookieBytesAtMost = 4_096;

/** Named by the port, because cookies of one host are shared by all its ports. */
function cookieName(request: FastifyRequest): string {
  return `plimsoll_session_${request.socket.localPort ?? 0}`;
}

export function readCookie(request: FastifyRequest): string | null {
  const header = request.headers.cookie ?? '';
  if (header.length > cookieBytesAtMost) return null;
  const start = `${cookieName(request)}=`;
  const found = header.split(';').find((part) => part.trim().startsWith(start));
  return found === undefined ? null : found.trim().slice(start.length);
}

/** Not readable by scripts, sent to no other site, and over TLS only where the page came over TLS. */
export function setCookie(request: FastifyRequest, reply: FastifyReply, value: string, maxAgeMs: number): void {
  const secure = 'encrypted' in request.socket && request.socket.encrypted === true ? '; Secure' : '';
  const maxAge = Math.floor(maxAgeMs / 1_000);
  void reply.header(
    'set-cookie',
    `${cookieName(request)}=${value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${maxAge}${secure}`,
  );
}

export function clearCookie(request: FastifyRequest, reply: FastifyReply): void {
  setCookie(request, reply, '', 0);
}
