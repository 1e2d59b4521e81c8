/**
 * Facts that `npm start -- --once` of commit e26eff67 recorded, from before the use of processes was (decision 190), and the rows
 * that the code of that commit made of them.
 */
import { expect, it } from 'vitest';
import { deriveLedgerRows } from './derive-rows.ts';
import type { LedgerFact } from './fact.ts';
import recorded from './fixtures/recorded-before-use.json' with { type: 'json' };

it('are charged as they were when they were recorded', () => {
  const facts = recorded.facts as readonly LedgerFact[];
  expect(facts.map(({ kind }) => kind)).not.toContain('use-measured');
  expect(deriveLedgerRows(facts, recorded.window)).toEqual(recorded.derived);
});
