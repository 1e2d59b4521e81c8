/**
 * Whether the work of requests foretells what they cost better than their number alone: each block is foretold in both ways before it is
 * learned from. Sums that forget. JSON-safe.
 */
export interface UnitTrial {
  /** Of all blocks of hours, and of the newest ones. */
  readonly long: TrialSums;
  readonly short: TrialSums;
  /** Of the steps from each block to the next: two numbers that only drift over hours foretell each other, and no step. */
  readonly steps: TrialSums;
  readonly isWon: boolean;
}

interface TrialSums {
  readonly blocks: number;
  /** Squared error by the number less that by the work, times the weight of the block. */
  readonly gain: number;
  readonly gainSquared: number;
  /** Squared error by the number alone, times the weight. */
  readonly alone: number;
}

/** One block: how far each forecast of its logarithm was off, and the answers that it holds. */
export interface TriedBlock {
  readonly byNumber: number;
  readonly byWork: number;
  readonly weight: number;
  /** Of the step from the block before; null for the first one. */
  readonly step: { readonly byNumber: number; readonly byWork: number } | null;
}

const noSums: TrialSums = { blocks: 0, gain: 0, gainSquared: 0, alone: 0 };
export const beginTrial: UnitTrial = { long: noSums, short: noSums, steps: noSums, isWon: false };

/** The work has to explain so much of what the number leaves, by so many standard deviations, over so many blocks. */
const [gainShare, gainDeviations, blocksAtLeast] = [0.1, 2.5, 30] as const;
const shortKept = 0.5 ** (1 / 10);
const [stepDeviations, lossDeviations] = [2, 2] as const;

/**
 * Returns the trial after one more block.
 *
 * | so far | won from now on |
 * |---|---|
 * | not won | the work explains 10% of what the number leaves, by 2.5 standard deviations, over 30 blocks; and of the steps between blocks something, by 2 (spurious regression: Granger and Newbold 1974) |
 * | won | until the number alone is better over all of it, or over the newest ten blocks by 2 standard deviations |
 *
 * @param keptShare of what older blocks say
 */
export function tryBlock({ long, short, steps, isWon }: UnitTrial, block: TriedBlock, keptShare: number): UnitTrial {
  const { weight, step } = block;
  const now = {
    long: addTo(long, block, keptShare),
    short: addTo(short, block, shortKept),
    steps: step === null ? steps : addTo(steps, { ...step, weight }, keptShare),
  };
  const isLost = now.long.gain < 0 || now.steps.gain < 0 || deviationsOf(now.short) < -lossDeviations;
  const { blocks, gain, alone } = now.long;
  const isClear =
    blocks >= blocksAtLeast &&
    gain >= gainShare * alone &&
    deviationsOf(now.long) >= gainDeviations &&
    deviationsOf(now.steps) >= stepDeviations;
  return { ...now, isWon: isWon ? !isLost : isClear && !isLost };
}

/** Share of the squared error of the number alone that the work explains; below 0 where it makes it worse. 0 before the first block. */
export const gainShareOf = ({ long }: UnitTrial): number => (long.alone > 0 ? long.gain / long.alone : 0);

function addTo(sums: TrialSums, { byNumber, byWork, weight }: Omit<TriedBlock, 'step'>, keptShare: number): TrialSums {
  const alone = weight * byNumber ** 2;
  const gain = alone - weight * byWork ** 2;
  return {
    blocks: sums.blocks * keptShare + 1,
    gain: sums.gain * keptShare + gain,
    gainSquared: sums.gainSquared * keptShare + gain ** 2,
    alone: sums.alone * keptShare + alone,
  };
}

/** How many standard deviations the mean gain is off 0. */
function deviationsOf({ blocks, gain, gainSquared }: TrialSums): number {
  const variance = gainSquared - gain ** 2 / blocks;
  return gain === 0 ? 0 : gain / Math.sqrt(Math.max(variance, 1e-12 * gain ** 2));
}
