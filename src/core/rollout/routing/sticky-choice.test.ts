import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stickyPlace, stickySalt, stickySplit } from './sticky-choice.ts';
import { xxhash32 } from './xxhash32.ts';

test('XXH32 gives the published values', () => {
  // xxHash's own sanity values and the ones of its specification's implementations.
  expect(xxhash32('')).toBe(0x02cc5d05);
  expect(xxhash32('', 0x9e3779b1)).toBe(0x36b78ae7);
  expect(xxhash32('a')).toBe(0x550d7456);
  expect(xxhash32('abc')).toBe(0x32d153ff);
  expect(xxhash32('Nobody inspects the spammish repetition')).toBe(0xe2293b2f);
});

const split = (release: number, share: number) => ({ release, modelVersion: 1, share, replicas: [] });
const table = (share: number, canary = 7) => ({
  service: 'digits',
  environment: 'prod',
  splits: [split(3, 1 - share), split(canary, share)],
  canary: { release: canary, against: 3, step: 0, startedAtMs: 1 },
});
const releaseOf = (share: number, key: string, canary = 7): number => {
  const asked = table(share, canary);
  return asked.splits[stickySplit(asked, stickyPlace(key, stickySalt(asked)))]?.release ?? -1;
};

test('who is on the canary at one share stays on it at every larger one', () => {
  const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(fc.string(), share, share, (key, one, other) => {
      const [small, large] = one < other ? [one, other] : [other, one];
      if (releaseOf(small, key) === 7) expect(releaseOf(large, key)).toBe(7);
    }),
  );
});

test('the order of the splits in the table does not move a key', () => {
  fc.assert(
    fc.property(fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (key, share) => {
      const asked = table(share);
      const place = stickyPlace(key, stickySalt(asked));
      const turned = { ...asked, splits: asked.splits.toReversed() };
      expect(turned.splits[stickySplit(turned, place)]?.release).toBe(asked.splits[stickySplit(asked, place)]?.release);
    }),
  );
});

test('a share of keys like user-1, user-2 and so on is on the canary, to within four standard deviations', () => {
  const keys = 20_000;
  for (const share of [0.05, 0.25, 0.5]) {
    let onCanary = 0;
    for (let n = 0; n < keys; n += 1) if (releaseOf(share, `user-${n}`) === 7) onCanary += 1;
    const deviation = Math.sqrt(keys * share * (1 - share));
    expect(Math.abs(onCanary - keys * share)).toBeLessThan(4 * deviation);
  }
});

test('another rollout asks other keys first', () => {
  const first = new Set<string>();
  const second = new Set<string>();
  for (let n = 0; n < 2000; n += 1) {
    if (releaseOf(0.05, `user-${n}`) === 7) first.add(`user-${n}`);
    if (releaseOf(0.05, `user-${n}`, 8) === 8) second.add(`user-${n}`);
  }
  const both = [...first].filter((key) => second.has(key)).length;
  expect(both).toBeLessThan(first.size / 4);
});

test('the last place belongs to a split also when the shares fall short of 1 by rounding', () => {
  const splits = [split(1, 0.3), split(2, 0.3), split(3, 0.4 - 1e-9)];
  expect(stickySplit({ splits }, 1 - 1e-12)).toBe(0);
  expect(stickySplit({ splits: [split(1, 1), split(2, 0)] }, 0)).toBe(0);
  expect(stickySplit({ splits: [] }, 0.5)).toBe(-1);
});
