import type { Outcome } from './traffic.ts';

/** Sums of a run of outcomes. */
export interface Tally {
  readonly sent: number;
  readonly answered: number;
  readonly right: number;
  readonly errors: number;
  readonly firstError: string | null;
  /** Null without an answer. */
  readonly latencyP50Ms: number | null;
  readonly latencyP99Ms: number | null;
  /** Releases that answered, in the order of their first answer. */
  readonly releases: readonly string[];
  readonly modelVersions: readonly string[];
}

export function tally(outcomes: readonly Outcome[]): Tally {
  const answered = outcomes.filter((outcome) => outcome.ok);
  const failed = outcomes.filter((outcome) => !outcome.ok);
  const latencies = answered.map(({ latencyMs }) => latencyMs).sort((one, other) => one - other);
  return {
    sent: outcomes.length,
    answered: answered.length,
    right: answered.filter(({ right }) => right).length,
    errors: failed.length,
    firstError: failed[0]?.error ?? null,
    latencyP50Ms: quantile(latencies, 0.5),
    latencyP99Ms: quantile(latencies, 0.99),
    releases: [...new Set(answered.map(({ release }) => release))],
    modelVersions: [...new Set(answered.map(({ modelVersion }) => modelVersion))],
  };
}

/** The smallest value that at least `share` of them do not exceed. Of 1,000 values p99 is the 990th. */
export function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
