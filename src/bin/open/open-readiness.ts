import type { ListenAddress } from '../listen-address.ts';
import { listenWithin } from './open-doors.ts';

const { createServer } = process.getBuiltinModule('node:http');

/** Answers whoever asks whether this control plane is ready: 503 until it stands by or listens, and 200 from then on. */
export interface Readiness {
  isReady: boolean;
  /** Null where nobody can ask. */
  url: string | null;
  close(): Promise<void>;
}

/** @param address null answers nowhere. @throws PlimsollError `port-taken` (unavailable). */
export async function openReadiness(address: ListenAddress | null, signal: AbortSignal): Promise<Readiness> {
  const readiness: Readiness = { isReady: false, url: null, close: () => Promise.resolve() };
  if (address === null) return readiness;
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    request.resume();
    response.writeHead(readiness.isReady ? 200 : 503, { 'content-type': 'text/plain', connection: 'close' });
    response.end(readiness.isReady ? 'ready\n' : 'starting\n');
  });
  const begin = (at: ListenAddress): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, () => {
        server.off('error', reject);
        resolve();
      });
    });
  readiness.url = await listenWithin(begin, server, address, '--ready-listen', signal);
  readiness.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return readiness;
}
