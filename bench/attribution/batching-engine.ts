import type { Random } from '../../src/core/statistics/random.ts';

export const tenants = ['chat', 'documents'] as const;
export type Tenant = (typeof tenants)[number];

/** A request in a batch, as an engine with continuous batching knows it. */
export interface BatchedRequest {
  readonly id: string;
  readonly tenant: Tenant;
  /** Tokens of its prompt that this batch reads; 0 once it decodes. */
  readonly prefillTokens: number;
  /** Tokens that it writes in this batch: 0 or 1. */
  readonly decodedTokens: number;
  /** Tokens before them, which attention reads. */
  readonly contextTokens: number;
}

export interface ClockedBatch {
  readonly requests: readonly BatchedRequest[];
  /** What the whole batch took, microseconds. */
  readonly durationUs: number;
  /** What the engine's clock counted for each request alone, in their order. */
  readonly ownUs: readonly number[];
}

/** Microseconds. Weights are read once for a batch; larger prefills are more efficient; attention reads the context. */
const cost = { weights: 9_000, prefillToken: 30, efficiency: 0.95, decodedToken: 250, contextToken: 0.4 } as const;

/** Returns what a batch of these requests takes on average, microseconds; 0 for none. */
export function meanDurationUs(requests: readonly BatchedRequest[]): number {
  const perToken = prefillTokenUs(requests);
  return requests.reduce(
    (sum, request) => sum + meanOwnUs(request, perToken),
    requests.length === 0 ? 0 : cost.weights,
  );
}

function prefillTokenUs(requests: readonly BatchedRequest[]): number {
  const all = requests.reduce((sum, { prefillTokens }) => sum + prefillTokens, 0);
  return all === 0 ? 0 : (cost.prefillToken * all ** cost.efficiency) / all;
}

const meanOwnUs = (
  { prefillTokens, decodedTokens, contextTokens }: BatchedRequest,
  perPrefillTokenUs: number,
): number => prefillTokens * perPrefillTokenUs + decodedTokens * cost.decodedToken + contextTokens * cost.contextToken;

interface Open {
  readonly id: string;
  readonly tenant: Tenant;
  promptTokens: number;
  leftTokens: number;
  contextTokens: number;
}

const batchAtMost = 24;
const prefillAtOnce = 1_024;
/** Requests that come between two batches, at most one of each tenant; a day of chat and a heap of documents. */
const traffic = {
  chat: { comes: 0.28, prompt: [40, 400], answer: [20, 120] },
  documents: { comes: 0.03, prompt: [1_500, 6_000], answer: [10, 60] },
} as const;

/**
 * Runs an engine of two tenants for so many batches. Each operation of a request takes its mean time with a spread of a tenth,
 * and the engine's clock counts it for that request. Reading the weights is counted for nobody.
 */
export function runEngine(batches: number, random: Random): readonly ClockedBatch[] {
  const open: Open[] = [];
  const ran: ClockedBatch[] = [];
  let count = 0;
  while (ran.length < batches) {
    for (const tenant of tenants) {
      const { comes, prompt, answer } = traffic[tenant];
      if (random.nextShare() >= comes || open.length >= batchAtMost) continue;
      count += 1;
      open.push({
        ...{ id: `r${count}`, tenant, contextTokens: 0 },
        ...{ promptTokens: between(prompt, random.nextShare()), leftTokens: between(answer, random.nextShare()) },
      });
    }
    if (open.length === 0) continue;
    const requests = open.map(nextPart);
    const perToken = prefillTokenUs(requests);
    const ownUs = requests.map((request) =>
      Math.round(meanOwnUs(request, perToken) * (0.9 + 0.2 * random.nextShare())),
    );
    const weightsUs = Math.round(cost.weights * (0.95 + 0.1 * random.nextShare()));
    ran.push({ requests, ownUs, durationUs: weightsUs + ownUs.reduce((sum, us) => sum + us, 0) });
    for (let at = open.length - 1; at >= 0; at -= 1) if ((open[at]?.leftTokens ?? 0) <= 0) open.splice(at, 1);
  }
  return ran;
}

function nextPart(request: Open): BatchedRequest {
  const { id, tenant, contextTokens } = request;
  const prefillTokens = Math.min(prefillAtOnce, request.promptTokens);
  const decodedTokens = prefillTokens === 0 ? 1 : 0;
  request.promptTokens -= prefillTokens;
  request.leftTokens -= decodedTokens;
  request.contextTokens += prefillTokens + decodedTokens;
  return { id, tenant, prefillTokens, decodedTokens, contextTokens };
}

const between = ([least, most]: readonly [number, number], share: number): number =>
  Math.round(least + share * (most - least));
