import { describe, expect, test } from 'vitest';
import { derivePlacedRows } from '../../src/core/cost/ledger/derive-rows.ts';
import { placeFacts } from '../../src/core/cost/ledger/record/place-facts.ts';
import { selectFacts } from '../../src/core/cost/ledger/record/select-facts.ts';
import { compareTruth } from './compare-truth.ts';
import { injectFaults } from './inject-faults.ts';
import { worldBeginMs } from './world/recorder.ts';
import { simulateFleet } from './world/simulate-fleet.ts';

const hours = 60;
const hourMs = 3_600_000;
const window = { fromMs: worldBeginMs, toMs: worldBeginMs + hours * hourMs };
const fleet = simulateFleet(7, hours);
const { placed } = placeFacts(fleet.facts);
const { rows } = derivePlacedRows(placed, window);

describe('the ledger of a simulated fleet', () => {
  test('loses no millisecond, and is of the state and owner that the fleet was', () => {
    const { conservationErrorMs, wrongMs, deviceMs } = compareTruth(rows, fleet.truth, placed, window.toMs);
    expect(conservationErrorMs).toBe(0);
    // Reports are open at the end of a run, which is much of so short a one; 10,000 hours are at most 0.1%.
    expect(wrongMs / deviceMs).toBeLessThan(0.003);
  });

  test('the comparison sees a minute in another state', () => {
    const at = rows.findIndex(({ state, computeMs }) => state === 'idle' && computeMs > 60_000);
    const moved = rows.map((row, index) => (index === at ? { ...row, state: 'loading' as const } : row));
    const before = compareTruth(rows, fleet.truth, placed, window.toMs);
    const after = compareTruth(moved, fleet.truth, placed, window.toMs);
    expect(after.conservationErrorMs).toBe(0);
    expect(after.wrongMs - before.wrongMs).toBeGreaterThan(50_000);
  });

  test('hours that are derived alone, from the facts selected for them, are the same', () => {
    for (let fromMs = window.fromMs; fromMs < window.toMs; fromMs += 12 * hourMs) {
      const some = { fromMs, toMs: fromMs + 12 * hourMs };
      const own = rows.filter((row) => row.hourMs >= some.fromMs && row.hourMs < some.toMs);
      expect(derivePlacedRows(selectFacts(placed, some), some).rows).toEqual(own);
    }
  });

  test('claims that are lost or doubled on purpose are named', () => {
    const { lost, lostSeen, twice, twiceSeen } = injectFaults(fleet.facts, window, 3);
    expect([lostSeen, twiceSeen]).toEqual([lost, twice]);
    expect(lost).toBeGreaterThan(10);
    expect(twice).toBeGreaterThan(5);
  });
});
