import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import { addPromise, evidenceOf, noEvidence, withoutCapital, type EvidenceAgainst } from './evidence-against.ts';

describe('evidence against a belief', () => {
  it('adds up as worked by hand', () => {
    // 1/2 of the capital is staked on the first promise, 1/6 more on the second.
    const one = addPromise(noEvidence, 8.2);
    expect(evidenceOf(one)).toBeCloseTo(0.5 * 8.2 + 0.5, 12);
    expect(evidenceOf(addPromise(one, 8.2))).toBeCloseTo((4.1 + 1 / 6) * 8.2 + 1 / 3, 12);
  });

  it('is expected to be no more after a promise than before, whatever came before (supermartingale)', () => {
    const before = fc.record({ promises: fc.nat(1_000), capital: fc.double({ min: 0, max: 100, noNaN: true }) });
    const bet = fc.record({
      chance: fc.double({ min: 0.01, max: 1, noNaN: true }),
      stake: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(before, bet, (evidence, { chance, stake }) => {
        const after = (factor: number): number => evidenceOf(addPromise(evidence, factor));
        const mean = chance * after(1 - stake + stake / chance) + (1 - chance) * after(1 - stake);
        expect(mean).toBeLessThanOrEqual(evidenceOf(evidence) * (1 + 1e-9));
      }),
    );
  });

  it('ever reaches 20 in at most 5% of 2,000 series of 300 promises that are broken as often as is allowed', () => {
    const random = seededRandom(7);
    let reached = 0;
    for (let series = 0; series < 2_000; series += 1) {
      let evidence: EvidenceAgainst = noEvidence;
      for (let at = 0; at < 300; at += 1) {
        evidence = addPromise(evidence, random.nextShare() < 0.1 ? 8.2 : 0.2);
        if (evidenceOf(evidence) < 20) continue;
        reached += 1;
        break;
      }
    }
    expect(reached).toBeLessThanOrEqual(100);
  });

  it('finds a fault that begins late within a few promises', () => {
    let evidence: EvidenceAgainst = noEvidence;
    for (let at = 0; at < 100; at += 1) evidence = addPromise(evidence, 0.2);
    let broken = 0;
    while (evidenceOf(evidence) < 20) [evidence, broken] = [addPromise(evidence, 8.2), broken + 1];
    expect(broken).toBeLessThanOrEqual(6);
    expect(evidenceOf(withoutCapital(evidence))).toBeLessThan(0.02);
  });
});
