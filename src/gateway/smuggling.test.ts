/** Whatever a client sends, a strict upstream reads exactly the requests that the gateway sent, and no other. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { makeTable, startGateway, type GatewayRig } from '../testing/rigs/gateway-rig.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

interface StrictUpstream {
  readonly endpoint: string;
  readonly targets: string[];
  /** What no strict server would take. */
  readonly violations: string[];
}

/** Reads as RFC 9112 writes it and forgives nothing: no bare LF, one framing, decimal lengths, chunks without extensions. */
async function startStrictUpstream(): Promise<StrictUpstream> {
  const [targets, violations]: [string[], string[]] = [[], []];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let unread = '';
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      unread += bytes.toString('latin1');
      for (;;) {
        const read = readRequest(unread);
        if (read === 'more') return;
        if ('violation' in read) {
          violations.push(`${read.violation}: ${JSON.stringify(unread.slice(0, 200))}`);
          socket.destroy();
          return;
        }
        unread = unread.slice(read.bytes);
        targets.push(read.target);
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, targets, violations };
}

type Read = 'more' | { readonly violation: string } | { readonly target: string; readonly bytes: number };

function readRequest(text: string): Read {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return 'more';
  const [line = '', ...fields] = text.slice(0, headEnd).split('\r\n');
  const target = /^[A-Z]+ (\/[\x21-\x7e]*) HTTP\/1\.1$/.exec(line)?.[1];
  if (target === undefined) return { violation: 'request line' };
  if (fields.some((field) => !/^[A-Za-z0-9!#$%&'*+.^_`|~-]+:[\x20-\x7e\x80-\xff\t]*$/.test(field)))
    return { violation: 'field' };
  const valuesOf = (name: string): readonly string[] =>
    fields
      .filter((field) => field.toLowerCase().startsWith(`${name}:`))
      .map((field) => field.slice(name.length + 1).trim());
  const [lengths, codings] = [valuesOf('content-length'), valuesOf('transfer-encoding')];
  if (lengths.length + codings.length > 1) return { violation: 'framing' };
  if (valuesOf('host').length !== 1) return { violation: 'host' };
  // The gateway gives each of its requests one; what a client hid in a body has none.
  if (valuesOf('traceparent').length !== 1) return { violation: 'a request that the gateway did not make' };
  const body = text.slice(headEnd + 4);
  if (codings.length === 1) {
    if (codings[0] !== 'chunked') return { violation: 'coding' };
    const bytes = chunkedBytes(body);
    return typeof bytes === 'number' ? { target, bytes: headEnd + 4 + bytes } : bytes;
  }
  if (lengths.length === 0) return { target, bytes: headEnd + 4 };
  if (!/^\d+$/.test(lengths[0] ?? '')) return { violation: 'length' };
  const bytes = Number(lengths[0]);
  return body.length < bytes ? 'more' : { target, bytes: headEnd + 4 + bytes };
}

function chunkedBytes(body: string): number | Exclude<Read, { target: string }> {
  let at = 0;
  for (;;) {
    const lineEnd = body.indexOf('\r\n', at);
    if (lineEnd < 0) return 'more';
    const size = body.slice(at, lineEnd);
    if (!/^[0-9a-fA-F]+$/.test(size)) return { violation: 'chunk size' };
    const bytes = Number.parseInt(size, 16);
    const end = lineEnd + 2 + bytes;
    if (body.length < end + 2) return 'more';
    if (body.slice(end, end + 2) !== '\r\n') return { violation: 'chunk end' };
    at = end + 2;
    if (bytes === 0) return at;
  }
}

const evil = 'POST /v2/evil HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\nx';
const post = 'POST /v2/models/m/infer HTTP/1.1\r\nhost: h\r\n';
const chunkedEvil = `${evil.length.toString(16)}\r\n${evil}\r\n0\r\n\r\n`;

/** Heads whose length two servers may read differently; each is tried with each body below. */
const framings: readonly string[] = [
  'content-length: 5\r\ntransfer-encoding: chunked',
  'transfer-encoding: chunked\r\ncontent-length: 5',
  'transfer-encoding: chunked\r\ntransfer-encoding: identity',
  'transfer-encoding: identity\r\ntransfer-encoding: chunked',
  'transfer-encoding: chunked, identity',
  'transfer-encoding: chunked, chunked',
  'transfer-encoding: "chunked"',
  'transfer-encoding: chunked;q=1',
  'transfer-encoding:\tchunked',
  'transfer-encoding:\x0bchunked',
  'transfer-encoding: \x00chunked',
  'transfer-encoding : chunked',
  ' transfer-encoding: chunked',
  'x: y\r\n transfer-encoding: chunked',
  'transfer-encoding\n: chunked',
  'x: y\ntransfer-encoding: chunked',
  'x: y\rtransfer-encoding: chunked',
  'transfer_encoding: chunked',
  'content-length: 0\r\ncontent-length: 5',
  'content-length: 0, 5',
  'content-length: 0x5',
  'content-length: 5 5',
  'content-length: -0',
  'content-length:\r\n 5',
  'content-length: 00',
  'content-length: 0\r\nexpect: 100-continue',
  'connection: content-length\r\ncontent-length: 57',
  'connection: transfer-encoding\r\ntransfer-encoding: chunked',
  'connection: host\r\ncontent-length: 0',
  'te: trailers\r\ntransfer-encoding: chunked\r\ntrailer: content-length',
];
const bodies: readonly string[] = [
  `0\r\n\r\n${evil}`,
  chunkedEvil,
  evil,
  `0;ext=${'a'.repeat(20)}\r\n\r\n${evil}`,
  `0\n\n${evil}`,
  `0\r\ncontent-length: 57\r\n\r\n${evil}`,
  `ffffffffffffffff1\r\nx\r\n0\r\n\r\n${evil}`,
];

/** Sends it, says that nothing more comes, and resolves when the gateway has closed. */
function speakAndEnd(port: number, wire: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(Buffer.from(wire, 'latin1')));
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
    socket.on('error', () => undefined).on('close', () => resolve(answer));
  });
}

const sentBy = ({ gateway }: GatewayRig): number =>
  Array.from(gateway.path.routes.replicas, ({ requests }) => requests).reduce((sum, requests) => sum + requests, 0);

test.each(framings)('%j leaves a strict upstream with what the gateway sent, whatever follows', async (framing) => {
  const upstream = await startStrictUpstream();
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]));
  stops.push(() => rig.stop());
  for (const body of bodies) {
    const answer = await speakAndEnd(rig.port, `${post}${framing}\r\n\r\n${body}`);
    expect(upstream.violations).toEqual([]);
    for (const status of answer.match(/^HTTP\/1\.1 \d+/gm) ?? []) expect(status).not.toMatch(/ 5(?!01)\d\d$/);
  }
  // Each that arrived there is one that the gateway sent by itself: none was hidden in the body of another.
  expect(upstream.targets.length).toBeLessThanOrEqual(sentBy(rig));
});
