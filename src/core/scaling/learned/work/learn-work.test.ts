import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../statistics/random.ts';
import type { WorkSignals } from '../../signals.ts';
import { beginCapacity, learnCapacity, type LearnedCapacity } from '../learn-capacity.ts';
import type { WatchedTick } from '../watched-tick.ts';
import { learnedWorkOf } from './learned-work-of.ts';
import { workFactorOf } from './learn-work.ts';
import type { WorkTick } from './work-tick.ts';

/** What a service does in 8 s: 80 answers, each with `costMs` of its mean units, where the told curve says 1 s. */
interface Moment {
  readonly answered: readonly number[];
  readonly arrived?: readonly number[];
  readonly costMs: number;
  readonly unit?: WorkSignals['unit'];
}

const answers = 80;
const watched = (costMs: number): WatchedTick => ({
  elapsedMs: 8_000,
  answers,
  busyMs: answers * costMs,
  heldAtMostMs: null,
  heldMs: answers * costMs,
  toldAnswers: (answers * costMs) / 1_000,
  occupiedShare: 0.8,
  fullness: { occupiedMs: 0, arrivals: null, fullAnswers: 0, fullMs: 0 },
});
function tickOf({ answered, arrived = answered, unit = answered.length === 2 ? 'tokens' : 'rows' }: Moment): WorkTick {
  const count = (sizes: readonly number[]) => ({ requests: answers, units: sizes.map((size) => size * answers) });
  return { unit, elapsedMs: 8_000, answered: count(answered), arrived: count(arrived) };
}
const learnOver = (moments: readonly Moment[], begun: LearnedCapacity = beginCapacity): LearnedCapacity =>
  moments.reduce((learned, each) => learnCapacity(learned, watched(each.costMs), tickOf(each)), begun);

/** Blocks of about so many units each: 0.2 s a request and 0.8 s for 100 units, give or take some per cent. */
function mixOf(count: number, units: number, seed = 1): readonly Moment[] {
  const random = seededRandom(seed);
  const near = (): number => 0.85 + 0.3 * random.nextShare();
  return Array.from({ length: count }, () => {
    const size = units * near();
    return { answered: [size], costMs: (200 + 8 * size) * (0.98 + 0.04 * random.nextShare()) };
  });
}

/** Rate of a replica in requests as they arrive, over the told one. */
const ratioOf = (learned: LearnedCapacity): number => Math.exp(learned.used) / workFactorOf(learned.work);

