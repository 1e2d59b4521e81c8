import type { Phase, StartTier } from '../contract/contract.ts';
import { groupSpans, phaseGroups, wholeSpans } from '../evidence/kinds/cold-start/start-groups.ts';
import { censoredQuantileLimits, type Span } from '../statistics/limits/order-limits.ts';
import { shortening } from './start-advice.ts';
import type { ObservedStart } from './start-distribution.ts';

/** Null where a time is not known: too few starts, or too many that never became ready. */
export interface SummaryRow {
  /** Empty for the whole start, and for what no phase explains. */
  readonly phases: readonly Phase[];
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  /** Estimate and upper limit of the quantile that was asked for. */
  readonly estimateMs: number | null;
  readonly upperMs: number | null;
}

export interface StartSummary {
  readonly starts: number;
  readonly failed: number;
  /** Starts that had not ended when they were last seen. */
  readonly running: number;
  readonly whole: SummaryRow;
  readonly phases: readonly SummaryRow[];
  /** What no phase explains. */
  readonly other: SummaryRow;
  /** The phases with the longest median; null where no start tells of any. */
  readonly slowest: {
    readonly phases: readonly Phase[];
    /** Of the medians of all phases and of the rest. */
    readonly share: number;
    readonly shorten: readonly string[];
  } | null;
}

/** @param quantileShare the quantile that is bounded, 0.9 for `p90`. */
export function summarizeStarts(
  starts: readonly ObservedStart[],
  tier: StartTier,
  quantileShare: number,
  confidenceShare: number,
): StartSummary {
  const row = (phases: readonly Phase[], spans: readonly Span[]): SummaryRow => {
    const asked = censoredQuantileLimits(spans, quantileShare, confidenceShare);
    return {
      phases,
      p50Ms: finite(censoredQuantileLimits(spans, 0.5, confidenceShare).estimate),
      p90Ms: finite(censoredQuantileLimits(spans, 0.9, confidenceShare).estimate),
      estimateMs: finite(asked.estimate),
      upperMs: finite(asked.upper),
    };
  };
  const phases = phaseGroups(starts).map((group) => row(group, groupSpans(starts, group)));
  const other = row([], otherSpans(starts));
  const count = (outcome: ObservedStart['outcome']): number =>
    starts.filter((start) => start.outcome === outcome).length;
  return {
    starts: starts.length,
    failed: count('failed'),
    running: count('running'),
    whole: row([], wholeSpans(starts)),
    phases,
    other,
    slowest: slowestOf(phases, other, tier),
  };
}

function slowestOf(phases: readonly SummaryRow[], other: SummaryRow, tier: StartTier): StartSummary['slowest'] {
  const told = phases.filter(({ p50Ms }) => p50Ms !== null);
  const slowest = told.toSorted((a, b) => (b.p50Ms ?? 0) - (a.p50Ms ?? 0))[0];
  if (slowest === undefined) return null;
  const sumMs = [...told, other].reduce((sum, { p50Ms }) => sum + (p50Ms ?? 0), 0);
  return {
    phases: slowest.phases,
    share: sumMs === 0 ? 0 : (slowest.p50Ms ?? 0) / sumMs,
    shorten: shortening(slowest.phases, tier),
  };
}

function otherSpans(starts: readonly ObservedStart[]): readonly Span[] {
  return starts.map(({ outcome, totalMs, phases }) => {
    const restMs = Math.max(0, totalMs - phases.reduce((sum, { durationMs }) => sum + durationMs, 0));
    return { atLeast: outcome === 'ready' ? restMs : 0, atMost: outcome === 'ready' ? restMs : Infinity };
  });
}

const finite = (ms: number): number | null => (Number.isFinite(ms) ? ms : null);
