import type { LearnedRatio } from '../policy.ts';
import {
  addLogBlock,
  beginLogMean,
  isChanged,
  posteriorOf,
  shiftLogMean,
  type LogMean,
  type LogPrior,
} from './log-mean.ts';
import {
  addShapeBlock,
  beginShape,
  deviationToFull,
  logToFull,
  restartMeans,
  type LearnedShape,
} from './shape/learn-shape.ts';
import { usedLog } from './used-ratio.ts';
import {
  costLogOf,
  dropBlock,
  learnWork,
  observeWork,
  ratioAtReference,
  shiftWork,
  type LearnedWork,
} from './work/learn-work.ts';
import type { WorkTick } from './work/work-tick.ts';
import type { Fullness, WatchedTick } from './watched-tick.ts';

/** What live data say of the told rate of a replica. JSON-safe. */
export interface LearnedCapacity {
  readonly belief: LogMean;
  /** Ticks that are not yet enough for a block. */
  readonly open: OpenBlock;
  /** Logarithm of real over told rate that decisions use; exactly 0 for the evidence as it is. */
  readonly used: number;
  /** What requests cost by their work. Absent or null: no work was told. */
  readonly work?: LearnedWork | null;
  /** How the ratio changes with the occupancy; `belief` and `work` are of full replicas by it. Absent: not at all. */
  readonly shape?: LearnedShape;
}

interface OpenBlock {
  readonly elapsedMs: number;
  readonly answers: number;
  readonly timedAnswers: number;
  readonly busyMs: number;
  readonly heldMs: number;
  /** Null once a tick did not tell. */
  readonly heldAtMostMs: number | null;
  readonly ticks: number;
  /** Ticks with something under way at their reading. */
  readonly heldTicks: number;
  readonly toldAnswers: number;
  /** Occupied share times answers. */
  readonly occupied: number;
  /** Absent in what older versions recorded. */
  readonly fullness?: Fullness;
}

const emptyBlock: OpenBlock = {
  elapsedMs: 0,
  answers: 0,
  timedAnswers: 0,
  busyMs: 0,
  heldMs: 0,
  heldAtMostMs: 0,
  ticks: 0,
  heldTicks: 0,
  toldAnswers: 0,
  occupied: 0,
  fullness: { occupiedMs: 0, arrivals: 0, fullAnswers: 0, fullMs: 0 },
};

/** A block holds so many answers, and is long enough for the first answers not to be the short ones alone. */
const blockAnswers = 20;
const [blockAtLeastMs, blockServices] = [8_000, 2] as const;
/** Half of what is known is forgotten in so much busy time. */
const halfLifeMs = 600_000;
/** Nearly all answers carry a time: the others are like them. */
const timedShare = 0.9;
/** What is under way at a few moments says how long requests took only where replicas are at work most of the time. */
const heldTicksShare = 0.6;
/** Replicas that are hardly used say less of what full ones carry. */
const leastOccupiedShare = 0.1;

const prior: LogPrior = { scatter: 0.5, scatterAtLeast: 0.05, weight: 5, weightAtMost: 8_000 };
const band = { log: 0.04, deviations: 2.5, careful: -1 } as const;
/** Nothing is believed beyond a factor of 20: that is another service. */
const logAtMost = Math.log(20);

export const beginCapacity: LearnedCapacity = { belief: beginLogMean(prior), open: emptyBlock, used: 0 };

/**
 * Returns the belief after one more tick. The ratio of a block is the time that the told curve gives a request under what was under way,
 * over the time that requests took: both by Little's law, so that a queue inside the engine lengthens the two alike. Where no times
 * are known it is the answers over those that the told curve foretells. That is looked at only while replicas are at work at most
 * readings: of a replica that is idle between two of them readings see chance, or, where clients keep the same beat, one phase.
 * Where the work of requests foretells their cost better than their number, the ratio is that of a request of the reference's work.
 */
export function learnCapacity(
  learned: LearnedCapacity,
  tick: WatchedTick | null,
  workTick: WorkTick | null = null,
): LearnedCapacity {
  const before = learned.work ?? null;
  const observed = observeWork(before, workTick, tick !== null);
  const known = observed === before ? learned : { ...learned, work: observed };
  if (tick === null) return known;
  const open = withTick(learned.open, tick);
  const toldMs = open.toldAnswers > 0 ? open.heldMs / open.toldAnswers : 0;
  const enough = open.answers >= blockAnswers && open.elapsedMs >= Math.max(blockAtLeastMs, blockServices * toldMs);
  if (!enough) return { ...known, open };
  const log = logRatioOf(open, toldMs);
  if (log === null) return { ...known, open: emptyBlock, ...withWork(dropBlock(observed)) };
  return { open: emptyBlock, ...learnBlock({ ...known, work: observed }, open, { log, toldMs }) };
}

