import { expect, test } from 'vitest';
import { keepFurthest, keepUndominated } from './undominated.ts';

const partial = (cpuMilli: number, memoryMib: number, gainNano: number, used: readonly number[] = []) => ({
  cpuMilli,
  memoryMib,
  gainNano,
  used,
});
const noLoss = (_one: unknown, _other: unknown, nano: number): boolean => nano >= 0;

test('an element is kept unless another one has as much of everything; of equal ones one is kept', () => {
  const best = partial(5, 5, 10);
  const moreCpu = partial(6, 1, 8);
  const beaten = partial(5, 4, 10);
  expect(keepUndominated([beaten, best, moreCpu, { ...best }], (each) => each, noLoss)).toEqual([best, moreCpu]);
});

test('an element that has used up more of a limit beats another only by what that may still cost it', () => {
  const [eager, near, far] = [partial(5, 5, 10, [1]), partial(5, 5, 8, [0]), partial(5, 5, 6, [0])];
  const losesAtMost = ([one = 0]: readonly number[], [other = 0]: readonly number[], nano: number): boolean =>
    3 * Math.max(0, one - other) <= nano;
  expect(keepUndominated([eager, near, far], (each) => each, losesAtMost)).toEqual([eager, near]);
});

test('half of the kept elements reach furthest, the others are spread over CPU, and the furthest dropped one counts', () => {
  // Reach falls from 60 to 10; CPU rises. Of four, 60 and 50 reach furthest; of 40, 30, 20 and 10 every second is kept.
  const elements = [60, 50, 40, 30, 20, 10];
  const found = keepFurthest(
    elements,
    (reach) => reach,
    (reach) => -reach,
    4,
  );
  expect(found).toEqual({ kept: [60, 50, 30, 10], droppedNano: 40 });
  expect(keepFurthest(elements, Number, Number, 6)).toEqual({ kept: elements, droppedNano: 0 });
});
