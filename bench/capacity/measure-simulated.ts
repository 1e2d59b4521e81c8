import { measureLoad } from '../../src/core/capacity/measure-load.ts';
import { nextOpenRate, type TriedRate } from '../../src/core/capacity/rate-search.ts';
import { lateAllowed, measureHorizon } from '../../src/core/capacity/sustained/measure-horizon.ts';
import { addHorizon, nextHorizon, type HorizonsRun } from '../../src/core/capacity/sustained/next-horizon.ts';
import { probeRate } from '../../src/core/capacity/sustained/probe-rate.ts';
import { promisedRate, searchedRates } from '../../src/core/capacity/sustained/promised-rate.ts';
import type { QuantileBudget } from '../../src/core/contract/contract.ts';
import {
  answeredPerSecond,
  levelOf,
  type ClosedLevel,
} from '../../src/core/evidence/kinds/capacity/capacity-measurements.ts';
import {
  sustainedCapacity,
  type SustainedCapacity,
} from '../../src/core/evidence/kinds/capacity/sustained-capacity.ts';
import { standingOfHorizon } from '../../src/core/evidence/kinds/capacity/sustained-interval.ts';
import {
  horizonCutShare,
  type MeasuredHorizon,
  type Probe,
  type SustainedMeasurements,
} from '../../src/core/evidence/kinds/capacity/sustained-measurements.ts';
import { standingOf } from '../../src/core/evidence/kinds/capacity/sustained-rate.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import type { SimulatedReplica } from './simulated-replica.ts';

/** How a simulated replica is measured. */
export interface SimulatedPlan {
  readonly objective: QuantileBudget;
  readonly horizonMs: number;
  readonly horizons: number;
  /** Of a closed loop, and of a run of the search at least. */
  readonly answers: number;
}

export interface SimulatedResult {
  readonly capacity: SustainedCapacity;
  readonly measured: SustainedMeasurements;
}

const levels = [1, 2, 4, 8, 16, 32, 64];

/** Null where even one request at a time misses the objective. */
export function measureSimulated(replica: SimulatedReplica, plan: SimulatedPlan): SimulatedResult | null {
  const { objective, horizonMs } = plan;
  const quantiles = Object.keys(objective);
  const closed = closedLevels(replica, plan, quantiles);
  const promised = promisedRate(closed, objective);
  if (promised === null) return null;
  const knee = closed.toSorted((a, b) => answeredPerSecond(b) - answeredPerSecond(a))[0]?.concurrency ?? 1;
  const probe = (): readonly Probe[] => {
    const atMs = replica.horizonsMs;
    const perSecond = probeRate([...replica.closed(knee, Math.max(plan.answers, 40 * knee), seededRandom(7)).endsMs]);
    return perSecond === null ? [] : [{ atMs, perSecond }];
  };
  const searched = searchedRates(searchRates(replica, plan, quantiles, promised), closed, objective);
  const terms = { objective, underWayAtMost: 0, horizons: plan.horizons };
  let run: HorizonsRun = { located: [], lower: [], upper: [] };
  for (let next = nextHorizon(terms, searched, run); next !== null; next = nextHorizon(terms, searched, run)) {
    const isFirst = next.kind === 'lower' && next.left === next.candidate.planned;
    if (next.kind === 'lower') replica.beginHorizons();
    const before = isFirst ? probe() : [];
    const horizon = runHorizon(replica, next.perSecond, horizonMs, objective);
    run = addHorizon(terms, run, next, horizon, next.kind === 'lower' ? [...before, ...probe()] : []);
  }
  const generator = { ceilingPerSecond: null, busyShare: null, underWayAtMost: Number.MAX_SAFE_INTEGER };
  const measured = { horizonMs, ...run, generator, nodeFacts: [] };
  const capacity = sustainedCapacity({ closed, sustained: measured }, objective);
  return capacity === null ? null : { capacity, measured };
}

