import type { Agent } from 'undici';
import { PlimsollError } from '../../core/units/errors.ts';
import { parseBatchCounters } from '../../protocols/prometheus-text/batch-counters.ts';
import type { BatchCounters } from '../../schemas/replica/replica-metrics.ts';
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

/** What a replica counts of its batches; null where it does not, or has no metrics. */
export async function readBatchCounters(
  agent: Agent,
  endpoint: string,
  signal: AbortSignal,
): Promise<BatchCounters | null> {
  const read = makeMetricsReader(agent);
  try {
    return parseBatchCounters(await read(endpoint, signal));
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
