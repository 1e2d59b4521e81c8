import { Client } from 'undici';
import { askHealth, noAnswer, type HealthAnswer } from '../../core/rollout/replica-health.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ReplicaOwner } from '../../ports/serving/platform.ts';
import type { ProbeOverTls } from '../../ports/serving/probe-over-tls.ts';
import { explainTlsError, isOwnTlsProblem, type ReplicaTls } from './replica-tls.ts';

/** Returns what asks replicas over TLS whether they are ready, on a new connection each time: so each look verifies the certificate. */
export function makeProbeOverTls(tls: ReplicaTls): ProbeOverTls {
  return async ({ owner, endpoint, protocol, model }, timeoutMs, signal) => {
    tls.remember(endpoint, owner);
    const client = new Client(endpoint.replace(/^https:/, 'http:'), { connect: tls.connectAs(owner, timeoutMs) });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      return await askHealth(protocol, model, (path) => get(client, path, owner, limit));
    } finally {
      await client.destroy();
    }
  };
}

async function get(client: Client, path: string, owner: ReplicaOwner, signal: AbortSignal): Promise<HealthAnswer> {
  try {
    const { statusCode, body } = await client.request({ path, method: 'GET', signal });
    body.on('error', () => undefined).destroy();
    return { path, status: statusCode, trouble: '' };
  } catch (thrown) {
    const error = thrown instanceof Error ? explainTlsError(thrown, owner) : new Error(String(thrown));
    const isOwn = isOwnTlsProblem(error) ? { isOwn: true } : {};
    return { path, status: null, trouble: signal.aborted ? noAnswer : troubleOf(error), ...isOwn };
  }
}

function troubleOf(error: Error): string {
  if (error instanceof PlimsollError) return `${error.message}; next: ${error.next}`;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return noAnswer;
  return code === '' ? error.message : code;
}
