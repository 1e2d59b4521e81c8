import type { StartDistribution } from '../../coldstart/start-distribution.ts';
import type { LearnedRatio, ScaledReplica } from '../policy.ts';
import { usedLog } from './used-ratio.ts';

/** What live data say of the told start times. JSON-safe. */
export interface LearnedStarts {
  /** Sum of the logarithms of the times of starts, milliseconds, and how many; older ones counted for less. */
  readonly sum: number;
  readonly starts: number;
  /** Replicas that became ready later than this are not counted yet, milliseconds; null before the first decision. */
  readonly countedMs: number | null;
  /** Logarithm of real over told start time that decisions use; exactly 0 for the evidence as it is. */
  readonly used: number;
}

export const beginStarts: LearnedStarts = { sum: 0, starts: 0, countedMs: null, used: 0 };

const startsAtMost = 40;
/** The evidence counts as so many starts. */
const priorStarts = 1;
const band = { log: 0.08, deviations: 2.5, careful: 1 } as const;
const logAtMost = Math.log(20);
const rounds = 4;

/**
 * Returns the belief after one more decision. A replica that became ready says how long its start took; one that still loads says that
 * it takes longer, once it has outlasted half of the starts: it counts with the time that is expected of it then. Replicas that were woken,
 * that were made of a spare, that wait for an accelerator, or that were there before the first decision say nothing.
 */
export function learnStarts(
  learned: LearnedStarts,
  replicas: readonly ScaledReplica[],
  told: StartDistribution,
  nowMs: number,
): LearnedStarts {
  const logs = logsOf(told);
  if (learned.countedMs === null) return { ...learned, countedMs: nowMs };
  if (logs === null) return learned;
  let [sum, starts, countedMs] = [learned.sum, learned.starts, learned.countedMs];
  const late: number[] = [];
  for (const { state, orderedAtMs, readyAtMs, awakeAtMs, ofSpare } of replicas) {
    if (awakeAtMs !== undefined || ofSpare === true) continue;
    if (readyAtMs !== null && readyAtMs > learned.countedMs && readyAtMs <= nowMs && readyAtMs > orderedAtMs) {
      sum += Math.log(readyAtMs - orderedAtMs);
      starts += 1;
      countedMs = Math.max(countedMs, readyAtMs);
    } else if (state === 'starting' && nowMs - orderedAtMs > logs.medianMs) late.push(Math.log(nowMs - orderedAtMs));
  }
  if (starts === learned.starts && late.length === 0) return learned;
  if (starts > startsAtMost) [sum, starts] = [(sum * startsAtMost) / starts, startsAtMost];
  const used = usedLog(learned.used, posteriorWith(sum, starts, late, logs), band);
  return { sum, starts, countedMs, used: Math.max(-logAtMost, Math.min(logAtMost, used)) };
}

/** Returns how much longer starts take than decisions take them for, where live data say so: at least 1. */
export function lengthenedShareOf({ sum, starts, used }: LearnedStarts, told: StartDistribution): number {
  const logs = logsOf(told);
  return logs === null ? 1 : Math.exp(Math.max(0, posteriorWith(sum, starts, [], logs).mean - used));
}

/** With limits of two standard deviations, of the starts that ended. */
export function ratioOfStarts({ sum, starts }: LearnedStarts, told: StartDistribution): LearnedRatio {
  const logs = logsOf(told);
  if (logs === null) return { estimate: 1, lower: 1, upper: 1, samples: starts };
  const { mean, deviation } = posteriorWith(sum, starts, [], logs);
  return {
    estimate: Math.exp(mean),
    lower: Math.exp(mean - 2 * deviation),
    upper: Math.exp(mean + 2 * deviation),
    samples: starts,
  };
}

interface LogTimes {
  readonly mean: number;
  readonly deviation: number;
  readonly medianMs: number;
  /** Of each step: its logarithm and its share of the starts that become ready. */
  readonly steps: readonly (readonly [log: number, share: number])[];
}

/** A distribution of few starts is wider than it looks. */
const deviationAtLeast = 0.15;

const known = new WeakMap<StartDistribution, LogTimes | null>();

/** Null where no start is known to become ready, or one takes no time. */
function logsOf(told: StartDistribution): LogTimes | null {
  const before = known.get(told);
  if (before !== undefined) return before;
  const logs = readLogs(told);
  known.set(told, logs);
  return logs;
}

function readLogs({ timesMs, shares }: StartDistribution): LogTimes | null {
  const most = shares.at(-1) ?? 0;
  if (!(most > 0) || timesMs.some((timeMs) => !(timeMs > 0))) return null;
  let [below, mean, squares, medianMs] = [0, 0, 0, 0];
  const steps = timesMs.map((timeMs, index): readonly [number, number] => {
    const reached = (shares[index] ?? below * most) / most;
    const [log, share] = [Math.log(timeMs), reached - below];
    if (below < 0.5) medianMs = timeMs;
    below = reached;
    mean += log * share;
    squares += log * log * share;
    return [log, share];
  });
  const deviation = Math.max(deviationAtLeast, Math.sqrt(Math.max(0, squares - mean * mean)));
  return { mean, deviation, medianMs, steps };
}

/** The mean of all, those that still load counted with what is expected of a start that has lasted so long (EM, Dempster 1977). */
function posteriorWith(
  sum: number,
  starts: number,
  lateLogs: readonly number[],
  logs: LogTimes,
): { readonly mean: number; readonly deviation: number } {
  const ended = starts + priorStarts;
  const off = sum - starts * logs.mean;
  let mean = off / ended;
  let counted = ended;
  for (let round = 0; round < rounds && lateLogs.length > 0; round += 1) {
    // One that a start of the present belief would not have outlasted yet says nothing.
    const telling = lateLogs.filter((log) => log - mean > logs.mean);
    counted = ended + telling.length;
    const expected = telling.map((log) => expectedBeyond(log - mean, logs) + mean - logs.mean);
    mean = (off + expected.reduce((total, each) => total + each, 0)) / counted;
  }
  return { mean, deviation: logs.deviation / Math.sqrt(counted) };
}

/** Mean logarithm of the told times beyond one; where none is, a tenth more than it. */
function expectedBeyond(log: number, { steps }: LogTimes): number {
  let [sum, share] = [0, 0];
  for (const [each, of] of steps) {
    if (each <= log) continue;
    sum += each * of;
    share += of;
  }
  return share > 0 ? sum / share : log + 0.1;
}