function closedLevels(replica: SimulatedReplica, { answers }: SimulatedPlan, quantiles: readonly string[]) {
  const measured: ClosedLevel[] = [];
  for (const concurrency of levels) {
    const { endsMs, timesMs } = replica.closed(
      concurrency,
      Math.max(answers, 4 * concurrency),
      seededRandom(concurrency),
    );
    const load = measureLoad([...timesMs], endsMs.at(-1) ?? 0, quantiles);
    if (load === null) break;
    const level = { ...load, concurrency, meanBatchRows: null };
    measured.push(level);
    const largest = Math.max(...measured.map(answeredPerSecond));
    if (answeredPerSecond(level) < 0.95 * largest) break;
  }
  return measured;
}

function searchRates(
  replica: SimulatedReplica,
  { objective, answers, horizonMs }: SimulatedPlan,
  quantiles: readonly string[],
  promised: number,
): readonly TriedRate[] {
  const tried: TriedRate[] = [];
  const level = Math.max(0.9, ...quantiles.map(levelOf));
  const requests = Math.max(answers, Math.ceil(60 / (1 - level)));
  for (let rate = nextOpenRate(promised, tried); rate !== null; rate = nextOpenRate(promised, tried)) {
    const durationMs = Math.min((1_000 * requests) / rate, horizonMs);
    const { dueMs, timesMs } = replica.open(rate, durationMs);
    const counted = [...timesMs].filter((_, at) => (dueMs[at] ?? 0) >= 0.05 * durationMs);
    const load = measureLoad(counted, 0.95 * durationMs, quantiles);
    tried.push({ perSecond: rate, held: load !== null && standingOf(load, objective) === 'holds' });
  }
  return tried;
}

/** One fresh horizon, cut short as soon as it is certain to be outside. */
export function runHorizon(
  replica: SimulatedReplica,
  perSecond: number,
  horizonMs: number,
  objective: QuantileBudget,
  isGrowthAsked = true,
): MeasuredHorizon {
  const { dueMs, timesMs } = replica.open(perSecond, horizonMs);
  const counted = [...timesMs].filter((_, at) => (dueMs[at] ?? 0) >= horizonCutShare * horizonMs);
  const allowed = lateAllowed(counted.length, objective);
  const isOutside = allowed.some(
    ({ limitMs, atMost }) => counted.reduce((late, timeMs) => late + (timeMs > limitMs ? 1 : 0), 0) > atMost,
  );
  const shown = { streamed: null, refused: 0, underWay: 0, sendDelayMs: 0 };
  const sent =
    isOutside || !isGrowthAsked ? [] : Array.from(dueMs, (atMs, at) => ({ dueMs: atMs, timeMs: timesMs[at] ?? NaN }));
  const horizon = measureHorizon({ timesMs: counted, sent, unseen: 0, ...shown }, Object.keys(objective));
  return isOutside ? { ...horizon, growth: null, isCutShort: true } : horizon;
}

/** Requests that the truth about a rate is worth. */
const requestsAtMost = 1e7;

/**
 * Share of independent horizons at a rate that are inside the objective, from 1e7 requests; fewer where five standard
 * deviations already tell it from 80%.
 */
export function trueShare(
  makeReplica: () => SimulatedReplica,
  perSecond: number,
  horizonMs: number,
  objective: QuantileBudget,
): number {
  const replica = makeReplica();
  let [inside, horizons, requests] = [0, 0, 0];
  while (requests < requestsAtMost) {
    replica.rest();
    const horizon = runHorizon(replica, perSecond, horizonMs, objective, false);
    requests += Math.max(1, horizon.requests);
    horizons += 1;
    if (standingOfHorizon(horizon, objective, 0) === 'inside') inside += 1;
    const share = inside / horizons;
    if (horizons >= 50 && Math.abs(share - 0.8) > 5 * Math.sqrt(0.16 / horizons)) return share;
  }
  return inside / horizons;
}
