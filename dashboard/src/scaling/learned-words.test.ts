import { expect, it } from 'vitest';
import type { LearnedView } from '../../../src/schemas/view/view.ts';
import { learnedParts, trustWords } from './learned-words.ts';

const learned: LearnedView = {
  capacity: { estimate: 0.52, lower: 0.48, upper: 0.56, samples: 1_240 },
  starts: { estimate: 2, lower: 1.5, upper: 2.5, samples: 1 },
  trusted: false,
  distrustedSinceMs: 60_000,
  told: { ratePerSecond: 50, startMs: 10_000 },
};

it('says what a replica carries and a start takes, of what was told', () => {
  expect(learnedParts(learned)).toEqual([
    {
      name: 'a replica carries',
      value: '26 requests/s',
      detail: '52% of 50 told (48% to 56%, 1,240 answers)',
    },
    { name: 'a start takes', value: '20 s', detail: '200% of 10 s told (150% to 250%, 1 start)' },
  ]);
});

it('says how requests are counted where their work is told', () => {
  const work = {
    unit: 'rows',
    isUsed: true,
    explainedShare: 0.84,
    costShares: [0.2, 0.8],
    factor: 2.2,
    blocks: 40,
  } as const;
  expect(learnedParts({ ...learned, work })[2]).toEqual({
    name: 'requests are counted by',
    value: 'their rows',
    detail: '2.2 times the usual work arrives; rows explain 84% of what their number does not',
  });
  expect(learnedParts({ ...learned, work: { ...work, isUsed: false, explainedShare: -1 } })[2]).toMatchObject({
    value: 'their number',
    detail: 'rows explain 0% of what their number does not',
  });
});

it('says how full the replicas were that taught it, where full ones are unlike them', () => {
  const shape = { lowerShare: 0.35, upperShare: 0.6, seenRatio: 0.85 };
  expect(learnedParts({ ...learned, shape })[0]).toMatchObject({
    value: '26 requests/s',
    detail:
      '52% of 50 told (48% to 56%, 1,240 answers); it was learned on replicas that were 35% to 60% full, where it is 85%: full ones slow down by more than the curve says',
  });
});

it('gives no number for what is not learned yet', () => {
  const none = { estimate: 1, lower: 0.1, upper: 10, samples: 0 };
  expect(
    learnedParts({ ...learned, capacity: none, starts: none }).map(({ value, detail }) => [value, detail]),
  ).toEqual([
    ['–', '50 told, nothing learned yet'],
    ['–', '10 s told, nothing learned yet'],
  ]);
});

it('says since when the evidence is not trusted', () => {
  expect(trustWords(learned, 240_000)).toBe('feedback alone for 3 min');
  expect(trustWords({ ...learned, distrustedSinceMs: null }, 240_000)).toBe('feedback alone');
  expect(trustWords({ ...learned, trusted: true }, 240_000)).toBe('trusted');
});
