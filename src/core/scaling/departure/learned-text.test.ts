import { expect, it } from 'vitest';
import type { LearnedEvidence } from '../policy.ts';
import { describeCapacity, describeShape, describeStarts, describeTrust, describeWork } from './learned-text.ts';

const learned: LearnedEvidence = {
  capacity: { estimate: 0.52, lower: 0.48, upper: 0.561, samples: 1_240 },
  starts: { estimate: 2.1, lower: 1.8, upper: 2.4, samples: 1 },
  trusted: false,
  distrustedSinceMs: 1_000,
};
const told = { ratePerSecond: 18, startMs: 10_500 };

it('says what was told, what is learned of it with its interval, and whether it is trusted', () => {
  expect(describeCapacity(learned, told)).toBe(
    'a replica carries 52% (48% to 56.1%, 1,240 answers) of the 18 requests/s told: 9.36 requests/s',
  );
  expect(describeStarts(learned, told)).toBe('a start takes 210% (180% to 240%, 1 start) of the 10.5 s told: 22.1 s');
  expect(describeTrust(learned, 181_000)).toBe(
    'acts on feedback alone for 3m 0s, because what it promised did not come true',
  );
  expect(describeTrust({ ...learned, trusted: true, distrustedSinceMs: null }, 181_000)).toBe('decides by it');
});

it('says how full the replicas were that it was learned on', () => {
  const shape = { lowerShare: 0.35, upperShare: 0.6, seenRatio: 0.85 };
  expect(describeShape(shape, 0.52)).toBe(
    'it was learned on replicas that were 35% to 60% full, where it is 85%: full ones slow down by more than the curve says',
  );
  expect(describeShape(shape, 1.1)).toMatch(/: full ones slow down by less$/);
});

it('says how requests are counted, and by what', () => {
  const work = {
    unit: 'tokens',
    isUsed: true,
    explainedShare: 0.9,
    costShares: [0.04, 0.16, 0.8],
    blocks: 40,
  } as const;
  expect(describeWork({ ...work, factor: 2.25 })).toBe(
    'requests are counted by their work (tokens read 16%, tokens written 80% of the cost of one); those that arrive are of 2.25 times the usual work',
  );
  expect(describeWork({ ...work, factor: 1 })).toMatch(/those that arrive are of the usual work$/);
  expect(describeWork({ ...work, unit: 'rows', isUsed: false, explainedShare: -0.2, factor: 1 })).toBe(
    'requests are counted by their number: rows explain 0% of the rest',
  );
});

it('says that nothing is learned yet, and gives no time that a clock set back would make negative', () => {
  const none = { estimate: 1, lower: 0, upper: 9, samples: 0 };
  expect(describeCapacity({ ...learned, capacity: none }, told)).toBe(
    'of the 18 requests/s told nothing is learned yet',
  );
  expect(describeStarts({ ...learned, starts: none }, told)).toBe(
    'of the 10.5 s told of a start nothing is learned yet',
  );
  expect(describeTrust(learned, 0)).toContain('for 0');
});
