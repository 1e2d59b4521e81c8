import { addToStakes, logAverage, noStakes } from '../../statistics/sequential/sequential-stakes.ts';
import { latencyBins, latencyBinUpperMs } from './latency-bins.ts';

/**
 * Two arms compared by a quantile of latency, by bets on blocks of time.
 *
 * A threshold x is the upper edge of the bin at which the live arm's quantile lay in earlier blocks. In the next block X is
 * the share of live units slower than x, and Y that of canary units slower than x * 2^(k/16), an edge again: no value inside
 * a bin is guessed. Both are capped at `cappedAt` times the nominal share, and D = Y - X is bet on
 * (core/statistics/sequential-stakes.ts): upwards for "canary is slower by more than 2^(k/16)", downwards for "by less".
 *
 * The unit of evidence is the block, not the request: what happens inside one block may be as dependent as it likes (bursts,
 * pauses, queues), one burst is worth at most one bet. Blocks go in turn to two streams with capital, threshold and bets of
 * their own, so that two blocks that meet in one stream lie a whole block apart: dependence that has died out within one
 * block does no harm (docs/canary-judge.md gives the theorem, with what is left of it where dependence lasts longer).
 */
export interface LatencyState {
  readonly quantile: number;
  readonly marginShare: number;
  /** Evidence at the margin alone, and none for the limits that people are shown. */
  readonly isLean?: true;
  readonly pending: LatencyArms;
  readonly pendingMs: number;
  readonly streams: readonly LatencyStream[];
  /** The stream that the next block goes to. */
  readonly turn: number;
  readonly totals: LatencyArms;
  readonly worsePeak: number;
}

export type Histogram = Readonly<Record<number, number>>;

interface LatencyArms {
  readonly live: Histogram;
  readonly canary: Histogram;
}

interface LatencyStream {
  readonly blocks: number;
  /** Live units of earlier blocks of this stream, older ones fading. */
  readonly reference: Histogram;
  /** For each shift of `shownShifts`, one logarithm for each stake. */
  readonly above: readonly (readonly number[])[];
  readonly below: readonly (readonly number[])[];
}

/** Longer than pauses of a garbage collector and than the bursts of a queue. */
export const latencyBlockMs = 5_000;
/** A block has at least this many units beyond the quantile to be expected in each arm: 100 units for p99. */
const expectedSlow = 1;
/** Five times the nominal share: with one slow unit expected, five or more come once in 270 blocks. */
const cappedAt = 5;
/** A reference remembers some ten of its blocks: it follows the hour of the day. */
const fading = 0.9;

/** Shifts in bins: the least and the most that a release is proven to be within, and those of the margin. */
export function shownShifts(marginShare: number, isLean = false): readonly number[] {
  const own = marginShifts(marginShare);
  if (isLean) return [own.better, own.worse];
  const all = new Set([
    -32,
    -16,
    -8,
    -6,
    -4,
    -3,
    -2,
    -1,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    8,
    12,
    16,
    24,
    32,
    48,
    own.worse,
    own.better,
  ]);
  return [...all].sort((a, b) => a - b);
}

/**
 * The margin in whole bins, always to the careful side: worse is proven beyond the next edge above it, not worse is proven
 * below the next edge under it. A margin of 10% is 2.2 bins: worse than +13.9%, better than +9.1%.
 */
export function marginShifts(marginShare: number): { readonly worse: number; readonly better: number } {
  const bins = Math.log2(1 + marginShare) * latencyBins.perDoubling;
  // A margin that is an edge itself stays one, whatever the last bit of the logarithm says.
  return { worse: Math.ceil(bins - 1e-9), better: Math.floor(bins + 1e-9) };
}

export function relativeOfShift(shift: number): number {
  return 2 ** (shift / latencyBins.perDoubling) - 1;
}

export function beginLatency(quantile: number, marginShare: number, isLean = false): LatencyState {
  const logs = shownShifts(marginShare, isLean).map(() => noStakes());
  const stream = { blocks: 0, reference: {}, above: logs, below: logs };
  return {
    quantile,
    marginShare,
    ...(isLean ? { isLean } : {}),
    pending: { live: {}, canary: {} },
    pendingMs: 0,
    streams: [stream, stream],
    turn: 0,
    totals: { live: {}, canary: {} },
    worsePeak: 0,
  };
}

