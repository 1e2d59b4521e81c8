import type { ServerResponse } from 'node:http';
import type { PlimsollError } from '../../core/units/errors.ts';
import { errorBody } from '../../protocols/open-inference/metadata.ts';
import { httpStatusOf, retryAfterOf } from './http-status.ts';

export function sendJson(
  response: ServerResponse,
  status: number,
  body: string,
  headers: readonly string[] = [],
): void {
  if (response.headersSent || response.destroyed) return;
  const length = Buffer.byteLength(body);
  response.writeHead(status, ['content-type', 'application/json', 'content-length', String(length), ...headers]);
  // As long in bytes as in characters means ASCII, which is written without being encoded.
  response.end(body, length === body.length ? 'latin1' : 'utf8');
}

/** The headers that belong to an error's status, and its body: `{"error": "what is wrong (what to do)"}`. */
export function errorAnswer(error: PlimsollError): { status: number; headers: readonly string[]; body: string } {
  const status = httpStatusOf(error);
  const retryAfter = retryAfterOf(status);
  const headers = retryAfter === null ? [] : ['retry-after', String(retryAfter)];
  if (typeof error.details['allow'] === 'string') headers.push('allow', error.details['allow']);
  if (error.details['close'] === true) headers.push('connection', 'close');
  return {
    status,
    headers,
    body: errorBody(error.next === undefined ? error.message : `${error.message} (${error.next})`),
  };
}

export function sendError(response: ServerResponse, error: PlimsollError): void {
  const { status, headers, body } = errorAnswer(error);
  sendJson(response, status, body, headers);
}
