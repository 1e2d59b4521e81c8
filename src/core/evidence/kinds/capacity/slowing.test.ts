import { describe, expect, it } from 'vitest';
import { makeHorizon } from '../../../../testing/builders/capacity-builders.ts';
import { slowingOf } from './slowing.ts';

const probesOf = (rates: readonly number[]) => rates.map((perSecond, at) => ({ atMs: 1_000 * at, perSecond }));
const of = (rates: readonly number[], growths: readonly number[] = []) =>
  slowingOf({ probes: probesOf(rates), horizons: growths.map((growth) => makeHorizon(40, { growth })) });
const fifteen = (rate: (at: number) => number): readonly number[] => Array.from({ length: 15 }, (_, at) => rate(at));
/** 1% of noise. */
const noise = (at: number): number => 1 + 0.01 * (((7 * at) % 5) / 2 - 1);

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
  ])('slows down %s', (_, share) => {
    expect(of(fifteen((at) => 300 * noise(at) * share(at)))).toMatchObject({ kind: 'slows', of: 'run' });
  });

  it('is unclear with much noise, and with few probes', () => {
    expect(of(fifteen((at) => (at % 3 === 0 ? 200 : 300)))).toMatchObject({ kind: 'unclear', of: 'run' });
    expect(of([300, 300, 300]).kind).toBe('unclear');
  });

  it('slows down within horizons when requests take 10% longer at their ends', () => {
    const steady = fifteen((at) => 300 * noise(at));
    expect(
      of(
        steady,
        fifteen((at) => 1.25 * noise(at)),
      ),
    ).toMatchObject({ kind: 'slows', of: 'horizon' });
    expect(
      of(
        steady,
        fifteen((at) => 1.07 * noise(at)),
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
        fifteen((at) => (at % 2 === 0 ? 0.6 : 1.5)),
      ).kind,
    ).toBe('steady');
  });
});
