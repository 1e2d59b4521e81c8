import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { leavesOwnerOpen, matchesPattern } from './claim-pattern.ts';

it.each([
  ['acme/digits', 'acme/digits', true],
  ['acme/digits', 'Acme/digits', false],
  ['acme/digits', 'acme/digits2', false],
  ['acme/*', 'acme/digits', true],
  ['acme/*', 'acme-evil/digits', false],
  ['acme/*', 'acme/group/digits', false],
  ['acme/**', 'acme/group/digits', true],
  ['acme*', 'acme-evil/digits', false],
  ['refs/heads/release-*', 'refs/heads/release-2', true],
  ['refs/heads/release-*', 'refs/heads/release-2/x', false],
  ['refs/**/v*', 'refs/tags/a/v2', true],
  ['*@acme.com', 'ada@acme.com', true],
  ['*@acme.com', 'ada@acme.com.evil.org', false],
  ['*', '', true],
  ['', '', true],
  ['.+', 'ab', false],
  ['**', 'x'.repeat(501), false],
])('%s matches %s: %s', (pattern, text, matches) => {
  expect(matchesPattern(pattern, text)).toBe(matches);
});

/** The same by a regular expression, which may take long and here is short. */
const oracle = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern.replaceAll('**', 'D').replaceAll('*', 'S').replaceAll('S', '[^/]*').replaceAll('D', '.*')}$`,
  ).test(text);

it('agrees with a regular expression', () => {
  const letters = (alphabet: string) =>
    fc.array(fc.constantFrom(...alphabet), { maxLength: 8 }).map((all) => all.join(''));
  fc.assert(
    fc.property(letters('ab/*'), letters('ab/'), (pattern, text) => {
      expect(matchesPattern(pattern, text)).toBe(oracle(pattern, text));
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  ['acme/digits', false],
  ['acme/*', false],
  ['acme/**', false],
  ['acme', true],
  ['acme*/digits', true],
  ['*/digits', true],
  ['**', true],
  ['/digits', true],
])('of a repository %s leaves the owner open: %s', (pattern, isOpen) => {
  expect(leavesOwnerOpen(pattern)).toBe(isOpen);
});
