import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { errorBody } from '../../protocols/open-inference/metadata.ts';

const { createServer } = process.getBuiltinModule('node:http');

export interface HttpLimits {
  readonly headersTimeoutMs: number;
  /** For the whole request, headers and body. */
  readonly bodyTimeoutMs: number;
}

/** Connections at once; each costs a few kilobytes even when idle. */
const maxConnections = 4096;
/** Longer than gateways keep their idle connections (undici: 4 s), so that the side that sends closes first. */
const keepAliveTimeoutMs = 75_000;

type OnRequest = (request: IncomingMessage, response: ServerResponse) => void;

export type MakeServer = (options: ServerOptions, onRequest: OnRequest) => Server;

/**
 * node:http with every wait bounded, and its own errors in the protocol's form.
 * @param make makes the server, as over TLS; over plain HTTP unless given.
 */
export function createHttpServer(
  limits: HttpLimits,
  onRequest: OnRequest,
  make: MakeServer = (options, listener) => createServer(options, listener),
): Server {
  const unanswered = new WeakMap<Socket, Set<ServerResponse>>();
  const server = make(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.bodyTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.max(100, Math.min(1000, limits.headersTimeoutMs / 4, limits.bodyTimeoutMs / 4)),
      maxHeaderSize: 16 * 1024,
    },
    (request, response) => {
      track(unanswered, request, response);
      onRequest(request, response);
    },
  );
  server.maxConnections = maxConnections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    answerBroken(socket, statusLineOf(error), unanswered.get(socket) ?? new Set());
  });
  return server;
}

function track(unanswered: WeakMap<Socket, Set<ServerResponse>>, request: IncomingMessage, response: ServerResponse) {
  const open = unanswered.get(request.socket) ?? new Set();
  unanswered.set(request.socket, open.add(response));
  response.once('close', () => open.delete(response));
}

/**
 * Writes the error in its turn: requests of this connection that were read whole are answered first. The one that broke
 * may have a handler too, which is waiting for its body; its response is never begun.
 */
function answerBroken(socket: Socket, [status, message]: StatusLine, open: ReadonlySet<ServerResponse>): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const before = [...open].filter((response) => response.req.complete && !response.writableFinished);
  if (before.length > 0) {
    const [last] = before.slice(-1);
    last?.once('finish', () => {
      answerBroken(socket, [status, message], new Set());
    });
    return;
  }
  const body = errorBody(message);
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

type StatusLine = readonly [status: string, message: string];

function statusLineOf(error: NodeJS.ErrnoException): StatusLine {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return ['408 Request Timeout', 'the request did not arrive in time (send it faster, or in smaller parts)'];
  }
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return ['431 Request Header Fields Too Large', 'the headers are larger than 16 KiB (send fewer)'];
  }
  return ['400 Bad Request', `this is not HTTP/1.1: ${error.message.slice(0, 200)} (send a well-formed request)`];
}
