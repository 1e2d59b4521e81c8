import type { WorkSignals } from '../../signals.ts';
import { addLogBlock, beginLogMean, posteriorOf, shiftLogMean, type LogMean, type LogPrior } from '../log-mean.ts';
import { usedLog } from '../used-ratio.ts';
import { addCostBlock, beginWeights, costOf, deviationBetween, type UnitWeights } from './unit-weights.ts';
import { beginTrial, tryBlock, type UnitTrial } from './unit-trial.ts';
import { kindsOf, type CountedUnits, type WorkTick } from './work-tick.ts';

/** What requests cost by their work, and the work of those that arrive. JSON-safe. */
export interface LearnedWork {
  /** Of this form; one of another form is begun anew. */
  readonly version: 1;
  readonly unit: WorkSignals['unit'];
  readonly weights: UnitWeights;
  /** Mean units of the answers of late, and the answers that it rests on. */
  readonly sizes: readonly number[];
  readonly sized: number;
  /** Logarithm of the rate that the weights foretell over the rate that is seen: a replica that slows down for all requests alike. */
  readonly level: LogMean;
  /** Logarithm of the cost of what arrives. */
  readonly arrived: LogMean;
  /** Mean units of the newest block of arrivals. */
  readonly newest: readonly number[];
  readonly open: OpenWork;
  readonly trial: UnitTrial;
  /** The newest block of answers: logarithm of its ratio, and its mean units. Null before the first. */
  readonly last: LastBlock | null;
  /** Units of the request that the rate of a replica is told of; null while the number of requests alone is used. */
  readonly reference: readonly number[] | null;
  /** Logarithm of the cost of what arrives over that of the reference that decisions use; exactly 0 for the same work. */
  readonly factor: number;
  /** Blocks in a row of which the work was not told. */
  readonly untold: number;
}

interface LastBlock {
  readonly log: number;
  readonly sizes: readonly number[];
}

interface OpenWork {
  readonly answered: CountedUnits;
  readonly arrived: CountedUnits;
  readonly arrivedMs: number;
}

/** A block of answers, as the number of requests alone is learned from. */
export interface AnsweredBlock {
  /** Logarithm of real over told rate. */
  readonly log: number;
  readonly weight: number;
  readonly answers: number;
  readonly elapsedMs: number;
  /** Logarithm that the blocks before foretold without looking at the work. */
  readonly foretoldLog: number;
  /** Share of the weight of older blocks that the level keeps. */
  readonly keptShare: number;
}

/** What a unit costs is a property of the engine: half of it is forgotten in so much busy time. */
const halfLifeMs = 3_600_000;
/** The mix of what arrives moves in minutes. */
const arrivedHalfLifeMs = 60_000;
const [arrivedRequests, arrivedAtLeastMs] = [20, 8_000] as const;
/** Nearly all answers of a block tell their work: the others are like them. */
const toldShare = 0.9;
const untoldAtMost = 3;
/** Before so many blocks the weights foretell no cost to weigh the next block by. */
const fewBlocks = 3;

const levelPrior: LogPrior = { scatter: 0.5, scatterAtLeast: 0.05, weight: 5, weightAtMost: 8_000 };
/** Nothing was measured of what arrives: no prior. */
const arrivedPrior: LogPrior = { scatter: 0.5, scatterAtLeast: 0.01, weight: 0, weightAtMost: 4_000 };
/** A request that is taken for too light makes others late: the careful side is above. */
const factorBand = { log: 0.04, deviations: 2.5, careful: 1 } as const;
const factorAtMost = Math.log(20);

const noUnits = (kinds: number): CountedUnits => ({ requests: 0, units: Array.from({ length: kinds }, () => 0) });
const beginOpen = (kinds: number): OpenWork => ({ answered: noUnits(kinds), arrived: noUnits(kinds), arrivedMs: 0 });

