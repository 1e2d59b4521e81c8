import type { FastifyRequest } from 'fastify';
import { PlimsollError } from '../../../core/units/errors.ts';

/**
 * Keeps other web pages out of a control plane that trusts whoever reaches its loopback address.
 *
 * | attack | what stops it |
 * |---|---|
 * | DNS rebinding: a page's own name made to point here | on loopback, `Host` must be a loopback name; of a port that is forwarded to ours any port will do |
 * | a page of another origin sends a request | `Origin`, where a browser sends it, must be ours |
 * | the same without `Origin`, a script or an image of another page that reads too | `Sec-Fetch-Site` must be `same-origin` or `none`; a link that a person follows may come from anywhere |
 * | a form post | nothing but `application/json` is taken, and `application/octet-stream` by PUT |
 */
export function requireSameOrigin(request: FastifyRequest, onLoopback: boolean): void {
  const host = request.headers.host ?? '';
  if (onLoopback && !isLoopbackHost(host)) {
    throw foreign(`the request names the host ${host.slice(0, 200) || '(none)'}, which is not this machine`);
  }
  const origin = request.headers.origin;
  if (origin !== undefined && hostOfOrigin(origin) !== host) {
    throw foreign(`the request comes from ${origin.slice(0, 200)}`);
  }
  const site = request.headers['sec-fetch-site'];
  const follows = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
  if (!follows && site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw foreign('another web page sent the request');
  }
}

function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/.test(host);
}

function hostOfOrigin(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}

function foreign(why: string): PlimsollError {
  return new PlimsollError({
    code: 'foreign-origin',
    category: 'unauthorized',
    message: `refused: ${why}`,
    next: 'open the page by the address that the control plane printed',
  });
}
