import { saturationOf, pointsOf } from '../../core/capacity/measured-points.ts';
import { rounded } from '../../core/capacity/measure-load.ts';
import type { TriedRate } from '../../core/capacity/rate-search.ts';
import { drawArrivals } from '../../core/capacity/sustained/draw-arrivals.ts';
import { probeMs, type DurationTerms } from '../../core/capacity/sustained/duration.ts';
import { lateAllowed, measureHorizon } from '../../core/capacity/sustained/measure-horizon.ts';
import {
  addHorizon,
  nextHorizon,
  type HorizonsRun,
  type NextHorizon,
} from '../../core/capacity/sustained/next-horizon.ts';
import { horizonsLeft } from '../../core/capacity/sustained/horizons-left.ts';
import { probeRate } from '../../core/capacity/sustained/probe-rate.ts';
import { searchedRates } from '../../core/capacity/sustained/promised-rate.ts';
import type { QuantileBudget } from '../../core/contract/contract.ts';
import type { CapacityMeasurements } from '../../core/evidence/kinds/capacity/capacity-measurements.ts';
import { standingOfHorizon } from '../../core/evidence/kinds/capacity/sustained-interval.ts';
import {
  horizonCutShare,
  type MeasuredHorizon,
  type Probe,
  type SustainedMeasurements,
} from '../../core/evidence/kinds/capacity/sustained-measurements.ts';
import { rateText, underWayWithoutObjective } from '../../core/evidence/kinds/capacity/sustained-rate.ts';
import { seededRandom } from '../../core/statistics/random.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { Terminal } from '../../ports/process/terminal.ts';
import type { ProvingPorts } from '../ports.ts';
import { answerEnds, type Ask } from './closed-loop.ts';
import { openLoop, underWayAtMost } from './open-loop.ts';
import type { NodeWatch } from './watch-node.ts';

type SustainContext = Pick<ProvingPorts, 'clock' | 'signal'> & { readonly terminal: Pick<Terminal, 'note'> };

export interface SustainedQuestion extends Pick<DurationTerms, 'measureMs' | 'horizonMs' | 'horizons'> {
  readonly objective: QuantileBudget | null;
  readonly ask: Ask;
  readonly tried: readonly TriedRate[];
  /** Answers a second at a server that computes nothing; null where none can be asked. */
  readonly ceilingPerSecond: number | null;
  readonly watch: NodeWatch;
}

/** A probe that goes slower than the first one ends after so many times of its time. */
const probeFactor = 4;

/** Horizons after the search, as `nextHorizon` decides, with a probe of the throughput after each for the lower limit. */
export async function measureSustained(
  context: SustainContext,
  measured: Pick<CapacityMeasurements, 'closed' | 'protocol' | 'rowsAtOnce' | 'batchLimitRows'>,
  question: SustainedQuestion,
): Promise<SustainedMeasurements> {
  const { objective, horizonMs, horizons, tried, watch } = question;
  const searched = searchedRates(tried, measured.closed, objective);
  const terms = { objective, underWayAtMost: underWayWithoutObjective(measured.closed), horizons };
  const probe = makeProbe(context, question, saturationOf(pointsOf(measured).closed).concurrency);
  let run: HorizonsRun = { located: [], lower: [], upper: [] };
  let [count, busyShare] = [0, null as number | null];
  for (let next = nextHorizon(terms, searched, run); next !== null; next = nextHorizon(terms, searched, run)) {
    const isFirst = next.kind === 'lower' && next.left === next.candidate.planned;
    const before = isFirst ? await probe() : [];
    count += 1;
    await watch.busyShare();
    const horizon = await runHorizon(context, question, next.perSecond, count);
    busyShare = Math.max(busyShare ?? 0, (await watch.busyShare()) ?? 0);
    run = addHorizon(terms, run, next, horizon, next.kind === 'lower' ? [...before, ...(await probe())] : []);
    const left = horizonsLeft(nextHorizon(terms, searched, run), horizons);
    const standing = standingOfHorizon(horizon, objective, terms.underWayAtMost);
    context.terminal.note(
      `  ${horizonText(next)}: ${standing}${left > 0 ? `; about ${formatElapsed(left * (horizonMs + probeMs(question)))} left` : ''}`,
    );
  }
  const { ceilingPerSecond } = question;
  const generator = { ceilingPerSecond: rounded(ceilingPerSecond), busyShare: rounded(busyShare), underWayAtMost };
  return { horizonMs, ...run, generator, ...(await watch.seen()) };
}

const kindWords = { locate: 'to find a rate', lower: 'lower limit', upper: 'upper limit' } as const;

function horizonText(next: NextHorizon): string {
  const at = next.kind === 'locate' ? '' : ` ${next.candidate.planned - next.left + 1} of ${next.candidate.planned}`;
  return `horizon${at}, ${kindWords[next.kind]}, ${rateText(next.perSecond)}`;
}

/** One horizon; it ends early when it is certain to be outside. The replica has nothing under way when it begins. */
async function runHorizon(
  context: SustainContext,
  { ask, objective, horizonMs }: SustainedQuestion,
  perSecond: number,
  seed: number,
): Promise<MeasuredHorizon> {
  const countedFromMs = horizonCutShare * horizonMs;
  // Seeds of the search are the numbers of its runs: no horizon sends what it sent.
  const dueMs = drawArrivals(perSecond, horizonMs, seededRandom(1_000 + seed));
  const counted = dueMs.filter((atMs) => atMs >= countedFromMs).length;
  const times = await openLoop(context, ask, {
    dueMs,
    durationMs: horizonMs,
    countedFromMs,
    lateAllowed: lateAllowed(counted, objective),
    refusedAtMost: Infinity,
  });
  return measureHorizon(times, Object.keys(objective ?? {}));
}

/** Makes the function that measures the throughput now: by the same requests each time, as many as fit into the first probe. */
function makeProbe(
  context: SustainContext,
  { ask, measureMs, horizonMs }: SustainedQuestion,
  concurrency: number,
): () => Promise<readonly Probe[]> {
  const startMs = context.clock.monotonicMs();
  const lastsMs = probeMs({ measureMs, horizonMs });
  let requests: number | null = null;
  return async () => {
    const atMs = rounded(context.clock.monotonicMs() - startMs) ?? 0;
    const plan =
      requests === null
        ? { requests: Number.MAX_SAFE_INTEGER, atMostMs: lastsMs }
        : { requests, atMostMs: probeFactor * lastsMs };
    const endsMs = await answerEnds(context, ask, { concurrency, ...plan });
    requests ??= Math.max(endsMs.length, 2 * concurrency);
    const perSecond = rounded(probeRate(endsMs));
    return perSecond === null ? [] : [{ atMs, perSecond }];
  };
}
