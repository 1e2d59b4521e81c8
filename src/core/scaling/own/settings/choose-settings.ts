import { lateOf, type ConstantFloor, type LateBounds, type StandingConstant } from './constant-floor.ts';
import {
  costOf,
  isOutOfQuestion,
  isPassedOver,
  leastCost,
  sameCost,
  scoreWithin,
  type PassedOver,
  type Prices,
  type Ruling,
} from './passed-over.ts';
import { replaySettings, type ReplayedWorld, type ReplayScore } from './replay.ts';
import type { SizeSettings } from '../size-rule.ts';

const holds = [0.25, 1, 4] as const;
/** Little is kept, and the load followed from there. */
const following = {
  floorShares: [0, 0.25, 0.35, 0.5],
  follows: [0, 0.5, 1],
  safeties: [0, 0.25, 0.5, 1, 2, 4],
} as const;
/** Most of the greatest demand is kept; what is added to that matters less. */
const keeping = { floorShares: [0.65, 0.75, 0.85, 0.92, 1], follows: [0, 1], safeties: [0, 0.5, 1, 2] } as const;

/** Combinations of settings that are tried, the freest first. */
export const settingsGrid: readonly SizeSettings[] = [following, keeping].flatMap(
  ({ floorShares, follows, safeties }) =>
    floorShares.flatMap((floorShare) =>
      holds.flatMap((holdStarts) =>
        follows.flatMap((follow) => safeties.map((safety) => ({ safety, follow, floorShare, holdStarts }))),
      ),
    ),
);

/** While too little was seen to choose by: the most that was seen is kept, with much room. */
const cautiousSettings: SizeSettings = { safety: 2, follow: 1, floorShare: 1, holdStarts: 4 };

/** What goes with a constant number while something is new or requests are late: the load is followed from it. */
const constantSettings: SizeSettings = { safety: 0.5, follow: 1, floorShare: 0, holdStarts: 1 };

/** Scores of the grid, each from when it was last replayed. */
export interface SettingsChoice {
  /** Null: not replayed yet. */
  readonly scores: readonly (ReplayScore | PassedOver | null)[];
  /** Index that is replayed next. */
  readonly next: number;
  /** Replays that are due at once, because what all of them rest on has moved. */
  readonly hurried: number;
}

export const beginChoice = (): SettingsChoice => ({ scores: settingsGrid.map(() => null), next: 0, hurried: 0 });

/** The same scores, all of which are to be replayed anew at once. */
export const renewChoice = (choice: SettingsChoice): SettingsChoice => ({
  ...choice,
  next: 0,
  hurried: settingsGrid.length,
});

/**
 * Replays some of the grid over what was seen lately; the others keep their scores until it is their turn. Settings whose floor alone costs more
 * than others of the same round that keep inside the bounds are passed over: they would not be chosen.
 *
 * @param ruling null: nothing is passed over
 */
export function replaySome(
  choice: SettingsChoice,
  world: ReplayedWorld,
  count: number,
  ruling: Ruling | null = null,
): SettingsChoice {
  const scores = [...choice.scores];
  let { next } = choice;
  let least = ruling === null ? Infinity : leastCost(scores, ruling, next);
  for (let done = 0; done < count; done += 1) {
    const settings = settingsGrid[next];
    if (settings !== undefined) {
      const score = ruling === null ? replaySettings(world, settings) : scoreWithin(world, settings, least, ruling);
      scores[next] = score;
      if (ruling !== null) least = Math.min(least, leastCost([score], ruling));
    }
    next = (next + 1) % settingsGrid.length;
    if (next === 0) least = Infinity;
  }
  return { scores, next, hurried: Math.max(0, choice.hurried - count) };
}

/** The choice with replays of those that were passed over and may be chosen after all, because what is allowed has become less meanwhile. */
export function withoutPassedOver(choice: SettingsChoice, world: ReplayedWorld, ruling: Ruling): SettingsChoice {
  const least = leastCost(choice.scores, ruling);
  const scores = choice.scores.map((score, index) => {
    const settings = settingsGrid[index];
    if (score === null || settings === undefined || !isPassedOver(score)) return score;
    return isOutOfQuestion(score, least, ruling, world) ? score : replaySettings(world, settings);
  });
  return { ...choice, scores };
}

