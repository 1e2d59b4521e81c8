import { describe, expect, test } from 'vitest';
import {
  appeared,
  began,
  changed,
  hour,
  hour0,
  minute,
  whole,
  worked,
} from '../../../testing/builders/cost/ledger-builders.ts';
import { readClaims } from './account/read-claims.ts';
import { assertClaimsBooked, assertConserved, supplyOf } from './conservation.ts';
import { derivePlacedRows } from './derive-rows.ts';
import { readInventory } from './devices/read-inventory.ts';
import { placeFacts } from './record/place-facts.ts';

const window = { fromMs: hour0, toMs: hour0 + 2 * hour };
const { placed } = placeFacts([
  appeared(0, 'gpu-0'),
  appeared(0, 'gpu-1'),
  began(10 * minute, 'r1', whole('gpu-0')),
  changed(15 * minute, 'r1', 'ready'),
  worked(15 * minute, 90 * minute, 'r1', 12 * minute),
  changed(90 * minute, 'r1', 'ended'),
]);
const { rows } = derivePlacedRows(placed, window);
const { spans } = readInventory(placed, window.toMs);
const { claims } = readClaims(placed, window.toMs);
const supply = supplyOf(spans, window);

describe('assertConserved', () => {
  test('the supply is wall clock times devices', () => {
    expect([...supply.values()]).toEqual([
      { pool: 'gpus', hourMs: hour0, deviceMs: 2 * hour },
      { pool: 'gpus', hourMs: hour0 + hour, deviceMs: 2 * hour },
    ]);
    expect(() => assertConserved(rows, supply)).not.toThrow();
  });

  test.each(rows.map((row, index) => [`${row.state} of ${row.device}`, index]))(
    'sees that %s (row %d) is lost',
    (_, index) => {
      expect(() => assertConserved(rows.toSpliced(index, 1), supply)).toThrow(/device-milliseconds exist/);
    },
  );

  test.each(rows.map((row, index) => [`${row.state} of ${row.device}`, index]))(
    'sees that %s (row %d) is there twice',
    (_, index) => {
      expect(() => assertConserved([...rows, ...rows.slice(index, index + 1)], supply)).toThrow(/are booked/);
    },
  );

  test('sees one millisecond, in either account', () => {
    const [first, ...others] = rows;
    if (first === undefined) throw new Error('no rows');
    const short = (over: object) => [{ ...first, ...over }, ...others];
    expect(() => assertConserved(short({ computeMs: first.computeMs - 1 }), supply)).toThrow();
    expect(() => assertConserved(short({ memoryMs: first.memoryMs + 1 }), supply)).toThrow();
  });

  test('sees rows of a pool without devices', () => {
    const strange = rows.slice(0, 1).map((row) => ({ ...row, pool: 'nowhere' }));
    expect(() => assertConserved([...rows, ...strange], supply)).toThrow('pool nowhere');
  });
});

describe('assertClaimsBooked', () => {
  const held = new Map([['r1', 80 * minute]]);

  test('takes what the claim itself says', () => {
    expect(assertClaimsBooked(claims, spans, held, window)).toEqual([]);
  });

  test.each([
    ['a claim that was not booked', new Map<string, number>()],
    ['a claim that was booked for too short', new Map([['r1', 80 * minute - 1]])],
    ['a claim that was booked twice', new Map([['r1', 160 * minute]])],
  ])('sees %s, which the sum over devices would not', (_, claimed) => {
    expect(() => assertClaimsBooked(claims, spans, claimed, window)).toThrow('claim r1 held 4800000');
  });
});
