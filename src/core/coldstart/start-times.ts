import type { StartDistribution } from './start-distribution.ts';

/**
 * Time within which `share` of the starts that become ready are ready, milliseconds; the largest time known where the
 * distribution does not reach so far.
 */
export function readyTimeMs(starts: StartDistribution, share: number): number {
  const times = readyTimes.get(starts) ?? new Map<number, number>();
  const known = times.get(share);
  if (known !== undefined) return known;
  const timeMs = readyTimeOf(starts, share);
  if (times.size < sharesKept) readyTimes.set(starts, times.set(share, timeMs));
  return timeMs;
}

/** By distribution and share: distributions are never written to, and a policy asks for the same few shares each turn. */
const readyTimes = new WeakMap<StartDistribution, Map<number, number>>();
const sharesKept = 16;

function readyTimeOf({ timesMs, shares }: StartDistribution, share: number): number {
  const most = shares.at(-1) ?? 0;
  const index = shares.findIndex((known) => known >= share * most - 1e-12);
  return timesMs[index] ?? timesMs.at(-1) ?? 0;
}

/** Share of all starts that are ready within `elapsedMs`; 0 to 1, by steps. */
export function readyShare({ timesMs, shares }: StartDistribution, elapsedMs: number): number {
  let share = 0;
  for (const [index, timeMs] of timesMs.entries()) {
    if (timeMs > elapsedMs) break;
    share = shares[index] ?? share;
  }
  return share;
}

/** Means by distribution: distributions are never written to, and a policy asks each turn. */
const means = new WeakMap<StartDistribution, number>();

/** Mean time of the starts that become ready, milliseconds. */
export function meanReadyTimeMs(starts: StartDistribution): number {
  const known = means.get(starts);
  if (known !== undefined) return known;
  const mean = meanOf(starts);
  means.set(starts, mean);
  return mean;
}

function meanOf({ timesMs, shares }: StartDistribution): number {
  const most = shares.at(-1) ?? 0;
  if (most === 0) return timesMs.at(-1) ?? 0;
  let [sum, before] = [0, 0];
  for (const [index, timeMs] of timesMs.entries()) {
    const share = shares[index] ?? before;
    sum += timeMs * (share - before);
    before = share;
  }
  return sum / most;
}

/**
 * Chance that a start which has lasted `ageMs` without becoming ready is ready within another `withinMs`: what of the
 * distribution lies in that time over what lies beyond its age. 0 for one that has outlasted every start known.
 */
export function chanceReadyWithin(starts: StartDistribution, ageMs: number, withinMs: number): number {
  const beyond = 1 - readyShare(starts, ageMs);
  if (beyond <= 0) return 0;
  return (readyShare(starts, ageMs + withinMs) - readyShare(starts, ageMs)) / beyond;
}

/**
 * Share of the next `withinMs` that a start which has lasted `ageMs` without becoming ready will be ready for, expected; 0 for one
 * that has outlasted every start known.
 *
 * Worked: starts of 10 s, age 4 s, within 12 s: ready after 6 s, for half of it.
 */
export function readyForShare(starts: StartDistribution, ageMs: number, withinMs: number): number {
  const beyond = 1 - readyShare(starts, ageMs);
  if (beyond <= 0 || withinMs <= 0) return 0;
  let [sum, before] = [0, 0];
  for (const [index, timeMs] of starts.timesMs.entries()) {
    if (timeMs > ageMs + withinMs) break;
    const share = starts.shares[index] ?? before;
    if (timeMs > ageMs) sum += (share - before) * (ageMs + withinMs - timeMs);
    before = share;
  }
  return sum / (beyond * withinMs);
}
