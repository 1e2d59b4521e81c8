import type { ListenAddress } from '../listen-address.ts';
import { listenWithin } from './open-doors.ts';

const { createServer } = process.getBuiltinModule('node:http');

/**
 * Answers whoever asks for its state.
 *
 * | path | 503 |
 * |---|---|
 * | `/live` | it took no turn for a minute, though it had taken one |
 * | any other | it neither stands by nor listens yet |
 */
export interface Readiness {
  isReady: boolean;
  /** Age of its last turn; null before the first, and while another one has the lease. */
  turnAgeMs: () => number | null;
  /** Null where nobody can ask. */
  url: string | null;
  close(): Promise<void>;
}

/** @param address null answers nowhere. @throws PlimsollError `port-taken` (unavailable). */
export async function openReadiness(address: ListenAddress | null, signal: AbortSignal): Promise<Readiness> {
  const readiness: Readiness = { isReady: false, turnAgeMs: () => null, url: null, close: () => Promise.resolve() };
  if (address === null) return readiness;
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    request.resume();
    const { isGood, said } = request.url === '/live' ? lifeOf(readiness) : readyOf(readiness);
    response.writeHead(isGood ? 200 : 503, { 'content-type': 'text/plain', connection: 'close' });
    response.end(`${said}\n`);
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

interface Answer {
  readonly isGood: boolean;
  readonly said: string;
}

const readyOf = ({ isReady }: Readiness): Answer => ({ isGood: isReady, said: isReady ? 'ready' : 'starting' });

/** A turn comes each second or so; a store that does not answer for a moment is no reason to end. */
const turnAgeMaxMs = 60_000;

function lifeOf({ turnAgeMs }: Readiness): Answer {
  const ageMs = turnAgeMs();
  if (ageMs === null || ageMs <= turnAgeMaxMs) return { isGood: true, said: 'live' };
  return { isGood: false, said: `no turn for ${Math.round(ageMs / 1_000)} s` };
}