function beginWork(unit: WorkSignals['unit']): LearnedWork {
  const kinds = kindsOf(unit);
  return {
    version: 1,
    unit,
    weights: beginWeights(kinds),
    sizes: noUnits(kinds).units,
    sized: 0,
    level: beginLogMean(levelPrior),
    arrived: beginLogMean(arrivedPrior),
    newest: noUnits(kinds).units,
    open: beginOpen(kinds),
    trial: beginTrial,
    last: null,
    reference: null,
    factor: 0,
    untold: 0,
  };
}

/**
 * Returns what is known after one more reading: the work of what arrives moves the factor as soon as 20 requests have arrived in 8 s.
 *
 * @param before null before any work was told
 * @param isWatched whether the answers of this reading are learned from
 */
export function observeWork(before: LearnedWork | null, tick: WorkTick | null, isWatched: boolean): LearnedWork | null {
  // Nothing happened: a silence that is passed over leaves the same.
  if (tick === null || (tick.arrived.requests === 0 && tick.answered.requests === 0)) return before;
  const isKnown = before?.version === 1 && before.unit === tick.unit;
  const known = isKnown ? before : beginWork(tick.unit);
  const { open } = known;
  const arrived = addUnits(open.arrived, tick.arrived);
  const arrivedMs = open.arrivedMs + tick.elapsedMs;
  const answered = isWatched ? addUnits(open.answered, tick.answered) : open.answered;
  const next = { ...known, open: { answered, arrived, arrivedMs } };
  if (arrived.requests < arrivedRequests || arrivedMs < arrivedAtLeastMs) return next;
  return withFactor(closeArrived(next));
}

/** Returns what is known after a block of answers; null where the work was not told for three of them. */
export function learnWork(work: LearnedWork | null, block: AnsweredBlock): LearnedWork | null {
  if (work === null) return null;
  const { answered } = work.open;
  const closed = { ...work, open: { ...work.open, answered: noUnits(work.sizes.length) } };
  if (answered.requests < toldShare * block.answers || answered.requests === 0) {
    return work.untold + 1 >= untoldAtMost ? null : { ...closed, untold: work.untold + 1 };
  }
  const sizes = meanUnits(answered);
  const level = addLogBlock(work.level, residualOf(work, block, sizes), block.keptShare, levelPrior);
  const kept = 0.5 ** (block.elapsedMs / halfLifeMs);
  const trial = tryBlock(work.trial, errorsOf(work, block, sizes), kept);
  const weights = addCostBlock(work.weights, costBlockOf(work, block, sizes), kept);
  const sized = work.sized * block.keptShare + block.weight;
  const share = block.weight / sized;
  const mean = sizes.map((size, at) => (work.sizes[at] ?? 0) + share * (size - (work.sizes[at] ?? 0)));
  // What was learned by the weights before is told in those of now.
  const moved = Math.log(costOf(weights, mean)) - Math.log(costOf(work.weights, mean));
  const next: LearnedWork = {
    ...closed,
    weights,
    sizes: mean,
    sized,
    level: shiftLogMean(level, moved),
    arrived: shiftLogMean(work.arrived, moved),
    trial,
    last: { log: block.log, sizes },
    untold: 0,
  };
  if (!trial.isWon) return { ...next, reference: null, factor: 0 };
  return withFactor({ ...next, reference: work.reference ?? mean });
}

/** Returns the answers of the open block forgotten: they said nothing of the rate of a replica. */
export const dropBlock = (work: LearnedWork | null): LearnedWork | null =>
  work && { ...work, open: { ...work.open, answered: noUnits(work.sizes.length) } };

/** Returns the logarithm of the cost of the newest block of answers; 0 while the number of requests alone is used. */
export const costLogOf = (work: LearnedWork | null): number =>
  work === null || work.reference === null || work.last === null
    ? 0
    : Math.log(costOf(work.weights, work.last.sizes) / costOf(work.weights, work.reference));

