import { describe, expect, it } from 'vitest';
import { readGoDuration, readImagePull } from './pod-events.ts';

describe('a pull of an image', () => {
  it('has both durations and its size', () => {
    const message =
      'Successfully pulled image "127.0.0.1:17500/server@sha256:ab" in 1.534s (2.1s including waiting). Image size: 43051234 bytes.';
    expect(readImagePull(message)).toEqual({
      image: '127.0.0.1:17500/server@sha256:ab',
      pullMs: 1_534,
      withWaitingMs: 2_100,
      bytes: 43_051_234,
    });
  });

  it('of an older kubelet has no size', () => {
    expect(readImagePull('Successfully pulled image "a" in 250ms (250ms including waiting)')).toMatchObject({
      pullMs: 250,
      bytes: null,
    });
  });

  it.each([
    'Container image "a" already present on machine',
    'Pulling image "a"',
    'Successfully pulled image "a" in ages',
  ])('is none in `%s`', (message) => expect(readImagePull(message)).toBeNull());
});

describe('a duration as Go writes it', () => {
  it.each<[string, number]>([
    ['1m2.5s', 62_500],
    ['250ms', 250],
    ['1h0m1s', 3_601_000],
    ['15.6µs', 0.0156],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => expect(readGoDuration(text)).toBeCloseTo(ms, 6));

  it.each(['', '5', 's', '-1s', '1.2.3s', '1d', '1s '])('`%s` is none', (text) =>
    expect(readGoDuration(text)).toBeNull(),
  );
});
