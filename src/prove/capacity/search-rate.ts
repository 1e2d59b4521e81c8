import { measureLoad, rounded } from '../../core/capacity/measure-load.ts';
import { failsAtEveryRate, nextOpenRate, openRunsAtMost, type TriedRun } from '../../core/capacity/rate-search.ts';
import { drawArrivals } from '../../core/capacity/sustained/draw-arrivals.ts';
import { longestRunFactor } from '../../core/capacity/sustained/duration.ts';
import { promisedRate } from '../../core/capacity/sustained/promised-rate.ts';
import type { QuantileBudget } from '../../core/contract/contract.ts';
import { levelOf, type ClosedLevel, type OpenRun } from '../../core/evidence/kinds/capacity/capacity-measurements.ts';
import { rateText, requestsNeeded } from '../../core/evidence/kinds/capacity/sustained-rate.ts';
import { whyRunFails } from '../../core/evidence/kinds/capacity/why-run-fails.ts';
import { seededRandom } from '../../core/statistics/random.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { Terminal } from '../../ports/process/terminal.ts';
import type { ProvingPorts } from '../ports.ts';
import type { Ask } from './closed-loop.ts';
import { openLoop, underWayAtMost } from './open-loop.ts';
import { latencyText } from './shown-ms.ts';

export interface SearchQuestion {
  readonly objective: QuantileBudget | null;
  /** Of each closed loop. */
  readonly measureMs: number;
}

/** A run lasts until so many requests are expected beyond the quantile that is promised, and at most ten closed loops. */
const lateExpected = 60;
/** Requests before the queue is what it will be are sent and not counted. */
const warmUpShare = 0.05;
/** A share of the requests that is enough to know that the replica does not keep up. */
const refusedShare = 0.05;

export interface SearchedRuns {
  readonly runs: readonly OpenRun[];
  readonly tried: readonly TriedRun[];
}

/** Runs of requests as they come, around the rate that closed loops promise. */
export async function searchRate(
  context: Pick<ProvingPorts, 'clock' | 'signal'> & { readonly terminal: Pick<Terminal, 'note'> },
  { objective, measureMs }: SearchQuestion,
  ask: Ask,
  closed: readonly ClosedLevel[],
): Promise<SearchedRuns> {
  const runs: OpenRun[] = [];
  const tried: TriedRun[] = [];
  const promised = promisedRate(closed, objective);
  const next = (): number | null =>
    promised === null || failsAtEveryRate(tried) ? null : nextOpenRate(promised, tried);
  for (let perSecond = next(); perSecond !== null; perSecond = next()) {
    const durationMs = Math.min((1_000 * requestsWanted(objective)) / perSecond, longestRunFactor * measureMs);
    const times = await openLoop(context, ask, {
      dueMs: drawArrivals(perSecond, durationMs, seededRandom(tried.length + 1)),
      durationMs,
      countedFromMs: warmUpShare * durationMs,
      lateAllowed: [],
      refusedAtMost: Math.max(20, (refusedShare * durationMs * perSecond) / 1_000),
    });
    const load = measureLoad(times.timesMs, times.durationMs, Object.keys(objective ?? {}), times.streamed);
    const run = load === null ? null : { ...load, underWay: rounded(times.underWay) ?? 0 };
    if (run !== null) runs.push(run);
    const missed = run === null ? 'no request was counted' : whyRunFails(run, objective, closed);
    const why = missed === null ? null : `${missed}${unsentText(times.refused)}`;
    const held = why === null;
    tried.push({ perSecond, held, failedShare: run === null ? 0 : run.failed / run.requests });
    const leftMs = next() === null ? 0 : (openRunsAtMost - tried.length) * durationMs;
    const words = run === null ? 'overloaded' : latencyText(run);
    context.terminal.note(
      `  ${rateText(perSecond)} as they come: ${words}, ${held ? 'holds' : `does not hold: ${why}`}${leftMs > 0 ? `; at most ${formatElapsed(leftMs)} of the search left` : ''}`,
    );
  }
  return { runs, tried };
}

/** What failed at the client, which is no failure of the replica. */
const unsentText = (count: number): string =>
  count === 0 ? '' : ` (${count} of them were not sent: the client has ${underWayAtMost} under way at most)`;

function requestsWanted(objective: QuantileBudget | null): number {
  const level = Math.max(0.9, ...Object.keys(objective ?? {}).map(levelOf));
  return Math.max(requestsNeeded(objective).requests, Math.ceil(lateExpected / (1 - level) - 1e-9));
}
