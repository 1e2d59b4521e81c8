import type { IncomingMessage } from 'node:http';
import { addHeadersToReplica } from '../admission/message-headers.ts';
import type { RequestBody } from './request-body.ts';

interface ForwardedRequest {
  readonly req: IncomingMessage;
  readonly requestId: string;
  readonly traceparent: string;
}

/**
 * The headers of a request as its replica gets them, names and values in turn: the client's own, and those of this hop.
 * @param leftMs until its deadline.
 * @param withheldHeader goes no further; null for none.
 */
export function requestHeaders(
  { req, requestId, traceparent }: ForwardedRequest,
  { isStreamed, announcedBytes }: RequestBody,
  leftMs: number,
  withheldHeader: string | null,
): string[] {
  const own = ['x-request-id', requestId, 'traceparent', traceparent, 'plimsoll-deadline-ms', String(leftMs)];
  if (isStreamed && announcedBytes > 0) own.push('content-length', String(announcedBytes));
  addHeadersToReplica(own, req.rawHeaders, req.headers.connection, withheldHeader);
  return own;
}
