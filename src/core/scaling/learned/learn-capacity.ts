import type { LearnedRatio } from '../policy.ts';
import { addLogBlock, beginLogMean, posteriorOf, type LogMean, type LogPrior } from './log-mean.ts';
import { usedLog } from './used-ratio.ts';
import { dropBlock, learnWork, observeWork, ratioAtReference, type LearnedWork } from './work/learn-work.ts';
import type { WorkTick } from './work/work-tick.ts';
import type { WatchedTick } from './watched-tick.ts';

/** What live data say of the told rate of a replica. JSON-safe. */
export interface LearnedCapacity {
  readonly belief: LogMean;
  /** Ticks that are not yet enough for a block. */
  readonly open: OpenBlock;
  /** Logarithm of real over told rate that decisions use; exactly 0 for the evidence as it is. */
  readonly used: number;
  /** What requests cost by their work. Absent or null: no work was told. */
  readonly work?: LearnedWork | null;
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
  const occupiedShare = Math.max(leastOccupiedShare, open.occupied / open.answers);
  const block = { log, weight: open.answers * occupiedShare };
  const keptShare = 0.5 ** (open.elapsedMs / halfLifeMs);
  const foretoldLog = posteriorOf(learned.belief, prior).mean;
  const { answers, elapsedMs } = open;
  const work = learnWork(observed, { ...block, answers, elapsedMs, foretoldLog, keptShare });
  const belief = addLogBlock(learned.belief, block, keptShare, prior);
  const posterior = ratioAtReference(work) ?? posteriorOf(belief, prior);
  return { belief, open: emptyBlock, used: usedLog(learned.used, posterior, band), ...withWork(work) };
}

const withWork = (work: LearnedWork | null): Pick<LearnedCapacity, 'work'> => (work === null ? {} : { work });

/**
 * Returns what a replica carries of what decisions take it for, where live data say less: at most 1. Inside the dead band decisions go by the evidence,
 * and what they promise is still to hold with what was seen.
 *
 * Worked: 4% less than the evidence, inside the band: 0.96. Once decisions follow: 1.
 */
export function carriedShareOf({ belief, work, used }: LearnedCapacity): number {
  const { mean } = ratioAtReference(work ?? null) ?? posteriorOf(belief, prior);
  return Math.exp(Math.min(0, mean - used));
}

/** With limits of two standard deviations. */
export function ratioOfCapacity({ belief }: LearnedCapacity): LearnedRatio {
  const { mean, deviation } = posteriorOf(belief, prior);
  return {
    estimate: Math.exp(mean),
    lower: Math.exp(mean - 2 * deviation),
    upper: Math.exp(mean + 2 * deviation),
    samples: belief.weight,
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
  };
}

/** Null where the block says nothing: nothing was foretold, or no time passed. */
function logRatioOf(block: OpenBlock, toldMs: number): number | null {
  const { answers, timedAnswers, busyMs, heldMs, heldAtMostMs, ticks, heldTicks } = block;
  const timed = timedAnswers >= timedShare * answers;
  if (!timed && heldTicks < heldTicksShare * ticks) return null;
  const realMs = timed ? busyMs / timedAnswers : Math.min(heldMs, heldAtMostMs ?? Infinity) / answers;
  if (!(realMs > 0 && toldMs > 0)) return null;
  return Math.max(-logAtMost, Math.min(logAtMost, Math.log(toldMs / realMs)));
}
