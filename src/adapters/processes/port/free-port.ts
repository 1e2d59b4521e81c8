import { createServer } from 'node:net';
import { PlimsollError } from '../../../core/units/errors.ts';

const attempts = 20;

/**
 * A port that nobody listens on at this moment and that is not in `avoid` (ports that replicas were given but do not
 * hold yet). Somebody else can still take it before the replica does: the start then fails with "address in use" and is
 * made again with another one.
 */
export async function findFreePort(host: string, avoid: ReadonlySet<number>): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = await probePort(host);
    if (!avoid.has(port)) return port;
  }
  throw new PlimsollError({
    code: 'no-free-port',
    category: 'unavailable',
    message: `found no free port on ${host} in ${attempts} attempts`,
    next: 'stop programs that hold many ports; `ss -ltn` lists them',
  });
}

function probePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port: 0, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('no port'));
      });
    });
  });
}