describe('what is learned of the work of requests', () => {
  it('is used once it foretells the cost of blocks better than their number, and moves nothing by itself', () => {
    const before = learnOver(mixOf(25, 100));
    expect(learnedWorkOf(before.work)?.isUsed).toBe(false);
    const after = learnOver(mixOf(200, 100));
    const work = learnedWorkOf(after.work);
    expect(work).toMatchObject({ unit: 'rows', isUsed: true, factor: 1 });
    expect(work?.explainedShare).toBeGreaterThan(0.8);
    expect(work?.costShares[0]).toBeCloseTo(0.2, 1);
    expect(work?.costShares[1]).toBeCloseTo(0.8, 1);
    expect(after.used).toBe(0);
  });

  it('counts requests for what they cost two blocks after heavier ones arrive, before one of them is answered', () => {
    const learned = learnOver(mixOf(200, 100));
    const heavy = mixOf(2, 100, 9).map((each) => ({ ...each, arrived: [250] }));
    const moved = learnOver(heavy, learned);
    // 0.2 + 0.8 * 2.5 = 2.2 times the cost, and a little more for care.
    expect(workFactorOf(moved.work)).toBeGreaterThan(2.1);
    expect(workFactorOf(moved.work)).toBeLessThan(2.4);
    expect(moved.used).toBe(0);
    // The number alone has seen nothing yet, and then learns it anew.
    const alone = heavy.reduce((each, { costMs }) => learnCapacity(each, watched(costMs)), beginCapacity);
    expect(alone.used).toBe(0);
  });

  it('keeps what a replica carries of the same work while the mix moves, and back', () => {
    const phases = [100, 250, 60, 250, 100].flatMap((units, at) => mixOf(60, units, at));
    const learned = learnOver(phases, learnOver(mixOf(200, 100)));
    expect(workFactorOf(learned.work)).toBeGreaterThan(0.9);
    expect(workFactorOf(learned.work)).toBeLessThan(1.12);
    expect(ratioOf(learned)).toBeGreaterThan(0.88);
    expect(ratioOf(learned)).toBeLessThan(1.08);
  });

  it('tells a replica that slows down for all requests from requests that are heavier', () => {
    const slow = mixOf(40, 100, 4).map((each) => ({ ...each, costMs: 2 * each.costMs }));
    const learned = learnOver(slow, learnOver(mixOf(200, 100)));
    expect(workFactorOf(learned.work)).toBeCloseTo(1, 1);
    expect(Math.exp(learned.used)).toBeGreaterThan(0.42);
    expect(Math.exp(learned.used)).toBeLessThan(0.53);
    // And stays right for hours, while the weights come to say the same.
    for (const hours of [1, 2, 4]) {
      const later = learnOver(
        mixOf(450 * hours, 100, 5).map((each) => ({ ...each, costMs: 2 * each.costMs })),
        learned,
      );
      expect(ratioOf(later)).toBeGreaterThan(0.42);
      expect(ratioOf(later)).toBeLessThan(0.53);
    }
  });

  it('tells what is read from what is written', () => {
    const random = seededRandom(2);
    const moments = Array.from({ length: 300 }, () => {
      const [read, written] = [500 + 500 * random.nextShare(), 50 + 100 * random.nextShare()];
      return { answered: [read, written], costMs: 0.2 * read + 8 * written };
    });
    const learned = learnOver(moments);
    // 150 ms of 950 ms are for reading.
    const shares = learnedWorkOf(learned.work)?.costShares ?? [];
    expect(shares[0]).toBeLessThan(0.03);
    expect(shares[1]).toBeCloseTo(0.16, 1);
    expect(shares[2]).toBeCloseTo(0.84, 1);
    // Three times as long prompts alone are a third more work; three times as long answers are nearly three times as much.
    const prompts = learnOver(Array<Moment>(12).fill({ answered: [2_250, 100], costMs: 1_250 }), learned);
    const written = learnOver(Array<Moment>(30).fill({ answered: [750, 300], costMs: 2_550 }), learned);
    expect(workFactorOf(prompts.work)).toBeCloseTo(1.32, 1);
    expect(workFactorOf(written.work)).toBeGreaterThan(2.5);
  });

  it('leaves the number of requests alone, to the bit, where units say nothing of the cost', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const random = seededRandom(seed);
      const moments = Array.from({ length: 500 }, (_, at) => ({
        // Units that jump by 3 each ten minutes, and a cost that does not.
        answered: [(at % 150 < 75 ? 100 : 300) * (0.5 + random.nextShare())],
        costMs: 1_000 * (0.8 + 0.4 * random.nextShare()),
      }));
      let [learned, alone] = [beginCapacity, beginCapacity];
      for (const each of moments) {
        learned = learnCapacity(learned, watched(each.costMs), tickOf(each));
        alone = learnCapacity(alone, watched(each.costMs));
        expect(workFactorOf(learned.work)).toBe(1);
        expect({ ...learned, work: null }).toEqual({ ...alone, work: null });
      }
    }
  });

  it('goes back to the number of requests once units stop to say anything, and is forgotten with the unit', () => {
    const learned = learnOver(mixOf(200, 100));
    const random = seededRandom(8);
    const wrong = Array.from({ length: 60 }, () => ({ answered: [40 + 120 * random.nextShare()], costMs: 1_000 }));
    const left = learnOver(wrong, learned);
    expect(learnedWorkOf(left.work)?.isUsed).toBe(false);
    expect(workFactorOf(left.work)).toBe(1);
    const other = learnOver([{ answered: [5_000], costMs: 1_000, unit: 'bytes' }], learned);
    expect(learnedWorkOf(other.work)).toMatchObject({ unit: 'bytes', isUsed: false });
  });

  it('waits for two blocks of which no work is told, and forgets with the third', () => {
    const learned = learnOver(mixOf(200, 100));
    const untold = (count: number): LearnedCapacity =>
      Array.from({ length: count }).reduce<LearnedCapacity>((each) => learnCapacity(each, watched(1_000)), learned);
    expect(learnedWorkOf(untold(2).work)?.isUsed).toBe(true);
    expect(untold(3).work ?? null).toBeNull();
  });

  it('follows what arrives while replicas are cold and nothing is learned of answers', () => {
    const learned = learnOver(mixOf(200, 100));
    const heavy = tickOf({ answered: [100], arrived: [250], costMs: 1_000 });
    const moved = [heavy, heavy].reduce((each, tick) => learnCapacity(each, null, tick), learned);
    expect(workFactorOf(moved.work)).toBeGreaterThan(2.1);
    expect(moved.belief).toEqual(learned.belief);
  });

  it('begins anew from what another version kept, and stays the same in silence', () => {
    const learned = learnOver(mixOf(50, 100));
    const older = { ...learned, work: { version: 0 } } as unknown as LearnedCapacity;
    expect(learnCapacity(older, watched(1_000), tickOf({ answered: [100], costMs: 1_000 })).work?.version).toBe(1);
    const silent: WorkTick = { ...tickOf({ answered: [1], costMs: 1 }), ...nothing };
    expect(learnCapacity(learned, null, silent)).toBe(learned);
  });
});

const none = { requests: 0, units: [0] };
const nothing = { answered: none, arrived: none };
