import { splitBatchTime } from '../../src/core/cost/ledger/split-batch-time.ts';
import { tenants, type BatchedRequest, type ClockedBatch, type Tenant } from './batching-engine.ts';

export type ByTenant = Readonly<Record<Tenant, number>>;

/** Returns the work of one request in a batch, in whole units of any size. */
export type WorkOf = (request: BatchedRequest, batch: readonly BatchedRequest[]) => number;

const purposeOf = { chat: 'answers', documents: 'shadow' } as const;

/** Returns the time of batches by tenant, as the ledger splits batch time over requests by their work. */
export function splitByWork(batches: readonly ClockedBatch[], workOf: WorkOf): ByTenant {
  const sums = splitBatchTime(
    batches.map(({ durationUs, requests }) => ({
      // The unit of the time does not matter to the split.
      durationMs: durationUs,
      requests: requests.map((request) => ({
        ...{ id: request.id, purpose: purposeOf[request.tenant], work: workOf(request, requests) },
      })),
    })),
  );
  return { chat: sums.answers, documents: sums.shadow };
}

/** As a gateway splits it, which sees only how many requests are there. */
export const equalWork: WorkOf = () => 1;

/** By the tokens that a request reads and writes. */
export const tokensWork: WorkOf = ({ prefillTokens, decodedTokens }) => prefillTokens + decodedTokens;

/**
 * Returns work as the engine can measure it without a clock for each request: microseconds for a batch itself, a token of a
 * prefill, a decoded token and a token of context, fitted to the durations of whole batches by least squares. What a batch costs
 * by itself goes to its requests in equal parts.
 */
export function fitWork(batches: readonly ClockedBatch[]): WorkOf {
  const rows = batches.map(({ requests }) => [
    1,
    sumOf(requests, ({ prefillTokens }) => prefillTokens),
    sumOf(requests, ({ decodedTokens }) => decodedTokens),
    sumOf(requests, ({ contextTokens }) => contextTokens),
  ]);
  const durations = batches.map(({ durationUs }) => durationUs);
  const [batch = 0, prefill = 0, decoded = 0, context = 0] = solveLeastSquares(rows, durations);
  return ({ prefillTokens, decodedTokens, contextTokens }, { length }) =>
    Math.max(
      0,
      Math.round(batch / length + prefill * prefillTokens + decoded * decodedTokens + context * contextTokens),
    );
}

/**
 * Returns the truth: what the engine's clock counted for each tenant, and an equal part for each request of what it counted for
 * nobody. An equal part is the Shapley value of a cost that arises once for whoever is there.
 */
export function clockedTruth(batches: readonly ClockedBatch[]): ByTenant {
  const sums = { chat: 0, documents: 0 };
  for (const { requests, ownUs, durationUs } of batches) {
    const sharedUs = durationUs - ownUs.reduce((sum, us) => sum + us, 0);
    requests.forEach(({ tenant }, index) => (sums[tenant] += (ownUs[index] ?? 0) + sharedUs / requests.length));
  }
  return sums;
}

/** Returns the largest error of a tenant, as a share of its true time. */
export const largestError = (charged: ByTenant, truth: ByTenant): number =>
  Math.max(...tenants.map((tenant) => Math.abs(charged[tenant] - truth[tenant]) / truth[tenant]));

function sumOf(requests: readonly BatchedRequest[], pick: (request: BatchedRequest) => number): number {
  return requests.reduce((sum, request) => sum + pick(request), 0);
}

/** Solves the normal equations by Gauss-Jordan elimination. */
function solveLeastSquares(rows: readonly (readonly number[])[], values: readonly number[]): readonly number[] {
  const size = rows[0]?.length ?? 0;
  const system = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (__, j) => rows.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0)),
    rows.reduce((sum, row, index) => sum + (row[i] ?? 0) * (values[index] ?? 0), 0),
  ]);
  for (let pivot = 0; pivot < size; pivot += 1) {
    const own = system[pivot] ?? [];
    const divisor = own[pivot] ?? 1;
    for (let column = 0; column <= size; column += 1) own[column] = (own[column] ?? 0) / divisor;
    for (const other of system) {
      if (other === own) continue;
      const factor = other[pivot] ?? 0;
      for (let column = 0; column <= size; column += 1)
        other[column] = (other[column] ?? 0) - factor * (own[column] ?? 0);
    }
  }
  return system.map((row) => row[size] ?? 0);
}
