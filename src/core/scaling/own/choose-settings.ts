import { replaySettings, type ReplayedWorld, type ReplayScore } from './replay.ts';
import type { SizeSettings } from './size-rule.ts';

const safeties = [0, 0.25, 0.5, 1, 2, 4] as const;
const follows = [0, 0.5, 1] as const;
const floorShares = [0, 0.5, 0.65, 0.8, 1] as const;
const holds = [0.25, 1, 4] as const;

/** Every combination, the freest first. */
export const settingsGrid: readonly SizeSettings[] = floorShares.flatMap((floorShare) =>
  holds.flatMap((holdStarts) =>
    follows.flatMap((follow) => safeties.map((safety) => ({ safety, follow, floorShare, holdStarts }))),
  ),
);

/** While too little was seen to choose by: the most that was seen is kept, with much room. */
export const cautiousSettings: SizeSettings = { safety: 2, follow: 1, floorShare: 1, holdStarts: 4 };

/** Scores of the grid, each from when it was last replayed. */
export interface SettingsChoice {
  readonly scores: readonly (ReplayScore | null)[];
  /** Index that is replayed next. */
  readonly next: number;
}

export const beginChoice = (): SettingsChoice => ({ scores: settingsGrid.map(() => null), next: 0 });

/** Replays some of the grid over what was seen lately; the others keep their scores until it is their turn. */
export function replaySome(choice: SettingsChoice, world: ReplayedWorld, count: number): SettingsChoice {
  const scores = [...choice.scores];
  let { next } = choice;
  for (let done = 0; done < count; done += 1) {
    const settings = settingsGrid[next];
    if (settings !== undefined) scores[next] = replaySettings(world, settings);
    next = (next + 1) % settingsGrid.length;
  }
  return { scores, next };
}

export interface ChosenSettings {
  readonly settings: SizeSettings;
  /** Null for the cautious ones, which were not chosen by a replay. */
  readonly score: ReplayScore | null;
}

/**
 * The settings whose replay costs least, accelerator-seconds and late requests at their prices, among those that keep the
 * share of late requests inside `lateShareAtMost`, the unlucky ones counted as
 * much as they turned out to be worth; where none does, those with the fewest late ones. Cautious until the whole
 * grid was replayed.
 */
export function chooseSettings(
  { scores }: SettingsChoice,
  bounds: { readonly lateShareAtMost: number; readonly unluckyCounts: number },
  prices: { readonly acceleratorSecond: number; readonly lateRequest: number },
): ChosenSettings {
  let best: { readonly settings: SizeSettings; readonly score: ReplayScore; readonly rank: readonly number[] } | null =
    null;
  for (const [index, score] of scores.entries()) {
    const settings = settingsGrid[index];
    if (score === null || settings === undefined) return { settings: cautiousSettings, score: null };
    const late = score.late + bounds.unluckyCounts * score.unlucky;
    const price = score.replicaSeconds * prices.acceleratorSecond + late * prices.lateRequest;
    const inside = late <= bounds.lateShareAtMost * score.arrivals;
    const rank = inside ? [0, price] : [1, late];
    if (best === null || isBefore(rank, best.rank)) best = { settings, score, rank };
  }
  return best ?? { settings: cautiousSettings, score: null };
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const [kindA = 0, costA = 0] = a;
  const [kindB = 0, costB = 0] = b;
  return kindA < kindB || (kindA === kindB && costA < costB);
}
