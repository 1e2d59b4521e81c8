import { expect, test } from 'vitest';
import { FleetPace } from './fleet-pace.ts';

const silent = {};
const fleet = 200;
const telling = { tellChanges: () => undefined };

function afterSeconds(count: number, busyShare: (pace: FleetPace) => number): FleetPace {
  const pace = new FleetPace(() => fleet, silent);
  for (let second = 0; second < count; second += 1) pace.observe(busyShare(pace));
  return pace;
}

test('a large fleet has its turns further apart', () => {
  const msOf = (services: number): number => new FleetPace(() => services, silent).settledMs;
  expect([1, 100, 200].map(msOf)).toEqual([1_000, 1_000, 2_000]);
});

test('replicas that start are looked at often, unless the platform tells of them', () => {
  expect(new FleetPace(() => 1, silent).startingMs).toBe(200);
  expect(new FleetPace(() => 1, telling).startingMs).toBe(1_000);
});

test('turns are as far apart as usual while there is time', () => {
  expect(afterSeconds(10, () => 0.3)).toMatchObject({ settledMs: 2_000, startingMs: 200 });
});

test('a process that is always busy puts its turns off, to a bound', () => {
  expect(afterSeconds(20, () => 1)).toMatchObject({ settledMs: 16_000, startingMs: 1_600 });
});

test('puts off as much as brings the work below the limit, and stays there', () => {
  // Turns that take 1.5 of the time when they are as close as usual.
  const shareOf = ({ settledMs }: FleetPace): number => 3_000 / settledMs;
  const pace = afterSeconds(30, (now) => Math.min(1, shareOf(now)));
  expect(shareOf(pace)).toBeLessThanOrEqual(0.6);
  expect(shareOf(pace)).toBeGreaterThanOrEqual(0.35);
});

test('comes back to the usual once the work is done', () => {
  const pace = afterSeconds(20, () => 1);
  for (let second = 0; second < 20; second += 1) pace.observe(0.1);
  expect(pace.settledMs).toBe(2_000);
});

test('few services are looked at as often as ever, whatever keeps the process busy', () => {
  const pace = new FleetPace(() => 25, silent);
  for (let second = 0; second < 20; second += 1) pace.observe(1);
  expect(pace).toMatchObject({ settledMs: 1_000, startingMs: 200 });
});
