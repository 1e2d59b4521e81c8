import type { ArrivalDay } from './arrival-day.ts';
import { tenMinutesMs } from './arrival-day.ts';
import { localDaysOf, slotAt, type LocalDay } from './local-day.ts';
import { profileOf, type SeasonProfile } from './season-profile.ts';
import { learnedDays, tryProfile, type SeasonTrial, type TrialTerms } from './season-trial.ts';

export interface SeasonTerms extends TrialTerms {
  /** Zone whose clock the days and weeks are of. */
  readonly zone: string;
}

/** What recorded arrivals say of days and weeks. JSON-safe. */
export interface Season {
  readonly zone: string;
  /** Null where nothing was counted. */
  readonly profile: SeasonProfile | null;
  /** What was counted over what was usual, by shares of 5% from 0 to 1: `spread[18]` is exceeded by a tenth of the slots. */
  readonly spread: readonly number[];
  readonly trial: SeasonTrial;
}

const spreadSteps = 20;

/**
 * Returns the season of recorded arrivals. Only days that are over by the zone's clock count: a day that is not over looks quiet.
 * @throws RangeError for a zone that is not known.
 */
export function findSeason(days: readonly ArrivalDay[], nowMs: number, terms: SeasonTerms): Season {
  const { zone } = terms;
  const today = slotAt(zone, nowMs).day;
  const over = localDaysOf(days, zone).filter(({ number }) => number < today);
  const learned = over.slice(-learnedDays);
  const profile = profileOf(learned);
  return { zone, profile, spread: profile === null ? [] : spreadOf(learned, profile), trial: tryProfile(over, terms) };
}

/**
 * Returns the rate that is usual at `atMs`, requests a second, at a quantile of what was counted at the same times: 0.5 is the usual
 * rate. Null where nothing is known of that time, or where the season did not predict better than none.
 */
export function expectSeason({ zone, profile, spread, trial }: Season, atMs: number, quantile = 0.5): number | null {
  if (profile === null || !trial.used) return null;
  const { weekday, slot } = slotAt(zone, atMs);
  const usual = profile.rates[weekday]?.[slot] ?? null;
  if (usual === null || quantile === 0.5) return usual;
  const factor = spread[Math.round(Math.min(1, Math.max(0, quantile)) * spreadSteps)] ?? 1;
  return Math.max(0, usual + (factor - 1) * scaleOf(usual, profile));
}

/** The most that is usual in a stretch of time; null where nothing of it is known. */
export function expectMost(season: Season, fromMs: number, untilMs: number, quantile = 0.5): number | null {
  let most: number | null = null;
  for (let atMs = fromMs; ; atMs = Math.min(untilMs, atMs + tenMinutesMs)) {
    const usual = expectSeason(season, atMs, quantile);
    if (usual !== null) most = Math.max(most ?? 0, usual);
    if (atMs >= untilMs) return most;
  }
}

/** Of a quiet slot a tenth of the mean, so that one request more is not a multiple of next to nothing. */
const scaleOf = (usual: number, { meanPerSecond }: SeasonProfile): number => Math.max(usual, meanPerSecond / 10);

function spreadOf(days: readonly LocalDay[], profile: SeasonProfile): readonly number[] {
  const ratios: number[] = [];
  for (const { weekday, rates } of days) {
    rates.forEach((rate, slot) => {
      const usual = profile.rates[weekday]?.[slot] ?? null;
      const scale = usual === null ? 0 : scaleOf(usual, profile);
      if (rate !== null && usual !== null && scale > 0) ratios.push(1 + (rate - usual) / scale);
    });
  }
  if (ratios.length === 0) return [];
  ratios.sort((a, b) => a - b);
  return Array.from(
    { length: spreadSteps + 1 },
    (_, step) => ratios[Math.round((step / spreadSteps) * (ratios.length - 1))] ?? 1,
  );
}
