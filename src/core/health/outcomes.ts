import { latencyBinOf, latencyBinUpperMs } from '../rollout/judge/latency-bins.ts';

/** What became of the requests of some span of time, in all gateways. What clients did wrong is not in it. */
export interface Outcomes {
  /** Requests that a replica answered, or that the service owed an answer. */
  readonly requests: number;
  /** Of them: 5xx, broken connections, missed deadlines, and what a gateway refused for want of room or of a replica. */
  readonly failed: number;
  /** Sparse: bin number (core/rollout/judge/latency-bins.ts) to answers that took as long, queueing included. */
  readonly latency: Readonly<Record<number, number>>;
  /** The same bins of streamed answers alone, to their first bytes; absent where none was streamed, or nobody counted it. */
  readonly ttft?: Readonly<Record<number, number>>;
}

/** What is timed: a whole answer, or its first token. */
export type TimedPart = 'latency' | 'ttft';

/** The outcomes of one span. Spans of a list follow one another, oldest first, and do not overlap. */
export interface OutcomeSpan extends Outcomes {
  readonly fromMs: number;
  readonly toMs: number;
}

export const noOutcomes: Outcomes = { requests: 0, failed: 0, latency: {} };

export function addOutcomes(all: readonly Outcomes[]): Outcomes {
  const latency: Record<number, number> = {};
  const ttft: Record<number, number> = {};
  let requests = 0;
  let failed = 0;
  for (const one of all) {
    requests += one.requests;
    failed += one.failed;
    addBins(latency, one.latency);
    addBins(ttft, one.ttft);
  }
  return { requests, failed: Math.min(failed, requests), latency, ...streamed(ttft) };
}

function addBins(sum: Record<number, number>, bins: Readonly<Record<number, number>> = {}): void {
  for (const [bin, count] of Object.entries(bins)) sum[Number(bin)] = (sum[Number(bin)] ?? 0) + count;
}

const streamed = (ttft: Readonly<Record<number, number>>): Pick<Outcomes, 'ttft'> =>
  Object.keys(ttft).length === 0 ? {} : { ttft };

/**
 * What came since `before`, of counters that only grow. A counter that fell (a release was forgotten, or somebody lies) adds
 * nothing.
 */
export function outcomesSince(before: Outcomes, now: Outcomes): Outcomes {
  const grown = (then: number, present: number): number => Math.max(0, present - then);
  const requests = grown(before.requests, now.requests);
  const grownBins = (part: TimedPart): Record<number, number> => {
    const bins = Object.entries(now[part] ?? {}).map(([bin, count]) => [
      bin,
      grown(before[part]?.[Number(bin)] ?? 0, count),
    ]);
    return Object.fromEntries(bins.filter(([, more]) => more !== 0)) as Record<number, number>;
  };
  const failed = Math.min(requests, grown(before.failed, now.failed));
  return { requests, failed, latency: grownBins('latency'), ...streamed(grownBins('ttft')) };
}

/** Answers whose time is known. */
export function countTimed(outcomes: Outcomes, part: TimedPart = 'latency'): number {
  return Object.values(outcomes[part] ?? {}).reduce((sum, count) => sum + count, 0);
}

/** Answers that surely took longer than the limit; a bin that the limit cuts counts as in time. */
export function countLate(outcomes: Outcomes, limitMs: number, part: TimedPart = 'latency'): number {
  const limitBin = latencyBinOf(limitMs);
  return Object.entries(outcomes[part] ?? {}).reduce(
    (sum, [bin, count]) => (Number(bin) > limitBin ? sum + count : sum),
    0,
  );
}

/** The upper edge of the bin that holds the quantile, so at most 4.4 % above it. Null without an answer. */
export function quantileOf(outcomes: Outcomes, share: number): number | null {
  const timed = countTimed(outcomes);
  if (timed === 0) return null;
  const rank = Math.max(1, Math.ceil(share * timed));
  let seen = 0;
  let last = 0;
  for (const [bin, count] of Object.entries(outcomes.latency).sort(([a], [b]) => Number(a) - Number(b))) {
    seen += count;
    last = Number(bin);
    if (seen >= rank) break;
  }
  const upperMs = latencyBinUpperMs(last);
  return Number.isFinite(upperMs) ? upperMs : latencyBinUpperMs(last - 1);
}

/** The part of the spans that lies after `sinceMs`; a span that it cuts counts whole. */
export function spansSince(spans: readonly OutcomeSpan[], sinceMs: number): readonly OutcomeSpan[] {
  return spans.filter(({ toMs }) => toMs > sinceMs);
}