export interface ChosenSettings extends StandingConstant {
  readonly settings: SizeSettings;
  /** Greatest rate of the replayed time over the greatest that was seen. Absent in what older versions recorded: 1. */
  readonly peakFactor?: number;
  /** Null for the cautious ones, which were not chosen by a replay. */
  readonly score: ReplayScore | null;
}

/** Before anything was replayed. */
export const cautiousChoice: ChosenSettings = {
  settings: cautiousSettings,
  score: null,
  constant: null,
  failed: 0,
  lateBefore: 0,
};

export const constantChoice = ({ replicas, score }: ConstantFloor): ChosenSettings => ({
  ...cautiousChoice,
  settings: constantSettings,
  score,
  constant: replicas,
});

/**
 * Returns what a constant may cost over the best of the grid, because what follows the load has to be cheaper by so much. Each step costs a start,
 * which the replay takes for its mean, and the longer the start the longer the buckets: 2% up to a start of 80 s, 5% from 200 s on. The grid has
 * 336 combinations, and the best of them flatters itself by more the less was seen: at least half of one over the root of the starts.
 *
 * Worked: starts of 300 s, an hour of history: 12 starts, 14%; four hours: 48 starts, 7%.
 */
const constantCost = (startMs: number, coveredMs: number): number => {
  const ofStart = Math.max(0.02, Math.min(0.05, startMs / 4_000_000));
  return 1 + Math.max(ofStart, flattery * Math.sqrt(startMs / coveredMs));
};
const flattery = 0.5;

/**
 * The settings whose replay costs least, accelerator-seconds and late requests at their prices, among those that keep the
 * share of late requests inside `lateShareAtMost`, the unlucky ones counted as much as they turned out to be worth; of those that
 * cost the same the ones with the fewest late requests. Where none keeps inside, those with the fewest late ones. Cautious until the
 * whole grid was replayed. A constant number that costs no more than all of them is taken: it needs no start, so that no start can be late.
 *
 * @param candidate the smallest that keeps inside
 */
export function chooseSettings(
  { scores }: SettingsChoice,
  bounds: LateBounds,
  prices: Prices,
  candidate: ConstantCandidate = noConstant,
): ChosenSettings {
  const { constant, startMs, coveredMs } = candidate;
  const tried: Tried[] = [];
  for (const [index, score] of scores.entries()) {
    const settings = settingsGrid[index];
    if (score === null || settings === undefined) return cautiousChoice;
    if (isPassedOver(score)) continue;
    const late = lateOf(score, bounds);
    tried.push({ settings, score, late, cost: costOf(score, late, prices) });
  }
  const inside = tried.filter(({ late, score }) => late <= bounds.lateShareAtMost * score.arrivals);
  const least = Math.min(...inside.map(({ cost }) => cost));
  if (
    constant !== null &&
    costOf(constant.score, lateOf(constant.score, bounds), prices) <= constantCost(startMs, coveredMs) * least
  ) {
    return constantChoice(constant);
  }
  const { settings, score } =
    fewestLate(inside.filter(({ cost }) => cost <= sameCost * least)) ?? fewestLate(tried) ?? cautiousChoice;
  return { ...cautiousChoice, settings, score };
}

/** A constant to hold the grid against. */
export interface ConstantCandidate {
  /** Null for none. */
  readonly constant: ConstantFloor | null;
  /** Until an order can be relied on to serve, milliseconds. */
  readonly startMs: number;
  /** That was replayed, milliseconds. */
  readonly coveredMs: number;
}

const noConstant: ConstantCandidate = { constant: null, startMs: 0, coveredMs: 1 };

interface Tried {
  readonly settings: SizeSettings;
  readonly score: ReplayScore;
  readonly late: number;
  readonly cost: number;
}

/** Of equals the one that costs least. */
function fewestLate(tried: readonly Tried[]): Tried | null {
  let best: Tried | null = null;
  for (const each of tried) {
    if (best === null || each.late < best.late || (each.late === best.late && each.cost < best.cost)) best = each;
  }
  return best;
}
