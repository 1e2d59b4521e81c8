import { describe, expect, it } from 'vitest';
import { makeWorld } from '../../../../testing/rigs/scaling/simulated-worlds.ts';
import { seededRandom } from '../../../statistics/random.ts';
import { makeStatic } from '../../policies/static.ts';
import { simulate } from '../simulate.ts';
import type { Arrival } from '../world.ts';
import { readArrivals } from './read-arrivals.ts';

function all(text: string): readonly Arrival[] {
  return [...{ [Symbol.iterator]: readArrivals(text, 100).arrivals }];
}
const countIn = (list: readonly Arrival[], fromMs: number, toMs: number): number =>
  list.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).length;
/** 3.3 deviations of a Poisson count; the seeds are fixed, so that it is decided once. */
const near = (count: number, expected: number): boolean => Math.abs(count - expected) < 3.3 * Math.sqrt(expected);

describe('generated arrivals', () => {
  it.each([
    'poisson:rate=20/s,for=10m',
    'constant:rate=3/s,for=10m',
    'diurnal:rate=20/s,amplitude=80%,period=5m,for=10m',
    'bursts:calm=5/s*1m,busy=50/s*10s,storm=100/s*1s,for=10m',
    'flash:rate=5/s,factor=8,at=2m,lasting=1m,ramp=30s,for=10m',
    'silence:rate=20/s,on=20s,off=1m,for=10m',
    'poisson:rate=3/s,for=2m + constant:rate=3/s,for=10m,work=exp(1s)',
  ])('of %s come in order, in their time, and are the same with the same seed', (text) => {
    const list = all(text);
    expect(list.length).toBeGreaterThan(300);
    list.forEach(({ atMs, workMs }, index) => {
      expect(atMs).toBeGreaterThanOrEqual(list[index - 1]?.atMs ?? 0);
      expect(atMs).toBeLessThan(600_000);
      expect(workMs).toBeGreaterThan(0);
    });
    expect(all(text)).toEqual(list);
  });
  it('are others with another seed, and a part of a sum has a seed of its own', () => {
    const [first, second] = [all('poisson:rate=5/s,for=1m,seed=1'), all('poisson:rate=5/s,for=1m,seed=2')];
    expect(first.slice(0, 5)).not.toEqual(second.slice(0, 5));
    const both = all('poisson:rate=5/s,for=1m + poisson:rate=5/s,for=1m');
    expect(both).toEqual([...first, ...second].sort((a, b) => a.atMs - b.atMs));
  });
  it('keep their times when the sizes have another distribution', () => {
    const times = (work: string): readonly number[] =>
      all(`poisson:rate=5/s,for=1m,work=${work}`).map(({ atMs }) => atMs);
    expect(times('exp(1s)')).toEqual(times('lognormal(1s,2)'));
  });
  it('have the rate and the exponential gaps that a Poisson process has', () => {
    const list = all('poisson:rate=20/s,for=1h');
    expect(near(list.length, 72_000)).toBe(true);
    const gaps = list.map(({ atMs }, index) => atMs - (list[index - 1]?.atMs ?? 0)).sort((a, b) => a - b);
    // Kolmogorov and Smirnov at 0.1%.
    const greatest = gaps.reduce(
      (most, gapMs, index) => Math.max(most, Math.abs((index + 0.5) / gaps.length - (1 - Math.exp(-gapMs / 50)))),
      0,
    );
    expect(greatest).toBeLessThan(1.95 / Math.sqrt(gaps.length));
  });
  it('of a constant rate have equal gaps', () => {
    expect(all('constant:rate=4/s,for=1s').map(({ atMs }) => atMs)).toEqual([0, 250, 500, 750]);
  });
  it('follow the day', () => {
    const list = all('diurnal:rate=10/s,amplitude=80%,period=1h,peak=15m,for=10h');
    const halfHour = (fromMs: number): number =>
      Array.from({ length: 10 }, (_, hour) =>
        countIn(list, hour * 3_600_000 + fromMs, hour * 3_600_000 + fromMs + 1_800_000),
      ).reduce((sum, count) => sum + count, 0);
    // The mean of cos over its upper half is 2 / pi.
    expect(near(halfHour(0), 180_000 * (1 + (0.8 * 2) / Math.PI))).toBe(true);
    expect(near(halfHour(1_800_000), 180_000 * (1 - (0.8 * 2) / Math.PI))).toBe(true);
  });
  it('come as a crowd, and go', () => {
    const list = all('flash:rate=50/s,factor=10,at=5m,lasting=2m,ramp=1m,for=15m');
    const expected = [
      [0, 5, 50],
      [5, 6, 275],
      [6, 8, 500],
      [8, 9, 275],
      [9, 15, 50],
    ] as const;
    for (const [from, to, rate] of expected) {
      expect(near(countIn(list, from * 60_000, to * 60_000), (to - from) * 60 * rate), `minute ${from}`).toBe(true);
    }
  });
  it('of states have the mean of the rates by how long they last, and gaps as long as silences', () => {
    const hours = 50;
    const list = all(`silence:rate=2/s,on=1m,off=5m,for=${hours}h`);
    // Counts of a cycle vary: 500 cycles of 120 requests, whose deviation is about 1.4 of their mean.
    expect(Math.abs(list.length / (hours * 1_200) - 1)).toBeLessThan((3.3 * 1.4) / Math.sqrt(10 * hours));
    const longest = list.reduce((most, { atMs }, index) => Math.max(most, atMs - (list[index - 1]?.atMs ?? 0)), 0);
    expect(longest).toBeGreaterThan(20 * 60_000);
    const bursts = all(`bursts:calm=1/s*10s,busy=9/s*10s,for=${hours}h`);
    expect(Math.abs(bursts.length / (hours * 18_000) - 1)).toBeLessThan(0.02);
  });
  it('have sizes of the mean and the variation that are asked for', () => {
    const sizes = all('poisson:rate=50/s,for=1h,work=lognormal(200ms,1.5)').map(({ workMs }) => workMs);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(Math.abs(mean / 200 - 1)).toBeLessThan((3.3 * 1.5) / Math.sqrt(sizes.length));
    const deviation = Math.sqrt(sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0) / sizes.length);
    expect(deviation / mean).toBeGreaterThan(1.35);
    expect(deviation / mean).toBeLessThan(1.65);
    expect(all('constant:rate=1/s,for=1s,work=2.5')).toEqual([{ atMs: 0, workMs: 2.5 }]);
    expect(all('constant:rate=1/s,for=1s')).toEqual([{ atMs: 0, workMs: 100 }]);
  });
  it('run through a simulation', () => {
    const { arrivals, forMs } = readArrivals('poisson:rate=5/s,for=5m', 100);
    const result = simulate(makeWorld([], { arrivals, endMs: forMs }), makeStatic(2), seededRandom(1));
    expect(result.requests).toBe(all('poisson:rate=5/s,for=5m').length);
  });
});

