import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hour, hour0, owner } from '../../../../testing/builders/cost/ledger-builders.ts';
import type { LedgerRow } from '../row.ts';
import { ledgerStates } from '../state.ts';
import { summariseLedger } from './summarise.ts';

const row = (over: Partial<LedgerRow> = {}): LedgerRow => ({
  hourMs: hour0,
  pool: 'gpus',
  device: 'gpu-0',
  deviceClass: 'h100',
  unit: 'accelerator',
  state: 'serving',
  owner: owner('ranker'),
  claim: 'r1',
  purpose: 'answers',
  cause: null,
  reason: null,
  grade: 'measured-engine',
  computeMs: 1_000,
  memoryMs: 1_000,
  filledMs: 400,
  unratedMs: 0,
  answers: 50,
  tokens: 2_000,
  ...over,
});
const charged = (effectiveMicros: number | null, over: Partial<LedgerRow> = {}) => ({
  row: row(over),
  effectiveMicros,
});
const plain = { filledMs: 0, answers: 0, tokens: 0 };

describe('summariseLedger', () => {
  test('groups with time by state, unit costs and utilization by filled time', () => {
    const [ranker, search, nobody] = summariseLedger(
      [
        charged(600_000),
        charged(400_000, { ...plain, state: 'idle' }),
        charged(200_000, { owner: owner('search'), filledMs: 900 }),
        charged(100_000, { ...plain, owner: null, state: 'unallocated' }),
      ],
      ['service'],
    );
    expect(ranker).toMatchObject({
      group: { service: 'ranker' },
      computeMs: 2_000,
      micros: 1_000_000,
      utilizationShare: 0.2,
      // 1.00 for 50 answers and 2,000 tokens.
      microsPerThousandAnswers: 20_000_000,
      microsPerMillionTokens: 500_000_000,
    });
    expect(ranker?.stateMs).toMatchObject({ serving: 1_000, idle: 1_000, loading: 0 });
    expect(search).toMatchObject({ group: { service: 'search' }, utilizationShare: 0.9 });
    expect(nobody).toMatchObject({ group: { service: null }, utilizationShare: null, microsPerThousandAnswers: null });
  });

  test('what has no price is time without money, and no unit cost', () => {
    const [part] = summariseLedger([charged(500), charged(null)], []);
    expect(part).toMatchObject({ micros: 500, unpricedMs: 1_000, microsPerThousandAnswers: null });
    expect(summariseLedger([charged(null)], [])[0]).toMatchObject({ micros: null, unpricedMs: 1_000 });
  });

  test('serving without a measured capacity is neither filled nor slack', () => {
    expect(summariseLedger([charged(1, { filledMs: 0, unratedMs: 1_000 })], [])[0]?.utilizationShare).toBeNull();
    const [half] = summariseLedger([charged(1, { filledMs: 0, unratedMs: 1_000 }), charged(1)], []);
    expect(half?.utilizationShare).toBe(0.4);
  });

  test('no rows: no groups', () => {
    expect(summariseLedger([], ['service'])).toEqual([]);
    expect(summariseLedger([], [])).toEqual([]);
  });

  test('a release is told apart by its service', () => {
    const groups = summariseLedger([charged(1), charged(1, { owner: owner('search') })], ['release']);
    expect(groups.map(({ group }) => group.release)).toEqual(['ranker/prod/7', 'search/prod/7']);
  });

  test('hours and days are told in UTC, in the order of time, and the most expensive first within each', () => {
    const charges = [
      charged(900, { hourMs: hour0 + 25 * hour, state: 'idle' }),
      charged(1, { hourMs: hour0 + 23 * hour, state: 'idle' }),
      charged(100, { hourMs: hour0 }),
      charged(2, { hourMs: hour0 + 23 * hour }),
    ];
    const told = (by: Parameters<typeof summariseLedger>[1]): readonly string[] =>
      summariseLedger(charges, by).map(({ group, micros }) => `${Object.values(group).join(' ')} ${micros}`);
    expect(told(['hour'])).toEqual(['2026-01-01T00:00:00Z 100', '2026-01-01T23:00:00Z 3', '2026-01-02T01:00:00Z 900']);
    expect(told(['day', 'state'])).toEqual(['2026-01-01 serving 102', '2026-01-01 idle 1', '2026-01-02 idle 900']);
    expect(told(['state', 'day'])).toEqual(['serving 2026-01-01 102', 'idle 2026-01-01 1', 'idle 2026-01-02 900']);
  });

  test('sums are those of adding up the rows of each group one by one', () => {
    const anyRow = fc
      .record({
        service: fc.constantFrom('a', 'b', 'c', null),
        pool: fc.constantFrom('p', 'q'),
        state: fc.constantFrom(...ledgerStates),
        computeMs: fc.integer({ min: -1_000, max: 3_600_000 }),
        answers: fc.nat(1_000),
        micros: fc.option(fc.nat(1_000_000)),
      })
      .map(({ service, micros, ...over }) =>
        charged(micros, { ...over, owner: service === null ? null : owner(service) }),
      );
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 40 }), (charges) => {
        const groups = summariseLedger(charges, ['service', 'pool', 'state']);
        const expected = Map.groupBy(charges, ({ row: { owner: of, pool, state } }) =>
          JSON.stringify([of?.service ?? null, pool, state]),
        );
        expect(groups).toHaveLength(expected.size);
        for (const { group, computeMs, answers, micros, stateMs } of groups) {
          const own = expected.get(JSON.stringify([group.service, group.pool, group.state])) ?? [];
          const total = own.reduce((sum, { row: { computeMs: ms } }) => sum + ms, 0);
          expect(computeMs).toBe(total);
          expect(stateMs[own[0]?.row.state ?? 'idle']).toBe(total);
          expect(answers).toBe(own.reduce((sum, { row: { answers: many } }) => sum + many, 0));
          const prices = own.flatMap(({ effectiveMicros }) => effectiveMicros ?? []);
          expect(micros).toBe(prices.length === 0 ? null : prices.reduce((sum, price) => sum + price, 0));
        }
      }),
    );
  });
});
