import { describe, expect, it } from 'vitest';
import { makeHorizon } from '../../../../testing/builders/capacity-builders.ts';
import { seededRandom } from '../../../statistics/random.ts';
import { slowingOf } from './slowing.ts';

const probesOf = (rates: readonly number[]) => rates.map((perSecond, at) => ({ atMs: 1_000 * at, perSecond }));
const fifteen = <T>(rate: (at: number) => T): readonly T[] => Array.from({ length: 15 }, (_, at) => rate(at));
const of = (rates: readonly number[], growths: readonly (number | null)[] = fifteen(() => 1)) =>
  slowingOf({ probes: probesOf(rates), horizons: growths.map((growth) => makeHorizon(40, { growth })) });
/** 1% of noise. */
const noise = (at: number): number => 1 + 0.01 * (((7 * at) % 5) / 2 - 1);

const normalOf = (seed: number) => {
  const random = seededRandom(seed);
  return (): number => Math.sqrt(-2 * Math.log(1 - random.nextShare())) * Math.cos(2 * Math.PI * random.nextShare());
};

describe('a replica that is measured for a while', () => {
  it('is steady when its throughput is shown to fall by less than 10%', () => {
    expect(of(fifteen((at) => 300 * noise(at))).kind).toBe('steady');
    expect(of(fifteen((at) => 300 * noise(at) * (1 - (0.05 * at) / 14))).kind).toBe('steady');
  });

  it.each([
    ['little by little', (at: number) => 1 - (0.15 * at) / 14],
    ['at once in the middle', (at: number) => (at < 7 ? 1 : 0.85)],
    ['at once, late', (at: number) => (at < 12 ? 1 : 0.85)],
    ['at once, early', (at: number) => (at < 3 ? 1 : 0.85)],
    ['faster and faster', (at: number) => 1 - 0.25 * (at / 14) ** 2],
  ])('slows down %s', (_, share) => {
    expect(of(fifteen((at) => 300 * noise(at) * share(at)))).toMatchObject({ kind: 'slows', of: 'run' });
  });

  it('is unclear with much noise, and with few probes', () => {
    expect(of(fifteen((at) => (at % 3 === 0 ? 200 : 300)))).toMatchObject({ kind: 'unclear', of: 'run' });
    expect(of([300, 300, 300]).kind).toBe('unclear');
  });

  it.each([
    ['of the last probe alone', (at: number) => (at < 14 ? 1 : 0.85)],
    ['of the last two', (at: number) => (at < 13 ? 1 : 0.85)],
    ['after the first', (at: number) => (at < 1 ? 1 : 0.85)],
  ])('is not called steady with a loss %s', (_, share) => {
    expect(of(fifteen((at) => 300 * noise(at) * share(at)))).toMatchObject({ kind: 'unclear', of: 'run' });
  });

  it('is judged by the change from the beginning of a horizon to its end', () => {
    const steady = fifteen((at) => 300 * noise(at));
    // ln 1.068 over 0.633 of a horizon is 9.9% of the speed, and 1% of noise makes the limit more than 10%; ln 1.15 is 19.8%.
    expect(
      of(
        steady,
        fifteen((at) => 1.15 * noise(at)),
      ),
    ).toMatchObject({ kind: 'slows', of: 'horizon' });
    expect(
      of(
        steady,
        fifteen((at) => 1.068 * noise(at)),
      ),
    ).toMatchObject({ kind: 'unclear', of: 'horizon' });
    expect(
      of(
        steady,
        fifteen((at) => 1.03 * noise(at)),
      ).kind,
    ).toBe('steady');
    expect(
      of(
        steady,
        fifteen((at) => noise(at) / 1.2),
      ).kind,
    ).toBe('steady');
  });

  it('is unclear within horizons with much noise, and with few horizons that can be compared', () => {
    const steady = fifteen((at) => 300 * noise(at));
    expect(
      of(
        steady,
        fifteen((at) => Math.exp((at - 7) / 14)),
      ),
    ).toMatchObject({ kind: 'unclear', of: 'horizon' });
    expect(of(steady, [1, 1, 1, 1, ...fifteen(() => null)])).toMatchObject({ kind: 'unclear', of: 'horizon' });
    expect(of(steady, [1, 1, 1, 1, 1, ...fifteen(() => null)]).kind).toBe('steady');
  });

  it('that loses 10% in one way is called steady in at most 5%', { timeout: 240_000 }, () => {
    const normal = normalOf(5);
    const losses: readonly ((at: number) => number)[] = [
      (at) => (0.1 * at) / 14,
      ...[1, 7, 14].map((from) => (at: number) => (at < from ? 0 : 0.1)),
    ];
    const runs = 120;
    for (const loss of losses) {
      let steady = 0;
      for (let run = 0; run < runs; run += 1) {
        if (of(fifteen((at) => (1 - loss(at)) * Math.exp(0.02 * normal()))).kind === 'steady') steady += 1;
      }
      // Four standard deviations above 5%.
      expect(steady).toBeLessThan(0.05 * runs + 4 * Math.sqrt(0.05 * 0.95 * runs));
    }
  });
});

describe('a steady replica', () => {
  it('on a noisy machine is called slow in at most 5%', { timeout: 240_000 }, () => {
    const normal = normalOf(3);
    const called = (deviation: number): number => {
      const trials = 400;
      let slow = 0;
      for (let trial = 0; trial < trials; trial += 1) {
        const rates = fifteen(() => 300 * Math.exp(deviation * normal()));
        const growths = fifteen(() => Math.exp(deviation * normal()));
        slow += of(rates, growths).kind === 'slows' ? 1 : 0;
      }
      return slow / trials;
    };
    // Three standard deviations of 400 trials are 3.3%.
    for (const deviation of [0.05, 0.1, 0.2]) expect(called(deviation), `${deviation}`).toBeLessThan(0.083);
  });
});
