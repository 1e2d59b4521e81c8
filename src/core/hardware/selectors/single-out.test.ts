import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matches, singleOut, type Candidate } from './single-out.ts';

const keys = ['product', 'driver', 'mig'];
const candidate: fc.Arbitrary<Candidate> = fc.record({
  name: fc.string(),
  admit: fc.boolean(),
  values: fc.record(
    { product: fc.constantFrom('A', 'B', 'C'), driver: fc.constantFrom('1', '2', '3'), mig: fc.constantFrom('x', 'y') },
    { requiredKeys: [] },
  ),
});

describe('singling out', () => {
  it('admits nobody who must not be, and everybody else who does not look like one of them', () => {
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 30 }), (candidates) => {
        const { terms, left } = singleOut(candidates, { keys, missing: 'absent' });
        const same = (a: Candidate, b: Candidate) => keys.every((key) => a.values[key] === b.values[key]);
        const isLeft = (one: Candidate) =>
          Object.keys(one.values).length === 0 || candidates.some((other) => !other.admit && same(one, other));
        for (const one of candidates) {
          const admitted = terms.some((term) => matches(term, one.values));
          expect(admitted).toBe(one.admit && !isLeft(one));
        }
        const doubled = candidates.filter((one) => one.admit && isLeft(one));
        expect(left.map(({ name }) => name).sort()).toEqual(doubled.map(({ name }) => name).sort());
      }),
    );
  });

  it('lets nobody by whose unknown value might match', () => {
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 30 }), (candidates) => {
        const { terms } = singleOut(candidates, { keys, missing: 'unknown' });
        for (const refused of candidates.filter(({ admit }) => !admit)) {
          for (const product of ['A', 'B', 'C'])
            for (const driver of ['1', '2', '3'])
              for (const mig of ['x', 'y']) {
                const whole = { product, driver, mig, ...refused.values };
                expect(terms.some((term) => matches(term, whole))).toBe(false);
              }
        }
      }),
    );
  });

  it('writes terms that differ in one key as one', () => {
    const of = (product: string, driver: string, admit = true) => ({
      name: product + driver,
      admit,
      values: { product, driver },
    });
    const candidates = [of('A', '1'), of('A', '2'), of('B', '1'), of('B', '2'), of('C', '1', false)];
    expect(singleOut(candidates, { keys, missing: 'absent' }).terms).toEqual([
      { product: { in: ['A', 'B'] }, driver: { in: ['1', '2'] } },
    ]);
  });
});
