/** The bar: the shortest honest proxy on the same two libraries. `node minimal-proxy.ts UPSTREAM` prints its port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';

const upstream = new Pool(process.argv[2] ?? '', { connections: 128 });
const server = createServer((req, res) => {
  const { url: path = '/', method = 'GET', headers } = req;
  upstream
    .stream({ path, method, headers, body: req }, ({ statusCode, headers }) => res.writeHead(statusCode, headers))
    .catch(() => {
      if (!res.headersSent) res.writeHead(502);
      res.end();
    });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