export function observeLatency(state: LatencyState, arms: LatencyArms, durationMs: number): LatencyState {
  // Gateways report less often than is looked: time that brings nothing is of the block all the same.
  if (countOf(arms.live) === 0 && countOf(arms.canary) === 0) {
    return { ...state, pendingMs: state.pendingMs + durationMs };
  }
  const block = { live: merged(state.pending.live, arms.live), canary: merged(state.pending.canary, arms.canary) };
  const totals = { live: merged(state.totals.live, arms.live), canary: merged(state.totals.canary, arms.canary) };
  const pendingMs = state.pendingMs + durationMs;
  const unitsAtLeast = expectedSlow / (1 - state.quantile) - 1e-6;
  const full = [block.live, block.canary].every((histogram) => countOf(histogram) >= unitsAtLeast);
  if (pendingMs < latencyBlockMs || !full) return { ...state, pending: block, pendingMs, totals };
  const shifts = shownShifts(state.marginShare, state.isLean);
  const streams = state.streams.map((stream, index) =>
    index === state.turn ? addBlock(stream, block, shifts, state.quantile) : stream,
  );
  const next = {
    ...state,
    pending: { live: {}, canary: {} },
    pendingMs: 0,
    streams,
    turn: (state.turn + 1) % streams.length,
    totals,
  };
  return { ...next, worsePeak: Math.max(state.worsePeak, logSlower(next, marginShifts(state.marginShare).worse)) };
}

function addBlock(
  stream: LatencyStream,
  block: LatencyArms,
  shifts: readonly number[],
  quantile: number,
): LatencyStream {
  const fadedReference = Object.fromEntries(
    Object.entries(stream.reference)
      .map(([bin, count]) => [bin, count * fading] as const)
      .filter(([, count]) => count >= 1e-3),
  );
  const reference = merged(fadedReference, block.live);
  const threshold = quantileBin(stream.reference, quantile);
  const cap = Math.min(1, cappedAt * (1 - quantile));
  // Without a threshold from before, or with one that has no upper edge, the block is a first look and no bet.
  if (threshold === null || threshold >= latencyBins.count - 1)
    return { ...stream, blocks: stream.blocks + 1, reference };
  const live = Math.min(cap, shareAbove(block.live, threshold));
  const differences = shifts.map((shift) => {
    const edge = threshold + shift;
    if (edge < 0 || edge >= latencyBins.count - 1) return 0;
    return Math.min(cap, shareAbove(block.canary, edge)) - live;
  });
  return {
    blocks: stream.blocks + 1,
    reference,
    above: stream.above.map((logs, index) => addToStakes(logs, differences[index] ?? 0, cap)),
    below: stream.below.map((logs, index) => addToStakes(logs, -(differences[index] ?? 0), cap)),
  };
}

/** Logarithm of the evidence that the canary is slower than `shift` bins allow. Falls as the shift grows. */
export function logSlower(state: LatencyState, shift: number): number {
  return logOf(state, shift, 'above');
}

/** Logarithm of the evidence that the canary is less than `shift` bins slower. Rises as the shift grows. */
export function logFaster(state: LatencyState, shift: number): number {
  return logOf(state, shift, 'below');
}

function logOf(state: LatencyState, shift: number, side: 'above' | 'below'): number {
  const index = shownShifts(state.marginShare, state.isLean).indexOf(shift);
  return logAverage(state.streams.flatMap((stream) => stream[side][index] ?? noStakes()));
}

/**
 * The bin at whose upper edge the share of slower units is nearest to 1 - quantile by ratio; null of an empty histogram.
 */
export function quantileBin(histogram: Histogram, quantile: number): number | null {
  const total = countOf(histogram);
  if (!(total > 0)) return null;
  const bins = Object.keys(histogram)
    .map(Number)
    .sort((a, b) => b - a);
  const wanted = (1 - quantile) * total;
  let slower = 0;
  for (const bin of bins) {
    const below = slower + (histogram[bin] ?? 0);
    if (below > wanted) {
      // Above this bin's upper edge there are `slower`, above its lower one `below`: the nearer by ratio, so that some are.
      return bin > 0 && below * slower < wanted * wanted ? bin - 1 : bin;
    }
    slower = below;
  }
  return bins.at(-1) ?? null;
}

/** Of all units of an arm, in milliseconds: the upper edge of the quantile's bin, or the last edge that there is. */
export function quantileMs(histogram: Histogram, quantile: number): number | null {
  const total = countOf(histogram);
  if (!(total > 0)) return null;
  const bins = Object.keys(histogram)
    .map(Number)
    .sort((a, b) => a - b);
  let counted = 0;
  for (const bin of bins) {
    counted += histogram[bin] ?? 0;
    if (counted >= quantile * total - 1e-9) return latencyBinUpperMs(Math.min(bin, latencyBins.count - 2));
  }
  return null;
}

function shareAbove(histogram: Histogram, bin: number): number {
  let slower = 0;
  let total = 0;
  for (const [key, count] of Object.entries(histogram)) {
    total += count;
    if (Number(key) > bin) slower += count;
  }
  return total === 0 ? 0 : slower / total;
}

export function countOf(histogram: Histogram): number {
  let total = 0;
  for (const count of Object.values(histogram)) total += count;
  return total;
}

function merged(one: Histogram, other: Histogram): Histogram {
  const sum: Record<number, number> = { ...one };
  for (const [bin, count] of Object.entries(other)) sum[Number(bin)] = (sum[Number(bin)] ?? 0) + count;
  return sum;
}
