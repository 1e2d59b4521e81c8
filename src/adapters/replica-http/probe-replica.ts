import { Pool } from 'undici';
import { askHealth, looksLikePage, noAnswer, type HealthAnswer } from '../../core/rollout/replica-health.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ProbeOverTls } from '../../ports/serving/probe-over-tls.ts';
import { explainTlsError, isOwnTlsProblem, type ReplicaTls } from './replica-tls.ts';

/** Some servers refuse a certificate without a word, after the handshake. */
const endedCodes: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET']);
const endedEarly =
  'the connection ended without an answer; next: see in its log whether it takes the certificate of PLIMSOLL_REPLICA_CERT_FILE';

/** Returns what asks replicas over TLS whether they are ready, on a new connection each time: so each look verifies the certificate. */
export function makeProbeOverTls(tls: ReplicaTls): ProbeOverTls {
  return async ({ owner, endpoint, protocol, model }, timeoutMs, signal) => {
    tls.remember(endpoint, owner);
    let alert: Error | null = null;
    const connect = tls.connectAs(owner, timeoutMs);
    const client = new Pool(endpoint.replace(/^https:/, 'http:'), {
      connections: 1,
      connect: (target, callback) =>
        connect(target, (...[error, socket]) => {
          // Of an alert undici tells no more than that the connection ended.
          socket?.once('error', (first) => (alert = first));
          if (error === null) callback(null, socket);
          else callback(error, null);
        }),
    });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      return await askHealth(protocol, model, (path) => get(client, path, limit, (thrown) => explain(alert ?? thrown)));
    } finally {
      await client.destroy();
    }

    function explain(thrown: unknown): Error {
      return explainTlsError(thrown instanceof Error ? thrown : new Error(String(thrown)), owner);
    }
  };
}

async function get(
  client: Pool,
  path: string,
  signal: AbortSignal,
  explain: (thrown: unknown) => Error,
): Promise<HealthAnswer> {
  try {
    const { statusCode, headers, body } = await client.request({ path, method: 'GET', signal });
    const type = headers['content-type'];
    const isPage = typeof type === 'string' && type.startsWith('text/html') && looksLikePage(type, await startOf(body));
    body.on('error', () => undefined).destroy();
    return { path, status: statusCode, trouble: '', ...(isPage ? { isPage } : {}) };
  } catch (thrown) {
    const error = explain(thrown);
    const isOwn = isOwnTlsProblem(error) ? { isOwn: true } : {};
    return { path, status: null, trouble: signal.aborted ? noAnswer : troubleOf(error), ...isOwn };
  }
}

async function startOf(body: AsyncIterable<Buffer>): Promise<string> {
  for await (const part of body) return part.toString('latin1', 0, 100);
  return '';
}

function troubleOf(error: Error): string {
  if (error instanceof PlimsollError) return `${error.message}; next: ${error.next}`;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return noAnswer;
  return endedCodes.has(code) ? endedEarly : code === '' ? error.message : code;
}
