import type { WorkCounters } from '../../../core/cost/ledger/fact.ts';
import type { GatewayReport } from '../../../schemas/gateway/gateway-report.ts';
import type { BusySegment } from './join-busy.ts';

type Work = NonNullable<GatewayReport['replicas'][number]['work']>;

/** What a gateway counted of one replica. */
export interface WorkCounts {
  /** Whole answers below 500, copies to a shadow included: the work that was done. */
  readonly answers: number;
  /** Answers inside the objective. A gateway that does not tell them has all of its answers here. */
  readonly inside: number;
  readonly tokens: number;
  /** Busy time, all purposes together. */
  readonly busyMs: number;
  readonly shadowMs: number;
  readonly goldenMs: number;
}

/** Counts of a time, with the times between reports that the busy time lies in. */
export interface CountedWork extends WorkCounts {
  readonly segments: readonly BusySegment[];
}

export const noCounts: WorkCounts = { answers: 0, inside: 0, tokens: 0, busyMs: 0, shadowMs: 0, goldenMs: 0 };

export function readCounts({ answers, busyMs, inside, tokens, shadowMs, goldenMs }: Work): WorkCounts {
  return {
    ...{ answers, busyMs, inside: inside ?? answers, tokens: tokens ?? 0 },
    ...{ shadowMs: shadowMs ?? 0, goldenMs: goldenMs ?? 0 },
  };
}

const countNames = ['answers', 'inside', 'tokens', 'busyMs', 'shadowMs', 'goldenMs'] as const;

/** Returns counters as a fact has them, without those that are 0. */
export function writeCounters(gateway: string, startedAtMs: number, counts: WorkCounts): WorkCounters {
  const told = countNames.filter((name) => counts[name] !== 0).map((name) => [name, counts[name]] as const);
  return { gateway, startedAtMs, ...Object.fromEntries(told) };
}

/** What the account before said of a claim, when another process recorded it. */
export interface ResumedWork {
  /** End of that account, by the monotonic clock of this process; before its start, so that it may be negative. */
  readonly atMs: number;
  readonly counters: readonly WorkCounters[];
}

/** Segments that are kept of one replica and gateway; beyond them neighbours become one. */
const segmentsAtMost = 600;

/** Returns what was counted so far with what counters grew by since; a counter that fell counts nothing. */
export function addCounts(
  soFar: CountedWork | undefined,
  now: WorkCounts,
  before: WorkCounts,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): CountedWork {
  const grown = (key: keyof WorkCounts): number => (soFar?.[key] ?? 0) + Math.max(0, now[key] - before[key]);
  const busyMs = Math.max(0, now.busyMs - before.busyMs);
  const segments = soFar?.segments ?? [];
  const more = busyMs === 0 ? segments : [...halve(segments), { fromMs: Math.min(fromMs, toMs - 1), toMs, busyMs }];
  return {
    ...{ answers: grown('answers'), inside: grown('inside'), tokens: grown('tokens') },
    ...{ busyMs: grown('busyMs'), shadowMs: grown('shadowMs'), goldenMs: grown('goldenMs') },
    segments: more,
  };
}

function halve(segments: readonly BusySegment[]): readonly BusySegment[] {
  if (segments.length < segmentsAtMost) return segments;
  return segments.flatMap((segment, index) => {
    const after = segments[index + 1];
    if (index % 2 === 1) return [];
    return after === undefined
      ? [segment]
      : [{ fromMs: segment.fromMs, toMs: after.toMs, busyMs: segment.busyMs + after.busyMs }];
  });
}
