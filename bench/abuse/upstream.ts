/** Answers `/large` with 100 MB and everything else with a few bytes. Prints its port. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const largeBytes = 100_000_000;
const piece = Buffer.alloc(64 * 1024, 'x');

const server = createServer((req, res) => {
  req
    .on('data', () => undefined)
    .on('end', () => {
      if (req.url?.endsWith('/large') === true) writeLarge(res);
      else res.end('{"outputs":[]}');
    });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));

/**
 * A piece at a time, in turn with all else: what is measured is the gateway, and not this. Also after `drain`, which comes before the
 * event loop looks at anything else.
 */
function writeLarge(res: ServerResponse): void {
  let leftBytes = largeBytes;
  res.writeHead(200, { 'content-length': largeBytes });
  const go = (): void => {
    if (res.destroyed) return;
    const next = piece.subarray(0, Math.min(piece.byteLength, leftBytes));
    leftBytes -= next.byteLength;
    if (leftBytes === 0) res.end(next);
    else if (res.write(next)) setImmediate(go);
    else res.once('drain', () => setImmediate(go));
  };
  go();
}
