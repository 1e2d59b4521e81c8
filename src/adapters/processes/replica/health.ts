import type { Protocol } from '../../../core/contract/contract.ts';
import type { LocalMachine } from '../local-machine.ts';
import {
  askHealth,
  looksLikePage,
  mayBeTls,
  noAnswer,
  type Health,
  type HealthAnswer,
} from '../../../core/rollout/replica-health.ts';

const { request } = process.getBuiltinModule('node:http');

/** Asks a server over plain HTTP whether it is ready. Each request has a connection of its own. */
export function probeHealth(
  endpoint: string,
  protocol: Protocol,
  model: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Health> {
  return askHealth(protocol, model, async (path) => {
    const answer = await get(endpoint + path, timeoutMs, signal);
    return mayBeTls(answer) && (await speaksTls(new URL(endpoint), timeoutMs, signal))
      ? { ...answer, speaksTls: true }
      : answer;
  });
}

interface ProbedReplica {
  readonly service: string;
  readonly environment: string;
  readonly protocol: Protocol;
  readonly model: string;
  readonly endpoint: string;
}

/** Asks a replica whether it is ready: over TLS where its endpoint says so. @throws Error where this program has no certificate. */
export function probeReplica(
  { timing, probeOverTls }: Pick<LocalMachine, 'timing' | 'probeOverTls'>,
  { service, environment, protocol, model, endpoint }: ProbedReplica,
  signal: AbortSignal,
): Promise<Health> {
  const { probeTimeoutMs } = timing;
  if (!endpoint.startsWith('https:')) return probeHealth(endpoint, protocol, model, probeTimeoutMs, signal);
  if (probeOverTls === null) throw new Error('this program has no certificate for replicas');
  return probeOverTls({ owner: { service, environment }, endpoint, protocol, model }, probeTimeoutMs, signal);
}

function get(url: string, timeoutMs: number, signal: AbortSignal): Promise<HealthAnswer> {
  const path = new URL(url).pathname;
  return new Promise((resolve) => {
    const outgoing = request(url, { agent: false }, (response) => {
      response.on('error', () => undefined);
      const { statusCode = 0, headers } = response;
      if (!headers['content-type']?.startsWith('text/html')) return done(statusCode, '');
      response.once('end', () => done(statusCode, ''));
      response.once('data', (start: Buffer) =>
        done(statusCode, '', looksLikePage(headers['content-type'], start.toString('latin1', 0, 100))),
      );
    });
    const stop = (): void => done(null, noAnswer);
    const timer = setTimeout(stop, timeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    const done = (status: number | null, trouble: string, isPage = false): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve({ path, status, trouble, ...(isPage ? { isPage } : {}) });
      outgoing.destroy();
    };
    outgoing.on('error', (error: NodeJS.ErrnoException) => done(null, error.code ?? error.message));
    outgoing.end();
  });
}

/** Begins TLS, whoever the certificate is of: nothing is sent there. */
async function speaksTls({ hostname, port }: URL, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const { connect } = await import('node:tls');
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false, timeout: timeoutMs });
    const done = (speaks: boolean): void => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      resolve(speaks);
    };
    const stop = (): void => done(false);
    signal.addEventListener('abort', stop, { once: true });
    socket.once('timeout', stop).once('secureConnect', () => done(true));
    // A server that refuses this client by an alert speaks TLS as well.
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => done(/^ERR_SSL_.*ALERT/.test(code)));
  });
}
