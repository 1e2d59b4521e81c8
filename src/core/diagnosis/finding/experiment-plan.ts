import { limitRank } from './effect.ts';

/**
 * Errors that a diagnosis may make, and how they are split.
 *
 * | what | level |
 * |---|---|
 * | any cause named falsely in one diagnosis | 1% |
 * | of each of three experiments (Bonferroni) | 0.33% |
 * | a suspicion excluded falsely, each | 5% |
 *
 * 100 diagnoses without a fault then name a cause once on average where each has three suspicions whose change brings exactly
 * `relevantShare`, and less often where it brings nothing.
 */
export const falseNameShare = 0.01;
export const experimentsAtMost = 3;
export const nameLevel = falseNameShare / experimentsAtMost;
export const excludeLevel = 0.05;

/** More answers a second that make a change worth naming: below it the remedy is not worth a change of the node. */
export const relevantShare = 0.05;

/** Ten rounds leave two rounds that a busy moment spoils: the rank of the limit is 3. */
export const plannedRounds = 10;
/** Fewer cannot show anything at `nameLevel`. */
export const roundsAtLeast = 9;
/** Five rounds can exclude: 1 / 2^5 is below `excludeLevel`. */
export const excludeRoundsAtLeast = 5;

export const shortestBlockMs = 300;
/** A block of fewer answers in a row than this says more of single requests than of the service. */
const answersInARow = 3;
const blocksOfRound = 4;

export interface ExperimentPlan {
  readonly rounds: number;
  readonly blockMs: number;
}

/**
 * Returns how many rounds of which length fit, null where too few do.
 * @param availableMs for the whole experiment. @param settleMs after each block's change, before it counts.
 * @param answerMs mean time of one answer under this load.
 */
export function planExperiment(availableMs: number, settleMs: number, answerMs: number): ExperimentPlan | null {
  const blockMs = Math.max(shortestBlockMs, answersInARow * answerMs);
  const fitting = Math.floor(availableMs / (blocksOfRound * (blockMs + settleMs)));
  const rounds = Math.min(plannedRounds, fitting);
  return rounds < roundsAtLeast || limitRank(rounds, nameLevel) < 1 ? null : { rounds, blockMs };
}

/** Blocks of one round: true is with the change. */
export type RoundOrder = readonly [boolean, boolean, boolean, boolean];

/** Returns ABBA or BAAB, as the coin falls. @param share uniform in [0, 1). */
export const orderOfRound = (share: number): RoundOrder =>
  share < 0.5 ? [false, true, true, false] : [true, false, false, true];
