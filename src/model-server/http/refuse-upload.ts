import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PlimsollError } from '../../core/units/errors.ts';
import { errorAnswer } from './http-answer.ts';

/** What is still taken and thrown away of a refused body, so that the answer arrives before the connection closes. */
const maxDiscardedBytes = 128 * 1024 * 1024;
const maxDiscardMs = 5000;

/**
 * Answers while the client is still sending. Closing at once would reset the connection, and most clients would then
 * report a broken pipe instead of the error that they were sent.
 */
export function refuseUpload(request: IncomingMessage, response: ServerResponse, error: PlimsollError): void {
  if (response.headersSent) return;
  const { status, headers, body } = errorAnswer(error);
  response.writeHead(status, [
    ...['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))],
    ...headers.filter((_, at) => headers[at - (at % 2)] !== 'connection'),
    ...['connection', 'close'],
  ]);
  response.write(body);
  let discardedBytes = 0;
  const finish = (): void => {
    clearTimeout(timer);
    response.end();
    if (!request.complete) request.destroy();
  };
  const timer = setTimeout(finish, maxDiscardMs);
  request.on('data', (chunk: Buffer) => {
    discardedBytes += chunk.length;
    if (discardedBytes > maxDiscardedBytes) finish();
  });
  request.once('end', finish).once('close', finish);
  request.resume();
}
