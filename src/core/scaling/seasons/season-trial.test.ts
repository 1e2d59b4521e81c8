import { describe, expect, it } from 'vitest';
import { makeArrivalDays, morningRush, type SeasonRate } from '../../../testing/builders/scaling/season-builders.ts';
import { seededRandom } from '../../statistics/random.ts';
import { localDaysOf } from './local-day.ts';
import { tryProfile } from './season-trial.ts';

const terms = { horizonMs: 42_000, attainmentShare: 0.99 };
const tryDays = (days: number, rate: SeasonRate, seed: number | null = 1, horizonMs = terms.horizonMs) =>
  tryProfile(localDaysOf(makeArrivalDays(days, rate, seed), 'UTC'), { ...terms, horizonMs });

describe('the trial of a season', () => {
  it('uses a rush of each working morning from the second Monday on, and never before four days were held out', () => {
    const used = Array.from({ length: 10 }, (_, at) => tryDays(at + 1, morningRush).used);
    expect(used.slice(0, 4)).toEqual([false, false, false, false]);
    expect(used.slice(6)).toEqual([true, true, true, true]);
  });

  it('counts losses as the objective weighs them', () => {
    // From 2 to 12/s at nine, with a horizon of a twentieth of a slot: own is 11.5/s there and 2.5/s at eleven.
    const [tuesday] = tryDays(2, morningRush, null, 30_000).days;
    expect(tuesday?.none).toBeCloseTo(0.99 * 0.5 + 0.01 * 0.5, 10);
    // The season knows nine and eleven: what it is too high at eleven is what own is too high.
    expect(tuesday?.season).toBeCloseTo(0.01 * 0.5, 10);
    // The mean is (132 x 2 + 12 x 12) / 144 = 2.83/s, which is too much at all slots of 2/s.
    expect(tuesday?.flat).toBeCloseTo(0.99 * 0.5 + (132 * 0.01 * 5) / 6, 10);
  });

  it('does not use what starts of seconds make needless', () => {
    expect(tryDays(21, morningRush, 1, 4_000).used).toBe(false);
  });

  it('leaves arrivals without a season alone, whatever they are', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const random = seededRandom(seed + 100);
      let level = 5;
      const walk: SeasonRate = () => {
        level = Math.min(20, Math.max(1, level * (0.8 + 0.4 * random.nextShare())));
        return level;
      };
      const bursts: SeasonRate = () => (random.nextShare() < 0.05 ? 20 : 2);
      for (const horizonMs of [42_000, 300_000]) {
        const used = [walk, bursts, () => 5].map((rate) => tryDays(28, rate, seed, horizonMs).used);
        expect(used).toEqual([false, false, false]);
      }
    }
  });

  it('gives up a season that has ended, and does not come and go', () => {
    const ended: SeasonRate = (moment) => (moment.day < 21 ? morningRush(moment) : 2);
    const used = Array.from({ length: 42 }, (_, at) => tryDays(at + 1, ended).used);
    const changes = used.filter((now, at) => at > 0 && now !== used[at - 1]).length;
    expect(used[20]).toBe(true);
    expect(used[30]).toBe(false);
    expect(changes).toBe(2);
  });
});
