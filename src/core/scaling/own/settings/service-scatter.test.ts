import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../../../statistics/random.ts';
import { noServices, observeServices, serviceVariability, type ServiceScatter } from './service-scatter.ts';

const exponential = (random: Random): number => -1_000 * Math.log(1 - random.nextShare());
/** Erlang of four phases: a squared coefficient of variation of 1/4. */
const erlang = (random: Random): number => {
  let sum = 0;
  for (let phase = 0; phase < 4; phase += 1) sum += exponential(random) / 4;
  return sum;
};

function observed(draw: (random: Random) => number, readings: number, seed: number): ServiceScatter {
  const random = seededRandom(seed);
  let scatter = noServices;
  for (let reading = 0; reading < readings; reading += 1) {
    const count = 1 + random.nextBelow(40);
    let sum = 0;
    for (let answer = 0; answer < count; answer += 1) sum += draw(random);
    scatter = observeServices(scatter, { serviceMs: sum / count, completionsPerSecond: count / 2 }, 2_000);
  }
  return scatter;
}

describe('how service times scatter', () => {
  it('is found by the means of readings, however many answers each has', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      expect(serviceVariability(observed(erlang, 2_000, seed))).toBeGreaterThan(0.17);
      expect(serviceVariability(observed(erlang, 2_000, seed))).toBeLessThan(0.34);
      expect(observed(exponential, 2_000, seed).squaredVariation).toBeGreaterThan(0.7);
      expect(observed(exponential, 2_000, seed).meanMs).toBeGreaterThan(900);
    }
  });

  it('is that of exponential times while little was seen, and at most', () => {
    expect(serviceVariability(noServices)).toBe(1);
    expect(serviceVariability(observed(erlang, 119, 1))).toBe(1);
    expect(serviceVariability(observed(erlang, 120, 1))).toBeLessThan(1);
    const seldom = (random: Random): number => (random.nextBelow(20) === 0 ? 10_000 : 100);
    expect(serviceVariability(observed(seldom, 500, 1))).toBe(1);
  });

  it('stays where nothing was answered or times are unknown', () => {
    const scatter = observed(erlang, 10, 1);
    expect(observeServices(scatter, { serviceMs: null, completionsPerSecond: 10 }, 2_000)).toBe(scatter);
    expect(observeServices(scatter, { serviceMs: 100, completionsPerSecond: 0 }, 2_000)).toBe(scatter);
    expect(observeServices(scatter, { serviceMs: 100, completionsPerSecond: null }, 2_000)).toBe(scatter);
  });
});
