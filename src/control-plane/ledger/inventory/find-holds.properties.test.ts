import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deriveLedgerRows } from '../../../core/cost/ledger/derive-rows.ts';
import type { DeviceLayout, LedgerFact } from '../../../core/cost/ledger/fact.ts';
import { isNotice } from '../../../core/cost/ledger/row.ts';
import {
  appeared,
  began,
  changed,
  hour,
  hour0,
  minute,
  worked,
} from '../../../testing/builders/cost/ledger-builders.ts';
import { StandingFacts } from '../record/standing-facts.ts';
import { findHolds } from './find-holds.ts';

const node = 'node-1';
const cores = 2;
const sharing = fc.constantFrom('mps' as const, 'time-slicing' as const);
const layout: fc.Arbitrary<DeviceLayout> = fc.oneof(
  fc.constant({ kind: 'whole' } as const),
  fc.record({ kind: fc.constant('shared' as const), sharing, shares: fc.integer({ min: 1, max: 5 }) }),
  // Instances that the board has, that no table has, and none at all.
  fc.subarray([1, 2, 3]).map((starts) => ({
    kind: 'mig' as const,
    instances: starts.map((start) => ({ slot: `MIG-${start}`, profile: '1g.5gb', start })),
  })),
  fc.constant({ kind: 'mig', instances: [{ slot: 'MIG-x', profile: 'unknown', start: -1 }] } as const),
);
const replica = fc.record({
  asked: fc.integer({ min: 0, max: 4 }),
  begins: fc.integer({ min: 0, max: 60 }),
  lasts: fc.integer({ min: 1, max: 60 }),
  /** The whole device that is told of it, by its place in the list; null where nobody tells. */
  told: fc.option(fc.nat(3)),
});

test('whatever a machine has and is asked for: who answered has a row, sums are the inventory, and no fact is wrong', () => {
  fc.assert(
    fc.property(
      fc.array(layout, { maxLength: 4 }),
      fc.array(replica, { minLength: 1, maxLength: 8 }),
      (layouts, drawn) => {
        const standing = new StandingFacts();
        const facts: LedgerFact[] = [];
        const say = (fact: LedgerFact): void => {
          standing.apply(fact);
          facts.push(fact);
        };
        layouts.forEach((each, index) => {
          say(appeared(0, `gpu-${index}`, each));
        });
        say(appeared(0, `${node}/cores`, { kind: 'cores', cores }));
        for (const [index, { asked, begins, lasts, told }] of drawn.toSorted((a, b) => a.begins - b.begins).entries()) {
          const uuid = told !== null && layouts[told]?.kind === 'whole' ? `gpu-${told}` : null;
          const device = { name: null, uuid, product: null, mig: null, share: null, memoryBytes: null };
          const devices = { toldBy: 'kubelet', devices: uuid === null ? null : [device], unknown: null } as const;
          const found = findHolds(standing, { node, devices }, { devices: asked });
          if ('missing' in found) throw new Error(`${found.missing}: a replica on a known node holds something`);
          const [from, to] = [begins * minute, (begins + lasts) * minute];
          say(began(from, `r${index}`, found.holds, `s${index}`));
          facts.push(changed(from, `r${index}`, 'ready'));
          facts.push(worked(from, to, `r${index}`, lasts, { answers: 3, tokens: 0, filledMs: null }));
          facts.push(changed(to, `r${index}`, 'ended'));
        }
        const { rows, errors } = deriveLedgerRows(facts, { fromMs: hour0, toMs: hour0 + 2 * hour });
        // A layout that no table has is named as such: it is no fault of the facts.
        expect(errors.filter((error) => !isNotice(error) && error.kind !== 'layout-unknown')).toEqual([]);
        expect(rows.filter(({ reason }) => reason === 'claimed-twice')).toEqual([]);
        for (const account of ['computeMs', 'memoryMs'] as const)
          expect(rows.reduce((sum, row) => sum + row[account], 0)).toBe((layouts.length + cores) * 2 * hour);
        drawn.forEach((_, index) => {
          const own = rows.filter(({ owner }) => owner?.service === `s${index}`);
          expect(own.reduce((sum, { answers }) => sum + answers, 0)).toBe(3);
          expect(own.reduce((sum, { computeMs }) => sum + computeMs, 0)).toBeGreaterThan(0);
        });
      },
    ),
    { numRuns: 200 },
  );
});
