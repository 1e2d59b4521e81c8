import type { Agent } from 'undici';
import { PlimsollError } from '../../core/units/errors.ts';
import { askReplica, replicaAgent } from './bounded-request.ts';

const timeoutMs = 1_000;

/** The Prometheus exposition of a replica at `/metrics`. @throws PlimsollError where there is none. */
export function makeMetricsReader(
  agent: Agent = replicaAgent(),
): (endpoint: string, signal: AbortSignal) => Promise<string> {
  return async (endpoint, signal) => {
    const url = new URL('/metrics', endpoint);
    const answer = await askReplica(agent, url, { method: 'GET', timeoutMs, signal });
    if (answer.status === 200) return new TextDecoder().decode(answer.body);
    throw new PlimsollError({
      code: 'no-metrics',
      category: 'not-found',
      message: `${url.href} answered ${answer.status}`,
    });
  };
}
