import type { ServerResponse } from 'node:http';
import { allowedMethods, refusalBody, refusals, type Refusal, type RefusalCode } from './refusal.ts';

/** `service-busy`: connections are what the other services need. */
const endings: ReadonlySet<RefusalCode> = new Set([
  'draining',
  'framing-invalid',
  'host-invalid',
  'not-http',
  'coding-unknown',
  'service-busy',
]);

/** After these the connection cannot be trusted to be at the start of a request, or is not wanted any more. */
export function endsConnection(code: RefusalCode): boolean {
  return endings.has(code) || refusals[code].status === 408;
}

/** What an answer says beyond its code. */
export interface RefusalMore {
  readonly detail?: string | undefined;
  /** In place of that of the code. */
  readonly retryAfterSeconds?: number;
}

/** Writes one of the gateway's own answers, unless something was sent or the client is gone. */
export function writeRefusal(res: ServerResponse, code: RefusalCode, requestId: string, more: RefusalMore = {}): void {
  if (res.headersSent || res.destroyed) return;
  const { status, ...refusal }: Refusal = refusals[code];
  const retryAfterSeconds = more.retryAfterSeconds ?? refusal.retryAfterSeconds;
  const body = refusalBody(code, more.detail);
  const headers = ['content-type', 'application/json', 'x-request-id', requestId];
  headers.push('content-length', String(Buffer.byteLength(body)));
  if (retryAfterSeconds !== undefined) headers.push('retry-after', String(retryAfterSeconds));
  if (status === 401) headers.push('www-authenticate', 'Bearer');
  if (status === 405) headers.push('allow', allowedMethods.join(', '));
  if (endsConnection(code)) headers.push('connection', 'close');
  res.writeHead(status, headers);
  res.end(body);
}
