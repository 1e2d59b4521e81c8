import { expect, test } from 'vitest';
import { aBoundsWorld } from '../../../testing/builders/bounds-builders.ts';
import { seededRandom } from '../../statistics/random.ts';
import { simulate } from '../simulation/simulate.ts';
import { makePlannedPolicy } from './schedule.ts';

test('a planned policy wants what the last step says, within the terms, whatever it sees', () => {
  const world = aBoundsWorld([], 5000, { terms: { minReplicas: 1, maxReplicas: 3, toZero: false } });
  const schedule = [
    { atMs: 0, desired: 2 },
    { atMs: 1000, desired: 9 },
    { atMs: 2500, desired: 0 },
  ];
  const wanted: [number, number][] = [];
  simulate(world, makePlannedPolicy(schedule, 500), seededRandom(1), {
    onDecision: ({ nowMs }, { desired }) => wanted.push([nowMs, desired]),
  });
  expect(wanted.filter(([nowMs]) => nowMs % 1000 !== 0 || nowMs <= 1000)).toEqual([
    [0, 2],
    [500, 2],
    [1000, 3],
    [1500, 3],
    [2500, 1],
    [3500, 1],
    [4500, 1],
  ]);
});
