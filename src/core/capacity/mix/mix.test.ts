import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digestOfMix,
  isMeasuredMix,
  summarizeMix,
  type MeasuredMix,
  type RequestSizes,
  type SurfacePoint,
} from '../../evidence/kinds/capacity/request-mix.ts';
import { seededRandom } from '../../statistics/random.ts';
import { costMs, costRatio, fitCostSurface } from './cost-surface.ts';
import { drawMix, thinRequests } from './draw-mix.ts';
import { judgeLiveMix } from './judge-live-mix.ts';
import { planSurface } from './plan-surface.ts';
import { isMixText, readMixText } from './read-mix-text.ts';

const text = 'tokens-in=lognormal(512,0.8),tokens-out=choice(64:0.7,512:0.3)';

describe('a mix that is written as text', () => {
  it('is read, with each kind of sizes', () => {
    expect(readMixText(`${text}, rows=uniform(1,8), bytes=exp(300)`)).toEqual({
      'tokens-in': { kind: 'lognormal', mean: 512, variation: 0.8 },
      'tokens-out': {
        kind: 'choice',
        sizes: [
          { size: 64, share: 0.7 },
          { size: 512, share: 0.3 },
        ],
      },
      rows: { kind: 'uniform', from: 1, to: 8 },
      bytes: { kind: 'exponential', mean: 300 },
    });
    expect(readMixText('rows=3')).toEqual({ rows: { kind: 'constant', size: 3 } });
  });

  it.each([
    ['token-in=3', 'did you mean `tokens-in`?'],
    ['tokens-in', '`tokens-in` has no size'],
    ['rows=1,rows=2', '`rows` is written twice'],
    ['rows=lognormale(3,1)', 'did you mean `lognormal`?'],
    ['rows=lognormal(3)', '`lognormal` has 2 numbers, and 1 are written'],
    ['rows=0', '`0` is not a number above 0'],
    ['rows=uniform(8,1)', 'begins above its end'],
    ['rows=choice(1:2:3)', '`1:2:3` is not SIZE:WEIGHT'],
    ['rows=choice(1:0)', '`0` is not a number above 0'],
    ['rows=-1', '`-1` is not a number above 0'],
    ['', 'no dimension is named ``'],
  ])('that cannot be read says why: %s', (written, why) => {
    expect(() => readMixText(written)).toThrow(why);
  });

  it('is told from the name of a file', () => {
    expect([text, 'trace.csv', './a=b.csv', 'captures', 'rows = 3'].map(isMixText)).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  it('is drawn with its mean and its shares, always the same', () => {
    const drawn = drawMix(readMixText(text));
    const { 'tokens-in': input, 'tokens-out': output } = summarizeMix(drawn);
    // 0.7 * 64 + 0.3 * 512 = 198.4. The upper end of a lognormal that is cut at 1023.5 / 1024 lacks a little.
    expect(output?.mean).toBeCloseTo(198.4, 0);
    expect(output?.points).toEqual([
      { value: 64, atMostShare: 0.700_195 },
      { value: 512, atMostShare: 1 },
    ]);
    expect(input?.mean).toBeGreaterThan(505);
    expect(input?.mean).toBeLessThan(513);
    // The median of a lognormal: mean / sqrt(1 + variation^2) = 512 / 1.2806 = 399.8.
    expect(input?.points.find(({ atMostShare }) => atMostShare >= 0.5)?.value).toBeCloseTo(400, -1);
    expect(drawMix(readMixText(text))).toEqual(drawn);
  });
});

describe('the summary of a mix', () => {
  it('keeps what all requests tell', () => {
    expect(summarizeMix([{ rows: 1, bytes: 10 }, { rows: 3 }])).toEqual({
      rows: {
        mean: 2,
        points: [
          { value: 1, atMostShare: 0.5 },
          { value: 3, atMostShare: 1 },
        ],
      },
    });
    expect(summarizeMix([])).toEqual({});
  });

  it('has one digest whoever told it, and is whole', () => {
    const mix = mixOf([{ rows: 1 }, { rows: 3 }]);
    expect(digestOfMix({ ...mix })).toBe(digestOfMix(mixOf([{ rows: 3 }, { rows: 1 }])));
    expect(isMeasuredMix(mix)).toBe(true);
    expect(isMeasuredMix(JSON.parse(JSON.stringify(mix)))).toBe(true);
  });

  it.each([
    ['another source', { source: 'mouth' }],
    ['no dimension', { summary: {} }],
    ['an unknown dimension', { summary: { words: { mean: 1, points: [{ value: 1, atMostShare: 1 }] } } }],
    [
      'shares that fall',
      {
        summary: {
          rows: {
            mean: 1,
            points: [
              { value: 1, atMostShare: 1 },
              { value: 2, atMostShare: 0.5 },
            ],
          },
        },
      },
    ],
    ['no points', { summary: { rows: { mean: 1, points: [] } } }],
    ['a surface of nothing', { surface: [null] }],
    ['a rate of nothing', { surface: [{ sizes: { rows: 1 }, concurrency: 1, perSecond: 0, requests: 3 }] }],
  ])('is not whole with %s', (_, changes) => {
    expect(isMeasuredMix({ ...mixOf([{ rows: 1 }]), ...changes })).toBe(false);
  });

  it('of many recorded requests takes evenly spaced ones', () => {
    const many = Array.from({ length: 100 }, (_, at) => ({ rows: at }));
    expect(thinRequests(many, 4).map(({ rows }) => rows)).toEqual([12, 37, 62, 87]);
    expect(thinRequests(many, 100)).toBe(many);
  });
});

function mixOf(requests: readonly RequestSizes[], surface: readonly SurfacePoint[] = []): MeasuredMix {
  return { source: 'text', of: 'a test', requests: requests.length, summary: summarizeMix(requests), surface };
}

/** A server: 10 ms a request and 40 shared, 0.1 ms an input token, 2 ms an output token and 8 shared. */
const trueCostMs = ({ 'tokens-in': input = 0, 'tokens-out': output = 0 }: RequestSizes, c: number): number =>
  10 + 40 / c + 0.1 * input + (2 + 8 / c) * output;

const measuredSurface = (noise: (at: number) => number = () => 1): readonly SurfacePoint[] =>
  planSurface(summarizeMix(drawMix(readMixText(text))), 16).map(({ sizes, concurrency }, at) => ({
    sizes,
    concurrency,
    perSecond: 1_000 / (trueCostMs(sizes, concurrency) * noise(at)),
    requests: 100,
  }));

describe('the cost of a request over the mix', () => {
  it('is measured at the middle, and small and large in each dimension, alone and together', () => {
    const planned = planSurface(summarizeMix(drawMix(readMixText(text))), 16);
    expect(planned).toHaveLength(10);
    expect(planned[0]).toEqual({ sizes: { 'tokens-in': 512, 'tokens-out': 198 }, concurrency: 1 });
    expect(planned.at(-1)).toEqual({ sizes: { 'tokens-in': 512, 'tokens-out': 512 }, concurrency: 16 });
    expect(planSurface(summarizeMix([{ rows: 4 }]), 8)).toEqual([
      { sizes: { rows: 4 }, concurrency: 1 },
      { sizes: { rows: 4 }, concurrency: 8 },
    ]);
  });

  it('is found exactly where the server is linear', () => {
    const surface = fitCostSurface(measuredSurface());
    expect(surface?.request.eachMs).toBeCloseTo(10, 6);
    expect(surface?.request.sharedMs).toBeCloseTo(40, 6);
    expect(surface?.units['tokens-out']?.eachMs).toBeCloseTo(2, 6);
    expect(surface?.units['tokens-out']?.sharedMs).toBeCloseTo(8, 6);
    expect(surface?.units['tokens-in']?.eachMs).toBeCloseTo(0.1, 6);
    expect(surface?.errorShare).toBeCloseTo(0, 6);
    expect(surface === null ? null : costMs(surface, { 'tokens-in': 100, 'tokens-out': 10 }, 4)).toBeCloseTo(70, 6);
  });

  it('states an error that is about the noise of its points', () => {
    const random = seededRandom(3);
    const surface = fitCostSurface(measuredSurface(() => 0.95 + 0.1 * random.nextShare()));
    expect(surface?.errorShare).toBeGreaterThan(0.005);
    expect(surface?.errorShare).toBeLessThan(0.15);
    expect(surface?.worstErrorShare).toBeGreaterThanOrEqual(surface?.errorShare ?? NaN);
  });

  it('tells the rate of another mix', () => {
    const surface = fitCostSurface([
      { sizes: { rows: 1 }, concurrency: 1, perSecond: 1_000 / 11, requests: 10 },
      { sizes: { rows: 10 }, concurrency: 1, perSecond: 1_000 / 20, requests: 10 },
    ]);
    const ratio =
      surface &&
      costRatio(surface, { of: summarizeMix([{ rows: 40 }]), over: summarizeMix([{ rows: 20 }]), concurrency: 1 });
    expect(ratio).toBeCloseTo(50 / 30, 6);
    expect(surface?.errorShare).toBeNull();
    expect(fitCostSurface(measuredSurface().slice(0, 1))).toBeNull();
  });
});

/** Draws of the mix with another mean of the output, as independent requests. */
function liveRequests(count: number, output: string, seed = 5): readonly RequestSizes[] {
  const all = drawMix(readMixText(`tokens-in=lognormal(512,0.8),tokens-out=${output}`));
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => all[random.nextBelow(all.length)] ?? {});
}

describe('the judge of the live mix', () => {
  const measured = mixOf(drawMix(readMixText(text)), measuredSurface());

  it('finds live requests of the same mix inside', () => {
    const judged = judgeLiveMix(measured, liveRequests(500, 'choice(64:0.7,512:0.3)'));
    expect(judged.standing).toBe('inside');
    expect(judged.costRatio).toBeCloseTo(1, 0);
  });

  it('finds that requests became dearer or cheaper, and says by how much', () => {
    const dearer = judgeLiveMix(measured, liveRequests(500, 'choice(64:0.2,512:0.8)'));
    // Cost at 16 under way: 12.5 + 50.8 + 2.5 * tokens-out: 422.4 tokens are 1119 ms against 560 ms of 198.4.
    expect(dearer.standing).toBe('left');
    expect(dearer.costRatio).toBeGreaterThan(1.85);
    expect(dearer.costRatio).toBeLessThan(2.15);
    expect(dearer.reasons[0]).toMatch(/^a live request costs \d+% more than a measured one$/);
    const cheaper = judgeLiveMix(measured, liveRequests(500, '64'));
    expect(cheaper.reasons[0]).toMatch(/^a live request costs \d+% less/);
  });

  it('without a surface goes by how sizes are spread', () => {
    const judged = judgeLiveMix({ ...measured, surface: [] }, liveRequests(500, 'choice(64:0.2,512:0.8)'));
    expect(judged).toMatchObject({ standing: 'left', costRatio: null });
    expect(judged.reasons).toEqual([
      expect.stringMatching(/^\d+% of the live requests have at most 64 output tokens, and 70% of the measured ones$/),
    ]);
    expect(judged.distances['tokens-out']).toBeGreaterThan(0.45);
    expect(judged.distances['tokens-in']).toBeLessThan(0.1);
  });

  it('does not decide from few requests, from requests that resemble each other, or from none that tell sizes', () => {
    expect(judgeLiveMix(measured, liveRequests(100, '64'))).toMatchObject({ standing: 'undecided', requests: 100 });
    const sorted = liveRequests(500, 'choice(64:0.2,512:0.8)').toSorted(
      (a, b) => (a['tokens-in'] ?? 0) - (b['tokens-in'] ?? 0),
    );
    expect(judgeLiveMix(measured, sorted).standing).toBe('undecided');
    expect(judgeLiveMix(measured, [{ bytes: 3 }]).reasons).toEqual(['none of 1 captured requests tells its sizes']);
    expect(judgeLiveMix(measured, []).standing).toBe('undecided');
  });

  it('calls the same mix left in fewer than 1 of 200 looks', () => {
    let left = 0;
    for (let seed = 0; seed < 200; seed += 1) {
      const live = liveRequests(400, 'choice(64:0.7,512:0.3)', 1_000 + seed);
      if (judgeLiveMix(measured, live).standing === 'left') left += 1;
    }
    expect(left).toBeLessThanOrEqual(1);
  });

  it('never throws and never decides without the dimensions of the mix', () => {
    const size = fc.option(fc.integer({ min: 1, max: 1_000 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.record({ 'tokens-in': size, rows: size })), (requests) => {
        const live = requests.map((each) =>
          each['tokens-in'] === undefined ? {} : { 'tokens-in': each['tokens-in'] },
        );
        expect(judgeLiveMix(measured, live).standing).toBe('undecided');
      }),
      { numRuns: 30 },
    );
  });
});
