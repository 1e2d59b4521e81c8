import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  appeared,
  began,
  changed,
  factAt,
  hour,
  hour0,
  minute,
} from '../../../testing/builders/cost/ledger-builders.ts';
import { correctLedgerRows } from './correct-rows.ts';
import { deriveLedgerRows, derivePlacedRows } from './derive-rows.ts';
import type { LedgerFact } from './fact.ts';
import { mergeRows } from './merge-rows.ts';
import { placeFacts } from './record/place-facts.ts';
import { selectFacts } from './record/select-facts.ts';

const minutes = 120;
const window = { fromMs: hour0, toMs: hour0 + 2 * hour };
const at = fc.nat(minutes);
const slotNames = ['0', '1', '2'] as const;

interface PlayedClaim {
  readonly slot: number;
  readonly times: readonly number[];
  readonly isOwned: boolean;
}
interface Played {
  readonly claims: readonly PlayedClaim[];
  readonly gaps: readonly (readonly [number, number])[];
  readonly kept: readonly (readonly [slot: number, from: number, to: number])[];
  readonly there: readonly [number, number];
}

const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);
const pair = fc.tuple(at, at).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const played: fc.Arbitrary<Played> = fc.record({
  claims: fc.array(
    fc.record({
      slot: fc.nat(2),
      times: fc.tuple(at, at, at, at).map(sorted),
      isOwned: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
  gaps: fc.array(pair, { maxLength: 3 }),
  kept: fc.array(
    fc.tuple(fc.nat(2), pair).map(([slot, [from, to]]) => [slot, from, to] as const),
    { maxLength: 3 },
  ),
  there: pair,
});

/** The state of one slot in one minute, looked up again for each minute from what was played. */
function lookUp({ claims, gaps, kept }: Played, slot: number, time: number): string {
  const holding = claims.filter(
    (each) => each.slot === slot && (each.times[0] ?? 0) <= time && time < (each.times[3] ?? 0),
  );
  const inGap = gaps.some(([from, to]) => from <= time && time < to);
  if (holding.length > 1) return 'unattributable claimed-twice';
  const [one] = holding;
  if (one !== undefined && !one.isOwned) return 'unattributable no-owner';
  if (inGap) return 'unattributable node-gone';
  if (one !== undefined) {
    if (time >= (one.times[2] ?? 0)) return 'draining';
    // No account is played: ready time is not reported.
    return time >= (one.times[1] ?? 0) ? 'unattributable work-not-reported' : 'loading';
  }
  return kept.some(([of, from, to]) => of === slot && from <= time && time < to) ? 'reserved' : 'unallocated';
}

function factsOf({ claims, gaps, kept, there }: Played): readonly LedgerFact[] {
  const device = 'gpu-0';
  return [
    appeared(there[0] * minute, device, { kind: 'shared', sharing: 'mps', shares: 3 }),
    factAt(there[1] * minute, { kind: 'device-gone', device, pool: 'gpus' }),
    ...claims.flatMap(({ slot, times, isOwned }, index) => {
      const [from = 0, ready = 0, drain = 0, end = 0] = times;
      const claim = `r${index}`;
      const begin = began(from * minute, claim, [{ device, slot: slotNames[slot] ?? '' }]);
      return [
        isOwned ? begin : ({ ...begin, owner: null } as LedgerFact),
        changed(ready * minute, claim, 'ready'),
        changed(drain * minute, claim, 'draining'),
        changed(end * minute, claim, 'ended'),
      ];
    }),
    ...gaps.flatMap(([from, to], index) => [
      factAt(from * minute, { kind: 'gap-began', gap: `g${index}`, cause: 'node-gone', scope: { of: 'all' } }),
      factAt(to * minute, { kind: 'gap-ended', gap: `g${index}` }),
    ]),
    ...kept.flatMap(([slot, from, to], index) => [
      factAt(from * minute, {
        kind: 'reservation-began',
        reservation: `k${index}`,
        holds: [{ device, slot: slotNames[slot] ?? '' }],
        owner: null,
      }),
      factAt(to * minute, { kind: 'reservation-ended', reservation: `k${index}` }),
    ]),
  ];
}

test('every state has the minutes that a look at each minute of each share finds', () => {
  fc.assert(
    fc.property(played, (play) => {
      const expected = new Map<string, number>();
      for (let time = play.there[0]; time < play.there[1]; time += 1) {
        for (const slot of [0, 1, 2]) {
          const state = lookUp(play, slot, time);
          expected.set(state, (expected.get(state) ?? 0) + 1);
        }
      }
      const found = new Map<string, number>();
      for (const { state, reason, computeMs } of deriveLedgerRows(factsOf(play), window).rows) {
        const key = reason === null ? state : `${state} ${reason}`;
        found.set(key, (found.get(key) ?? 0) + (3 * computeMs) / minute);
      }
      for (const key of new Set([...expected.keys(), ...found.keys()])) {
        // Shares of a third of a minute are rounded to milliseconds: at most one for each row.
        expect(found.get(key) ?? 0, key).toBeCloseTo(expected.get(key) ?? 0, 1);
      }
    }),
    { numRuns: 300 },
  );
});

test('late facts correct a ledger to the digit, and a second look corrects nothing', () => {
  fc.assert(
    fc.property(played, fc.infiniteStream(fc.boolean()), (play, isLate) => {
      const facts = factsOf(play);
      const inTime = facts.filter(() => isLate.next().value !== true);
      const [recorded, recomputed] = [deriveLedgerRows(inTime, window), deriveLedgerRows(facts, window)];
      const correction = correctLedgerRows(recorded, recomputed);
      const corrected = [...recorded.rows, ...correction.rows];
      expect(mergeRows(corrected)).toEqual(recomputed.rows);
      const errors = [...recorded.errors, ...correction.newErrors].filter(
        (error) => !correction.withdrawnErrors.some((each) => JSON.stringify(each) === JSON.stringify(error)),
      );
      const again = correctLedgerRows({ rows: corrected, errors }, recomputed);
      expect(again).toEqual({ rows: [], newErrors: [], withdrawnErrors: [] });
    }),
    { numRuns: 100 },
  );
});

test('the facts that are selected for an hour give its rows, and each hour alone those of both together', () => {
  fc.assert(
    fc.property(played, (play) => {
      const { placed } = placeFacts(factsOf(play));
      const hours = [hour0, hour0 + hour].map((fromMs) => ({ fromMs, toMs: fromMs + hour }));
      const alone = hours.map((each) => derivePlacedRows(selectFacts(placed, each), each).rows);
      expect(alone).toEqual(hours.map((each) => derivePlacedRows(placed, each).rows));
      expect(alone.flat()).toEqual(derivePlacedRows(placed, window).rows);
    }),
    { numRuns: 200 },
  );
});
