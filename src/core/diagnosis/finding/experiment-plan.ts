import { limitRank } from './effect.ts';

/**
 * Errors that a diagnosis may make, and how they are split.
 *
 * | what | level | fewest rounds |
 * |---|---|---|
 * | any cause named falsely in one diagnosis | 1% | - |
 * | by the only experiment | 1% | 7 |
 * | by each of two (Bonferroni) | 0.5% | 8 |
 * | by each of three | 0.33% | 9 |
 * | a suspicion excluded falsely, each | 5% | 5 |
 *
 * How many experiments share the 1% is decided before the first one. A change that brings exactly `relevantShare` reaches these levels; one
 * that brings nothing is named less often.
 */
export const falseNameShare = 0.01;
export const experimentsAtMost = 3;
export const excludeLevel = 0.05;

/** Returns the level of each of so many planned experiments. */
export const nameLevelOf = (experiments: number): number =>
  falseNameShare / Math.min(Math.max(experiments, 1), experimentsAtMost);

/** More answers a second that make a change worth naming: below it the remedy is not worth a change of the node. */
export const relevantShare = 0.05;

/** Ten rounds bear some that a busy moment spoils: the rank of the limit is 3 at 0.33%. */
export const plannedRounds = 10;
/** Five rounds can exclude: 1 / 2^5 is below `excludeLevel`. */
export const excludeRoundsAtLeast = 5;

export const shortestBlockMs = 300;
const blocksOfRound = 4;

export interface ExperimentPlan {
  readonly rounds: number;
  readonly blockMs: number;
  /** Of naming a cause falsely by this experiment. */
  readonly level: number;
}

/**
 * Returns how many rounds of which length fit, null where too few do. A block is no shorter than an answer takes: of shorter ones
 * each request would belong to several.
 *
 * @param availableMs for the whole experiment. @param settleMs after each block's change, before it counts.
 * @param answerMs mean time of one answer under this load. @param level of naming a cause falsely.
 */
export function planExperiment(
  availableMs: number,
  settleMs: number,
  answerMs: number,
  level: number,
): ExperimentPlan | null {
  const blockMs = Math.max(shortestBlockMs, answerMs);
  const fitting = Math.floor(availableMs / (blocksOfRound * (blockMs + settleMs)));
  const rounds = Math.min(plannedRounds, fitting);
  return limitRank(rounds, level) < 1 ? null : { rounds, blockMs, level };
}

/** Blocks of one round: true is with the change. */
export type RoundOrder = readonly [boolean, boolean, boolean, boolean];

/** Returns ABBA or BAAB, as the coin falls. @param share uniform in [0, 1). */
export const orderOfRound = (share: number): RoundOrder =>
  share < 0.5 ? [false, true, true, false] : [true, false, false, true];
