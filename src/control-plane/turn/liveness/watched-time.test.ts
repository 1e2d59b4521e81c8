import { expect, it } from 'vitest';
import { WatchedTime } from './watched-time.ts';

it('goes on with the turns', () => {
  const time = new WatchedTime();
  for (const at of [0, 1_000, 2_000, 3_500]) expect(time.look(at).isGap).toBe(false);
  expect(time.nowMs).toBe(3_500);
});

it('does not count a gap: this program was stopped meanwhile', () => {
  const time = new WatchedTime();
  for (const at of [0, 1_000, 2_000]) time.look(at);
  expect(time.look(302_000)).toEqual({ stepMs: 0, isGap: true });
  expect(time.nowMs).toBe(2_000);
});

it('counts five seconds at most of turns that are far apart, and of a clock that goes back nothing', () => {
  const time = new WatchedTime();
  for (const at of [0, 8_000, 16_000, 24_000]) time.look(at);
  expect(time.nowMs).toBe(10_000);
  expect(time.look(23_000)).toEqual({ stepMs: 0, isGap: false });
});