/** Returns what is known where the logarithm of each ratio is told with so much more from now on. */
export const shiftWork = (work: LearnedWork | null, by: number): LearnedWork | null =>
  work === null || by === 0
    ? work
    : { ...work, level: shiftLogMean(work.level, by), last: work.last && { ...work.last, log: work.last.log + by } };

/**
 * Returns the logarithm of real over told rate for requests of the reference's work, and its standard deviation; null while the number of
 * requests alone is used.
 */
export function ratioAtReference(
  work: LearnedWork | null,
): { readonly mean: number; readonly deviation: number } | null {
  if (work?.version !== 1 || work.reference === null) return null;
  const { weights, sizes, reference } = work;
  const { mean, deviation } = posteriorOf(work.level, levelPrior);
  const cost = costOf(weights, reference);
  const way = deviationBetween(weights, reference, sizes) / cost;
  return { mean: mean - Math.log(cost), deviation: Math.hypot(deviation, way) };
}

/** Returns the cost of what arrives over that of the request that the rate of a replica is of; exactly 1 while it is the same. */
export const workFactorOf = (work: LearnedWork | null | undefined): number =>
  work?.version !== 1 || work.factor === 0 ? 1 : Math.exp(work.factor);

function closeArrived(work: LearnedWork): LearnedWork {
  const { arrived, arrivedMs } = work.open;
  const newest = meanUnits(arrived);
  const block = { log: Math.log(costOf(work.weights, newest)), weight: arrived.requests };
  const kept = 0.5 ** (arrivedMs / arrivedHalfLifeMs);
  return {
    ...work,
    arrived: addLogBlock(work.arrived, block, kept, arrivedPrior),
    newest,
    open: { ...work.open, arrived: noUnits(newest.length), arrivedMs: 0 },
  };
}

function withFactor(work: LearnedWork): LearnedWork {
  const { reference, weights, arrived, newest, factor } = work;
  if (reference === null || arrived.weight === 0) return work;
  const { mean, deviation } = posteriorOf(arrived, arrivedPrior);
  const cost = costOf(weights, reference);
  const way = deviationBetween(weights, newest, reference) / costOf(weights, newest);
  const used = usedLog(factor, { mean: mean - Math.log(cost), deviation: Math.hypot(deviation, way) }, factorBand);
  return { ...work, factor: Math.max(-factorAtMost, Math.min(factorAtMost, used)) };
}

const residualOf = ({ weights }: LearnedWork, { log, weight }: AnsweredBlock, sizes: readonly number[]) => ({
  log: log + Math.log(costOf(weights, sizes)),
  weight,
});

function errorsOf(work: LearnedWork, { log, weight, foretoldLog }: AnsweredBlock, sizes: readonly number[]) {
  const foretold = posteriorOf(work.level, levelPrior).mean - Math.log(costOf(work.weights, sizes));
  const step = work.last === null ? null : stepErrors(work.weights, { log, sizes }, work.last);
  return { byNumber: log - foretoldLog, byWork: log - foretold, weight, step };
}

function stepErrors(weights: UnitWeights, now: LastBlock, before: LastBlock) {
  const byNumber = now.log - before.log;
  return {
    byNumber,
    byWork: byNumber + Math.log(costOf(weights, now.sizes)) - Math.log(costOf(weights, before.sizes)),
  };
}

/** A block counts by its relative error: a request of three times the work scatters three times as much. */
function costBlockOf({ weights, level }: LearnedWork, { log, weight }: AnsweredBlock, sizes: readonly number[]) {
  const cost = Math.exp(-log);
  const expected = weights.blocks < fewBlocks ? cost : costOf(weights, sizes) * Math.exp(-level.mean);
  return { sizes, cost, weight: weight / expected ** 2 };
}

const meanUnits = ({ requests, units }: CountedUnits): readonly number[] => units.map((sum) => sum / requests);

const addUnits = (a: CountedUnits, b: CountedUnits): CountedUnits => ({
  requests: a.requests + b.requests,
  units: a.units.map((sum, at) => sum + (b.units[at] ?? 0)),
});
