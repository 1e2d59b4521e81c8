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
    else if (res.write(next)) inTurn(go);
    else res.once('drain', () => inTurn(go));
  };
  go();
}

/** Four pieces in a turn of the event loop, of all answers together: 150 of them would hold it up for 10 ms. */
const waiting: (() => void)[] = [];
function inTurn(go: () => void): void {
  waiting.push(go);
  if (waiting.length === 1) setImmediate(takeTurn);
}
function takeTurn(): void {
  const taken = waiting.splice(0, 4);
  if (waiting.length > 0) setImmediate(takeTurn);
  for (const go of taken) go();
}
