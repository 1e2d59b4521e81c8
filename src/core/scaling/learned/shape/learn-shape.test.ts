import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../statistics/random.ts';
import { addShapeBlock, beginShape, deviationToFull, learnedShapeOf, logToFull, restartMeans } from './learn-shape.ts';
import type { LearnedShape, ShapeBlock } from './learn-shape.ts';

const by = { elapsedMs: 10_000, keptShare: 0.99, scatter: 0.25, weightAtMost: 8_000 };
const learnOver = (blocks: readonly ShapeBlock[], begun: LearnedShape = beginShape): LearnedShape =>
  blocks.reduce<LearnedShape>((shape, block) => addShapeBlock(shape, block, by), begun);

/** Blocks of 100 answers on replicas that what arrives fills to 30% to 80%, whose requests are long or short by chance. */
function blocksOf(
  count: number,
  slope: number,
  { riseAtMost = 0, longer = 0.1, seed = 1, level = 0 } = {},
): readonly ShapeBlock[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const offered = 0.3 + 0.5 * random.nextShare();
    // Longer requests fill replicas more, and are slower in the same measure: nothing of it is the curve's.
    const length = 2 * longer * (random.nextShare() - 0.5);
    const occupancy = offered * Math.exp(length);
    return { log: level + slope * occupancy - length, weight: 100, occupancy, offered, riseAtMost };
  });
}

describe('the shape of the curve', () => {
  it('is found on replicas that are never full', () => {
    const shape = learnOver(blocksOf(300, -0.7));
    expect(shape.slope).toBeGreaterThan(-0.75);
    expect(shape.slope).toBeLessThan(-0.55);
    expect(logToFull(shape, 0.5)).toBeCloseTo(shape.slope / 2, 9);
  });

  it('is the told one, exactly, however long requests are by chance', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      let shape = beginShape;
      for (const block of blocksOf(300, 0, { longer: 0.4, seed })) {
        shape = addShapeBlock(shape, block, { ...by, scatter: 5 });
        expect(shape.slope).toBe(0);
      }
    }
  });

  it('is the told one where nothing varies, and where more arrivals do not fill replicas', () => {
    const still = { log: -0.3, weight: 100, occupancy: 0.5, offered: 0.5, riseAtMost: 0 };
    const constant = learnOver(Array.from({ length: 100 }, () => still));
    expect(constant.slope).toBe(0);
    const backwards = blocksOf(300, -0.7).map((block) => ({ ...block, offered: 1 - block.offered }));
    expect(learnOver(backwards).slope).toBe(0);
  });

  it('does not let times fall as replicas fill', () => {
    expect(learnOver(blocksOf(300, 0.3)).slope).toBe(0);
    const rising = learnOver(blocksOf(300, 0.3, { riseAtMost: 0.5 }));
    expect(rising.slope).toBeGreaterThan(0.2);
    const bounded = learnOver(blocksOf(300, 0.3, { riseAtMost: 0.05 }));
    expect(logToFull(bounded, bounded.occupancy)).toBeLessThanOrEqual(0.05 + 1e-9);
  });

  it('is the less certain the further full replicas are from those that were seen, and the fewer blocks there are', () => {
    const [few, many] = [learnOver(blocksOf(5, -0.7)), learnOver(blocksOf(300, -0.7))];
    expect(deviationToFull(few, 0.25)).toBeGreaterThan(2 * deviationToFull(many, 0.25));
    expect(deviationToFull({ ...many, occupancy: 0.9 }, 0.25)).toBeLessThan(deviationToFull(many, 0.25) / 3);
    // Nothing but the prior: half empty replicas leave 7% open.
    const first = learnOver([{ log: 0, weight: 100, occupancy: 0.5, offered: 0.5, riseAtMost: 0 }]);
    expect(deviationToFull(first, 0.25)).toBeCloseTo(0.5 * Math.log(1.15), 6);
  });

  it('stays where all replicas become slower alike', () => {
    const before = learnOver(blocksOf(300, -0.7));
    const slower = learnOver(blocksOf(100, -0.7, { level: -1, seed: 2 }), restartMeans(before));
    expect(slower.slope).toBeCloseTo(before.slope, 1);
  });

  it('follows an engine that no longer slows down', () => {
    const before = learnOver(blocksOf(300, -0.7));
    expect(Math.abs(learnOver(blocksOf(3_000, 0, { seed: 2 }), before).slope)).toBeLessThan(0.1);
  });

  it('says where it was seen, and nothing while the told shape stands', () => {
    expect(learnedShapeOf(beginShape, 1)).toBeNull();
    expect(learnedShapeOf(undefined, 1)).toBeNull();
    const told = learnedShapeOf(learnOver(blocksOf(300, -0.7)), 0.5);
    expect(told?.lowerShare).toBeGreaterThan(0.3);
    expect(told?.upperShare).toBeLessThan(0.8);
    expect(told?.seenRatio).toBeCloseTo(0.5 * Math.exp(0.45 * 0.68), 1);
  });
});
