import type { DataVersion } from '../../../core/registry/model-version.ts';
import type { BatchCounters } from '../../../schemas/replica/replica-metrics.ts';
import { capacityRequests, type CapacityRequests, type RequestsQuestion } from '../capacity-requests.ts';
import { makeChatMix } from './chat-mix.ts';
import type { AskedReplica } from './mix-requests.ts';
import type { AskedMix } from './read-mix.ts';
import { makeTensorMix } from './tensor-mix.ts';

/** Returns the requests of a mix, or, without one, rows of data one at a time. @throws as `capacityRequests`; `mix-unfit`. */
export async function makeRequests(
  question: RequestsQuestion,
  replica: AskedReplica,
  data: DataVersion | null,
  mix: AskedMix | null,
): Promise<CapacityRequests> {
  if (mix === null) return capacityRequests(question, replica, data);
  const isChat = question.contract.code.protocol === 'openai';
  const sent = isChat ? await makeChatMix(question, replica, mix) : await makeTensorMix(question, replica, data, mix);
  const ask = await sent.askMixed();
  return {
    of: sent.of,
    ask: (rows) => Promise.resolve(rows === 1 ? ask : null),
    mix: { ...mix, askOf: (sizes) => sent.askOf(sizes) },
  };
}

/** Returns counters of batches in requests: a server counts rows, and a request of a mix has several. */
export function countsOfRequests(counters: BatchCounters | null, mix: AskedMix | null): BatchCounters | null {
  const meanRows = mix?.summary.rows?.mean ?? 1;
  if (counters === null || meanRows === 1) return counters;
  const { rows, batches, limitRows } = counters;
  return { rows: rows / meanRows, batches, limitRows: Math.max(1, Math.round(limitRows / meanRows)) };
}
