/** The upstream of every comparison: reads the body, answers 300 bytes of JSON. `node upstream.ts [MS]` prints its port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const probabilities = Array.from({ length: 10 }, (_, digit) => (digit === 7 ? 0.91 : 0.01));
const body = Buffer.from(
  JSON.stringify({
    model_name: 'digits',
    model_version: '2',
    id: '0123456789abcdef0123456789abcdef',
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [1, 10], data: probabilities }],
    parameters: { padding: 'x'.repeat(80) },
  }),
);

/** How long an answer takes. */
const waitMs = Number(process.argv[2] ?? 0);
const server = createServer((req, res) => {
  const answer = (): void => {
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.byteLength });
    res.end(body);
  };
  req.on('data', () => undefined);
  req.on('end', () => void (waitMs === 0 ? answer() : setTimeout(answer, waitMs)));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
