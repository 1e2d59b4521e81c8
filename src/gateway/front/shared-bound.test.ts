import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SharedBound, type Share } from './shared-bound.ts';

function takeAll(shares: readonly Share[]): readonly number[] {
  let taking = true;
  while (taking) taking = shares.map((share) => share.take(1)).includes(true);
  return shares.map(({ used }) => used);
}

test.each([
  [1, 1, 1000],
  [2, 1, 500],
  [50, 1, 500],
  [50, 2, 333],
  [50, 9, 100],
])('of %d services, %d that take all they can get %d of 1000 each', (services, greedy, each) => {
  const bound = new SharedBound(1000);
  const shares = Array.from({ length: services }, () => bound.share());
  for (const used of takeAll(shares.slice(0, greedy))) expect(Math.abs(used - each)).toBeLessThanOrEqual(1);
  if (services > greedy) expect(shares.at(-1)?.take(50)).toBe(true);
});

test('what is given back may be taken again, and a share that is closed gives back all of it', () => {
  const bound = new SharedBound(10);
  const [a, b] = [bound.share(), bound.share()];
  expect([a.take(5), a.take(1), b.take(3), b.take(1)]).toEqual([true, false, true, false]);
  a.free(5);
  expect(b.take(3)).toBe(true);
  b.close();
  b.close();
  b.free(5);
  expect([bound.used, b.take(1), a.take(10)]).toEqual([0, false, true]);
});

test('however services take, free and leave, the bound holds and nothing is lost', () => {
  const step = fc.record({
    at: fc.nat(4),
    amount: fc.integer({ min: 1, max: 9 }),
    does: fc.constantFrom('take', 'free', 'close'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const bound = new SharedBound(40);
      const shares = Array.from({ length: 5 }, () => bound.share());
      for (const { at, amount, does } of steps) {
        const share = shares[at] as Share;
        if (does === 'take') share.take(amount);
        else if (does === 'free') share.free(Math.min(amount, share.used));
        else share.close();
        expect(bound.used).toBeLessThanOrEqual(bound.limit);
        expect(bound.used).toBe(shares.reduce((sum, { used }) => sum + used, 0));
      }
    }),
  );
});
