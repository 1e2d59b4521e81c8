import type { AddressInfo } from 'node:net';
import type { NullReplica } from '../../ports/serving/null-replica.ts';

/** An answer that the clients of both protocols read to its end. */
const answer = Buffer.from(JSON.stringify({ model_name: 'null', outputs: [], choices: [] }));

/**
 * Runs in this process, so that what it takes is taken from the client: the rate that the client reaches at it is a lower
 * limit of what the client can do.
 */
export async function openNullReplica(): Promise<NullReplica> {
  const { createServer } = process.getBuiltinModule('node:http');
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
      response.end(answer);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
