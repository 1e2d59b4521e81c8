import { expect, it } from 'vitest';
import { RecentMost } from './recent-most.ts';

it('keeps the most of the last half hour to hour, and forgets what is older', () => {
  const recent = new RecentMost();
  recent.add(9, 0);
  recent.add(4, 1_700_000);
  expect([recent.most, recent.count]).toEqual([9, 2]);
  recent.add(1, 1_900_000);
  expect([recent.most, recent.count]).toEqual([9, 3]);
  recent.add(2, 3_800_000);
  expect([recent.most, recent.count]).toEqual([2, 2]);
  recent.add(3, 90_000_000);
  expect([recent.most, recent.count]).toEqual([3, 1]);
});