describe('a text of arrivals that cannot be read', () => {
  it.each([
    ['poison:rate=1/s,for=1h', 'character 1: no kind of arrivals is named `poison`', 'did you mean `poisson`?'],
    ['poisson:rte=1/s,for=1h', 'character 9: poisson has no key `rte`', 'did you mean `rate`?'],
    ['poisson:rate=1/s,for=1h,sead=3', 'character 25: poisson has no key `sead`', 'did you mean `seed`?'],
    ['poisson:rate=1/s', 'character 1: poisson needs `for`', 'keys are rate, for, seed, work'],
    ['poisson:rate=20,for=1h', 'character 14: `rate` is a rate such as', 'write `20/s` for a second'],
    ['poisson:rate=0/s,for=1h', 'character 14: `rate` is a rate above 0', ''],
    ['poisson:rate=1/s,for=10', 'character 22: `for` is a duration such as', 'a unit is missing'],
    ['poisson:rate=1/s,for=1h,rate=2/s', 'character 25: `rate` is written twice', ''],
    ['poisson:rate', 'character 9: `rate` has no value', 'KEY=VALUE'],
    ['poisson:rate=1/s,for=1h,work=exp(1q)', 'character 30: `work` is the size of a request', ''],
    ['poisson:rate=1/s,for=1h,work=exp(1s', 'character 30: `work` is the size of a request', ''],
    ['poisson:rate=1/s,for=1h,seed=-1', 'character 30: `seed` is a whole number', ''],
    ['diurnal:rate=1/s,amplitude=120%,for=1h', 'character 28: `amplitude` is a percentage', ''],
    ['bursts:calm=1/s*1m,for=1h', 'character 1: bursts needs two states', 'calm=5/s*10m'],
    ['bursts:calm=1/s*1m,busy=9/s,for=1h', 'character 25: `busy` is a rate and the mean time', ''],
    ['bursts:a=1/s*1m,b=9/s*1m,sede=3,for=1h', '`sede` is a rate and the mean time', 'did you mean the key `seed`?'],
    ['poisson:rate=1/s,for=1h + flsh:rate=1/s', 'character 27: no kind of arrivals is named `flsh`', '`flash`'],
    ['poisson:rate=0.0001/s,for=401d', 'character 1: arrivals for more than 400 days', 'shorter `for`'],
    ['poisson:rate=999999/s,for=52w', 'character 1: more than 1000000000 requests', 'lower the rate'],
    ['', 'character 1: no kind of arrivals is named ``', 'kinds are poisson'],
  ])('%s: says what, where, and what was meant', (text, message, next) => {
    expect(() => readArrivals(text, 100)).toThrow(
      expect.objectContaining({
        code: 'arrivals-text-invalid',
        message: expect.stringContaining(message) as string,
        next: expect.stringContaining(next) as string,
      }) as Error,
    );
  });
});
