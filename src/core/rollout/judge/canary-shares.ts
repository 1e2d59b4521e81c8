import { logAverage } from '../../statistics/sequential/sequential-stakes.ts';
import { logEvidenceOfExcess, type ShareCount } from '../../statistics/sequential/sequential-two-shares.ts';

/**
 * Two arms compared by a share (errors, or wrong answers): the e-process of core/statistics/sequential-two-shares.ts with
 * the guesses of this judge. A block is what came since the last one, as soon as both arms have a unit.
 *
 * Two strategies share the capital: one guesses by all of the step, one by its last minutes, so that a release which turns
 * bad after a good hour is seen without having to make up for that hour.
 */
export interface SharesState {
  readonly margin: number;
  readonly pending: Arms;
  readonly pendingMs: number;
  readonly whole: Arms;
  readonly recent: Arms;
  /** Logarithms of the evidence that canary less live is above (below) each margin of `shownMargins`. */
  readonly above: readonly number[];
  readonly below: readonly number[];
  /** The same at `margin` itself: by all of the step, and by its last minutes. */
  readonly worse: readonly number[];
  readonly better: readonly number[];
  /** Highest evidence of `worse` ever: what rolls back, at whichever moment one looks. */
  readonly worsePeak: number;
}

export interface Arms {
  readonly live: ShareCount;
  readonly canary: ShareCount;
}

const nothing: Arms = { live: { units: 0, hits: 0 }, canary: { units: 0, hits: 0 } };
const recentHalfLifeMs = 120_000;

const magnitudes = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/** The differences at which the limits on the page may lie, ascending; the margin is one of them. */
export function shownMargins(margin: number): readonly number[] {
  const all = new Set([...magnitudes.map((each) => -each), 0, ...magnitudes, margin, -margin]);
  return [...all].map((each) => (each === 0 ? 0 : each)).sort((a, b) => a - b);
}

export function beginShares(margin: number): SharesState {
  const zeros = shownMargins(margin).map(() => 0);
  return {
    margin,
    pending: nothing,
    pendingMs: 0,
    whole: nothing,
    recent: nothing,
    above: zeros,
    below: zeros,
    worse: [0, 0],
    better: [0, 0],
    worsePeak: 0,
  };
}

export function observeShares(state: SharesState, arms: Arms, durationMs: number): SharesState {
  // Gateways report less often than is looked: time that brings nothing fades the past all the same.
  if (arms.live.units === 0 && arms.canary.units === 0) return { ...state, pendingMs: state.pendingMs + durationMs };
  const block = added(state.pending, arms);
  const blockMs = state.pendingMs + durationMs;
  if (block.live.units === 0 || block.canary.units === 0) return { ...state, pending: block, pendingMs: blockMs };
  const { whole, recent, margin } = state;
  const pasts = [whole, recent];
  const worse = pasts.map((past, index) => (state.worse[index] ?? 0) + logWorse(past, block, margin));
  const margins = shownMargins(margin);
  return {
    margin,
    pending: nothing,
    pendingMs: 0,
    whole: added(whole, block),
    recent: added(faded(recent, blockMs), block),
    above: state.above.map((log, index) => log + logWorse(whole, block, margins[index] ?? 0)),
    below: state.below.map((log, index) => log + logBetter(whole, block, margins[index] ?? 0)),
    worse,
    better: pasts.map((past, index) => (state.better[index] ?? 0) + logBetter(past, block, margin)),
    worsePeak: Math.max(state.worsePeak, logAverage(worse)),
  };
}

/** Evidence of a block for "canary less live is above the margin". `past` is what came before the block. */
export function logWorse(past: Arms, block: Arms, margin: number): number {
  const live = guessShare(past.live, ratePrior);
  // Before the canary has shown anything it is thought to be half as much again as the null allows.
  const expected = 1.5 * Math.max(live + margin, live / 2);
  const canary = guessShare(past.canary, Math.min(expected, 0.9));
  return logEvidenceOfExcess(block.live, block.canary, margin, { first: live, second: canary });
}

/** Evidence of a block for "canary less live is below the margin": the arms change places, and the margin its sign. */
export function logBetter(past: Arms, block: Arms, margin: number): number {
  const live = guessShare(past.live, ratePrior);
  const canary = guessShare(past.canary, live);
  return logEvidenceOfExcess(block.canary, block.live, -margin, { first: canary, second: live });
}

/** Errors are thought to be one in a hundred before any were counted. */
const ratePrior = 0.01;
const priorHits = 0.5;

/** Mean of the posterior of a Beta with half a hit: positive, below 1, and soon the share that was counted. */
function guessShare(count: ShareCount, expected: number): number {
  return (count.hits + priorHits) / (count.units + priorHits / expected);
}

export function addedCount(one: ShareCount, other: ShareCount): ShareCount {
  return { units: one.units + other.units, hits: one.hits + other.hits };
}

function added(one: Arms, other: Arms): Arms {
  return { live: addedCount(one.live, other.live), canary: addedCount(one.canary, other.canary) };
}

function faded(arms: Arms, byMs: number): Arms {
  const factor = 0.5 ** (byMs / recentHalfLifeMs);
  const fade = (count: ShareCount): ShareCount => ({ units: count.units * factor, hits: count.hits * factor });
  return { live: fade(arms.live), canary: fade(arms.canary) };
}
