import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requireNearVersion, versionGap, type VersionGap } from './version-gap.ts';

it.each<[string, string, VersionGap]>([
  ['1.4.2', '1.4.2', 'near'],
  ['1.4.0', '1.4.9', 'near'],
  ['1.4.0', '1.5.0', 'near'],
  ['1.5.0', '1.4.0', 'near'],
  ['1.5.0-rc.1', '1.4.0', 'near'],
  ['1.4.0', '1.6.0', 'older'],
  ['1.6.0', '1.4.0', 'newer'],
  ['1.9.0', '1.10.0', 'near'],
  ['1.9.0', '2.0.0', 'older'],
  ['2.9.0', '1.9.0', 'newer'],
  ['dev', '1.0.0', 'unknown'],
  ['1.0.0', '', 'unknown'],
])('a client of %s is to a control plane of %s: %s', (client, server, gap) => {
  expect(versionGap(client, server)).toBe(gap);
});

it('is the same seen from the other side', () => {
  const version = fc.tuple(fc.nat(3), fc.nat(12), fc.nat(30)).map((parts) => parts.join('.'));
  const mirrored = { near: 'near', older: 'newer', newer: 'older', unknown: 'unknown' } as const;
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(versionGap(b, a)).toBe(mirrored[versionGap(a, b)]);
    }),
  );
});

describe('what is too far', () => {
  it.each([
    ['1.4.0', '1.6.0', 'upgrade the command line: npm install --global plimsoll@1.6.0'],
    ['1.6.0', '1.4.0', 'upgrade the control plane: npm install --global plimsoll@1.6.0'],
    ['dev', '1.4.0', 'use released versions on both sides: plimsoll --version'],
  ])('names both versions, and who has to move: %s and %s', (client, server, next) => {
    expect(() => requireNearVersion(client, server)).toThrow(
      expect.objectContaining({
        code: 'version-too-far',
        category: 'conflict',
        next,
        details: { client, server },
        message: expect.stringMatching(new RegExp(`${client}.*${server}`)),
      }),
    );
  });
});
