import type { Protocol } from '../../../core/contract/contract.ts';
import type { LocalMachine } from '../local-machine.ts';
import { askHealth, noAnswer, type Health, type HealthAnswer } from '../../../core/rollout/replica-health.ts';

const { request } = process.getBuiltinModule('node:http');

/** Asks a server over plain HTTP whether it is ready. Each request has a connection of its own. */
export function probeHealth(
  endpoint: string,
  protocol: Protocol,
  model: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Health> {
  return askHealth(protocol, model, (path) => get(endpoint + path, timeoutMs, signal));
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
      done(response.statusCode ?? 0, '');
    });
    const stop = (): void => done(null, noAnswer);
    const timer = setTimeout(stop, timeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    const done = (status: number | null, trouble: string): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve({ path, status, trouble });
      outgoing.destroy();
    };
    outgoing.on('error', (error: NodeJS.ErrnoException) => done(null, error.code ?? error.message));
    outgoing.end();
  });
}