function learnBlock(
  { belief: before, shape: shapeBefore = beginShape, work: workBefore = null, used }: LearnedCapacity,
  open: OpenBlock,
  { log, toldMs }: { readonly log: number; readonly toldMs: number },
): Omit<LearnedCapacity, 'open'> {
  const { answers, elapsedMs } = open;
  const weight = answers * Math.max(leastOccupiedShare, open.occupied / answers);
  const occupancy = occupancyOf(open);
  const block = { log: log + (occupancy === null ? 0 : logToFull(shapeBefore, occupancy)), weight };
  const keptShare = 0.5 ** (elapsedMs / halfLifeMs);
  const foretoldLog = posteriorOf(before, prior).mean;
  const work = learnWork(workBefore, { ...block, answers, elapsedMs, foretoldLog, keptShare });
  const belief = addLogBlock(before, block, keptShare, prior);
  const isOther = isChanged(before, belief) || isCounted(workBefore) !== isCounted(work);
  const known = isOther ? restartMeans(shapeBefore) : shapeBefore;
  const offered = offeredOf(open, foretoldLog);
  if (occupancy === null || offered === null) return decided({ belief, shape: known, work, used });
  const riseAtMost = Math.max(0, Math.log((open.fullness?.fullMs ?? 0) / toldMs));
  const shape = addShapeBlock(
    known,
    { log: log + costLogOf(work), weight, occupancy, offered, riseAtMost },
    { elapsedMs, keptShare, scatter: belief.scatter, weightAtMost: prior.weightAtMost },
  );
  // What was learned by the slope before is told by that of now.
  const moved = logToFull(shape, shape.occupancy) - logToFull(known, shape.occupancy);
  return decided({ belief: shiftLogMean(belief, moved), shape, work: shiftWork(work, moved), used });
}

/** Whether requests are counted by their work. */
const isCounted = (work: LearnedWork | null): boolean => (work?.reference ?? null) !== null;

/** Taken share of the slots as a mean request sees it; null where it is not known. */
const occupancyOf = ({ fullness, heldMs }: OpenBlock): number | null =>
  fullness === undefined || heldMs === 0 ? null : Math.min(1, fullness.occupiedMs / heldMs);

/** What arrived over what as many full replicas carry: beyond all of it they are just full. Null where it says nothing. */
function offeredOf({ fullness }: OpenBlock, foretoldLog: number): number | null {
  if (fullness === undefined || fullness.arrivals === null || !(fullness.fullAnswers > 0)) return null;
  return Math.min(1, fullness.arrivals / (fullness.fullAnswers * Math.exp(foretoldLog)));
}

function decided({ work = null, used, ...learned }: Omit<LearnedCapacity, 'open'>): Omit<LearnedCapacity, 'open'> {
  return { ...learned, used: usedLog(used, fullRatioOf({ ...learned, work }), band), ...withWork(work) };
}

/** Logarithm of real over told rate of a full replica, its standard deviation, and that of the way from those that were seen to full ones. */
function fullRatioOf({ belief, work, shape }: Omit<LearnedCapacity, 'open' | 'used'>): {
  readonly mean: number;
  readonly deviation: number;
  readonly standing: number;
} {
  const { mean, deviation } = ratioAtReference(work ?? null) ?? posteriorOf(belief, prior);
  const standing = belief.weight === 0 || shape === undefined ? 0 : deviationToFull(shape, belief.scatter);
  return { mean, deviation, standing };
}

const withWork = (work: LearnedWork | null): Pick<LearnedCapacity, 'work'> => (work === null ? {} : { work });

/**
 * Returns what a replica carries of what decisions take it for, where live data say less: at most 1. Inside the dead band decisions go by the evidence,
 * and what they promise is still to hold with what was seen.
 *
 * Worked: 4% less than the evidence, inside the band: 0.96. Once decisions follow: 1.
 */
export function carriedShareOf(learned: LearnedCapacity): number {
  return Math.exp(Math.min(0, fullRatioOf(learned).mean - learned.used));
}

/** With limits of two standard deviations. */
export function ratioOfCapacity(learned: LearnedCapacity): LearnedRatio {
  const { mean, standing, ...level } = fullRatioOf({ ...learned, work: null });
  const deviation = Math.hypot(level.deviation, standing);
  return {
    estimate: Math.exp(mean),
    lower: Math.exp(mean - 2 * deviation),
    upper: Math.exp(mean + 2 * deviation),
    samples: learned.belief.weight,
  };
}

function withTick(open: OpenBlock, tick: WatchedTick): OpenBlock {
  const { elapsedMs, answers, busyMs, heldMs, heldAtMostMs, toldAnswers, occupiedShare } = tick;
  return {
    elapsedMs: open.elapsedMs + elapsedMs,
    answers: open.answers + answers,
    timedAnswers: open.timedAnswers + (busyMs === null ? 0 : answers),
    busyMs: open.busyMs + (busyMs ?? 0),
    heldMs: open.heldMs + heldMs,
    heldAtMostMs: open.heldAtMostMs === null || heldAtMostMs === null ? null : open.heldAtMostMs + heldAtMostMs,
    ticks: open.ticks + 1,
    heldTicks: open.heldTicks + (heldMs > 0 ? 1 : 0),
    toldAnswers: open.toldAnswers + toldAnswers,
    occupied: open.occupied + occupiedShare * answers,
    ...(open.fullness === undefined ? {} : { fullness: addFullness(open.fullness, tick.fullness) }),
  };
}

const addFullness = (sum: Fullness, tick: Fullness): Fullness => ({
  occupiedMs: sum.occupiedMs + tick.occupiedMs,
  arrivals: sum.arrivals === null || tick.arrivals === null ? null : sum.arrivals + tick.arrivals,
  fullAnswers: sum.fullAnswers + tick.fullAnswers,
  fullMs: tick.fullMs,
});

/** Null where the block says nothing: nothing was foretold, or no time passed. */
function logRatioOf(block: OpenBlock, toldMs: number): number | null {
  const { answers, timedAnswers, busyMs, heldMs, heldAtMostMs, ticks, heldTicks } = block;
  const timed = timedAnswers >= timedShare * answers;
  if (!timed && heldTicks < heldTicksShare * ticks) return null;
  const realMs = timed ? busyMs / timedAnswers : Math.min(heldMs, heldAtMostMs ?? Infinity) / answers;
  if (!(realMs > 0 && toldMs > 0)) return null;
  return Math.max(-logAtMost, Math.min(logAtMost, Math.log(toldMs / realMs)));
}
