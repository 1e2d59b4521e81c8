import { createServer, type AddressInfo, type Socket } from 'node:net';
import { readRequest, valuesOf, type WireRequest } from '../oracles/http-wire.ts';

export interface StrictUpstream {
  readonly endpoint: string;
  /** Whole requests, in the order in which they were whole. An answer says in `x-seen` which of them it answers. */
  readonly seen: WireRequest[];
  /** What no strict server would take. */
  readonly violations: string[];
  stop(): Promise<void>;
}

/** Reads as RFC 9112 writes it and forgives nothing: no bare LF, one framing, decimal lengths, chunks without extensions. */
export async function startStrictUpstream(): Promise<StrictUpstream> {
  const [seen, violations]: [WireRequest[], string[]] = [[], []];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let unread = '';
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      unread += bytes.toString('latin1');
      for (;;) {
        const read = readForwarded(unread);
        if (read === 'more') return;
        if ('violation' in read) {
          violations.push(`${read.violation}: ${JSON.stringify(unread.slice(0, 200))}`);
          socket.destroy();
          return;
        }
        unread = unread.slice(read.bytes);
        socket.write(`HTTP/1.1 200 OK\r\nx-seen: ${seen.push(read) - 1}\r\ncontent-length: 2\r\n\r\n`);
        if (read.method !== 'HEAD') socket.write('ok');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, violations, stop };
}

/** The gateway gives each of its requests one traceparent; what a client hid in a body has none. */
function readForwarded(text: string): ReturnType<typeof readRequest> {
  const read = readRequest(text, 'nothing');
  if (read === 'more' || 'violation' in read || valuesOf(read.fields, 'traceparent').length === 1) return read;
  return { violation: 'a request that the gateway did not make' };
}
