import { describe, expect, it } from 'vitest';
import { readImage } from './sample-image.ts';
import { boundsWords, delayWords, scaleOf } from './quality-scale.ts';
import { refusalOf } from './send-drift.ts';

const kept = (inputs: unknown) => ({ content: { request: JSON.stringify({ inputs }), response: '' } });
const ramp = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

describe('a captured request as a picture', () => {
  it('reads a square in one line, and numbers up to 255', () => {
    const image = readImage(kept([{ name: 'image', shape: [1, 64], data: ramp(64) }]));
    expect(image).toMatchObject({ width: 8, height: 8 });
    expect(image?.pixels[51]).toBeCloseTo(51 / 255, 12);
  });

  it('reads the first channel, wherever channels stand, and nested rows', () => {
    const last = readImage(kept([{ shape: [1, 8, 10, 3], data: ramp(240) }]));
    expect([last?.width, last?.height, last?.pixels[1]]).toEqual([10, 8, 3 / 255]);
    const first = readImage(kept([{ shape: [1, 3, 8, 10], data: ramp(240) }]));
    expect([first?.width, first?.pixels[1]]).toEqual([10, 1 / 255]);
    const nested = Array.from({ length: 8 }, () => Array(8).fill(-3));
    expect(readImage(kept([{ shape: [1, 8, 8], data: [nested] }]))?.pixels[9]).toBe(0);
  });

  it.each([
    ['nothing kept', {}],
    ['an empty body', { content: { request: '', response: '' } }],
    ['no JSON', { content: { request: '{', response: '' } }],
    ['JSON null', { content: { request: 'null', response: '' } }],
    ['no inputs', kept({})],
    ['null among inputs', kept([null])],
    ['a row of numbers', kept([{ shape: [1, 5], data: [1, 2, 3, 4, 5] }])],
    ['too few numbers', kept([{ shape: [1, 64], data: [1] }])],
    ['texts', kept([{ shape: [1, 64], data: Array(64).fill('x') }])],
    ['a huge side', kept([{ shape: [1, 1_000_000, 1_000_000], data: [] }])],
    ['sides that are no numbers', kept([{ shape: [1, '8', '8'], data: ramp(64) }])],
  ])('is none of %s', (_what, sample) => {
    expect(readImage(sample)).toBeNull();
  });
});

describe('quality as it is drawn', () => {
  it('shows all limits, and what is not known as such', () => {
    const scale = scaleOf({ live: { low: 0.02, high: 0.06 }, evaluated: { low: 0.03, high: 0.03 }, limit: 0.1 });
    expect(scale.limit).toBe(83.33);
    expect(scale.live?.from).toBeCloseTo(16.67, 2);
    expect(scale.evaluated?.width).toBe(0.8);
    expect(scaleOf({ live: null, evaluated: null, limit: null })).toMatchObject({ most: 1, live: null, limit: null });
    expect(boundsWords(null)).toBe('not known');
    expect(delayWords({ labels: 0, medianMs: null, p95Ms: null })).toBe('no label yet');
    expect(delayWords({ labels: 1, medianMs: 60_000, p95Ms: 3_600_000 })).toBe(
      'median 1 min, 95% within 1 h (1 label)',
    );
  });

  it('says a refusal whatever its form', () => {
    expect(refusalOf(502, null)).toEqual({ message: 'the control plane answered with status 502', next: null });
    expect(refusalOf(404, { error: { message: 'no alarm', next: 'plimsoll drift' } })).toEqual({
      ...{ message: 'no alarm', next: 'plimsoll drift' },
    });
  });
});
